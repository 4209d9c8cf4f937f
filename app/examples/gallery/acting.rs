//! Sessions, grants, consents and their policies.

use app::console::chosen::{Chosen, ChosenFrom, ChosenPage, Deed};
use app::console::clients::consents::{ClientConsent, ClientConsentsPage, ConsentWithdrawalPage, Whose};
use app::console::clients::logout::{About, ClientLogoutPage, LogoutMessage, MessageState};
use app::console::consents::check::{ConsentCheckPage, Found, Verdict};
use app::console::consents::policies::{ConsentPoliciesPage, PolicyRow, UnsavedPolicy};
use app::console::grants::{GrantListPage, GrantRevocationPage, GrantRow, GrantsOf, Revoking};
use app::console::listed::{Place, Walked};
use app::console::sessions::{Ending, SessionEndingPage, SessionListPage, SessionRow, SessionsOf};
use app::console::users::consents::{ScopeToTake, UserConsentWithdrawalPage};
use app::console::{Again, Console};
use oauth::authorize::{AskedBecause, Consented};
use oauth::client::{Client, ClientPolicy, ConsentPolicy};
use oauth::count::Count;
use oauth::details::DetailInWords;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::listing::{GrantColumn, PolicyColumn, SessionColumn, Sorting};

use crate::history::their_change;
use crate::sample::{LONG, NOW, ago, alice, arabic, billing, demo, disabled, job, long, told};

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    [sessions(console), grants(console), consents(console), logouts(console), policies(console), checks(console)]
        .concat()
}

fn sessions(console: &Console) -> Vec<(&'static str, String)> {
    let everybody = || SessionsOf::Everybody(String::new());
    let of_alice = || SessionsOf::User(Box::new(alice()));
    let page = |of, rows| SessionListPage {
        of,
        rows,
        walked: walked(25),
        order: SessionColumn::USUAL,
        unread: Vec::new(),
        now: NOW,
    };
    let many = (0..25).map(|number| session(number % 5)).collect();
    let ending = |of, ending| SessionEndingPage { of, ending, now: NOW }.render(console);
    vec![
        ("sessions", page(everybody(), (0..5).map(session).collect()).render(console)),
        ("sessions-many", {
            let place = Place { is_lost: true, ..walked(60).place };
            SessionListPage { walked: Walked { place, ..walked(60) }, ..page(everybody(), many) }.render(console)
        }),
        ("sessions-empty", page(everybody(), Vec::new()).render(console)),
        ("user-sessions", page(of_alice(), vec![session(0)]).render(console)),
        ("user-sessions-empty", page(of_alice(), Vec::new()).render(console)),
        ("session-ending", ending(of_alice(), Ending::These((0..4).map(session).collect()))),
        ("session-ending-all", ending(everybody(), Ending::All(Count::new(10_001)))),
    ]
}

fn session(number: i64) -> SessionRow {
    let clients = [billing(), demo(), long(), arabic(), job(), disabled()];
    let agents = [
        Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        Some(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
        ),
        None,
        Some("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0"),
        Some("curl/8.5.0"),
    ];
    let index = usize::try_from(number).unwrap_or_default();
    SessionRow {
        sid: format!("session-{number}"),
        user: alice().subject.into_string(),
        username: if number == 3 { "carol.with.a.very.long.user.name.indeed@department.example.com" } else { "alice" }
            .to_owned(),
        user_agent: agents.get(index).copied().flatten().map(str::to_owned),
        address: (number != 2)
            .then(|| if number == 1 { "2001:db8:85a3::8a2e:370:7334" } else { "203.0.113.7" }.to_owned()),
        started_at: ago(90_000 * (number + 1)),
        seen_at: ago(400 * number * number),
        amr: vec!["pwd".to_owned()],
        clients: clients.into_iter().take(index * 2).map(|it| (it.client_id.into_string(), it.client_name)).collect(),
    }
}

fn grants(console: &Console) -> Vec<(&'static str, String)> {
    let of_user = || GrantsOf::User(Box::new(alice()));
    let of_client = || GrantsOf::Client(Box::new(billing()));
    let page = |of, rows| GrantListPage {
        of,
        by: String::new(),
        rows,
        walked: walked(25),
        order: GrantColumn::USUAL,
        unread: Vec::new(),
        now: NOW,
    };
    let revoking =
        |of, by: &str, revoking| GrantRevocationPage { of, by: by.to_owned(), revoking, now: NOW }.render(console);
    let many = (0..25).map(|number| grant(number % 4)).collect();
    vec![
        ("user-grants", page(of_user(), (0..4).map(grant).collect()).render(console)),
        ("user-grants-empty", page(of_user(), Vec::new()).render(console)),
        ("client-grants", page(of_client(), (0..4).map(grant).collect()).render(console)),
        (
            "client-grants-one",
            GrantListPage { by: "alice".to_owned(), ..page(of_client(), vec![grant(0)]) }.render(console),
        ),
        ("client-grants-many", GrantListPage { walked: walked(60), ..page(of_client(), many) }.render(console)),
        (
            "client-grants-none",
            GrantListPage { by: "nobody".to_owned(), ..page(of_client(), Vec::new()) }.render(console),
        ),
        ("grant-revocation", revoking(of_user(), "", Revoking::These((0..4).map(grant).collect()))),
        ("grant-revocation-all", revoking(of_client(), "alice", Revoking::All(Count::new(1)))),
    ]
}

fn grant(number: i64) -> GrantRow {
    let client = match number {
        0 => billing(),
        1 => demo(),
        2 => long(),
        _ => job(),
    };
    GrantRow {
        id: format!("grant-{number}"),
        client_id: client.client_id.into_string(),
        client_name: client.client_name,
        user: (number < 3).then(|| (alice().subject.into_string(), "alice".to_owned())),
        scope: if number == 2 {
            "openid profile email address phone offline_access notes:read notes:write"
        } else {
            "openid email"
        }
        .to_owned(),
        resources: if number == 2 { vec!["Notes".to_owned(), LONG.to_owned()] } else { Vec::new() },
        created_at: ago(90_000 * (number + 1)),
        used_at: ago(500 * number),
        ends_at: NOW.plus(86_400 * (number + 1)),
        in_session: number == 0,
        refresh_tokens: u64::from(number < 2),
        access_tokens: u64::try_from(number).unwrap_or_default() % 3,
    }
}

fn payment() -> DetailInWords {
    let fields = [("Amount", "120.50 EUR"), ("To", "Ada's Bakery")];
    DetailInWords {
        sentence: "Make one payment".to_owned(),
        fields: fields.map(|(label, value)| (label.to_owned(), vec![value.to_owned()])).to_vec(),
    }
}

fn consents(console: &Console) -> Vec<(&'static str, String)> {
    let consent = |number: i64| ClientConsent {
        user: alice().subject.into_string(),
        username: if number == 1 { "carol.with.a.very.long.user.name.indeed@department.example.com" } else { "alice" }
            .to_owned(),
        scopes: [("openid", "Know who you are"), ("email", "Your email address")]
            .map(|(name, words)| (name.to_owned(), words.to_owned()))
            .to_vec(),
        details: if number == 1 { vec![payment()] } else { Vec::new() },
        granted_at: ago(80_000 * number),
    };
    let page = |rows, total| ClientConsentsPage {
        client: billing(),
        rows,
        walked: walked(total),
        unread: Vec::new(),
        now: NOW,
    };
    let whose = |whose| ConsentWithdrawalPage { client: billing(), whose }.render(console);
    vec![
        ("client-consents", page(vec![consent(0)], 1).render(console)),
        ("client-consents-many", page((0..25).map(|it| consent(it % 3)).collect(), 60).render(console)),
        ("client-consents-empty", page(Vec::new(), 0).render(console)),
        (
            "user-consent-withdrawal",
            UserConsentWithdrawalPage {
                user: alice(),
                client_id: "billing-prod".to_owned(),
                client_name: billing().client_name,
                scope: None,
            }
            .render(console),
        ),
        (
            "user-scope-take-back",
            UserConsentWithdrawalPage {
                user: alice(),
                client_id: "billing-prod".to_owned(),
                client_name: billing().client_name,
                scope: Some(ScopeToTake {
                    name: "email".to_owned(),
                    in_words: "Your email address".to_owned(),
                    resource: None,
                }),
            }
            .render(console),
        ),
        ("consent-withdrawal", whose(Whose::User(alice().subject.into_string(), "alice".to_owned()))),
        ("consent-withdrawal-all", whose(Whose::All(Count::new(1_204)))),
    ]
}

fn logouts(console: &Console) -> Vec<(&'static str, String)> {
    let message = |number: i64| {
        let user = |name: &str| About::User(alice().subject.into_string(), Some(name.to_owned()));
        let (about, state, answer) = match number {
            0 => (About::Test, MessageState::Done, Some("the answer was 200")),
            1 => (user("alice"), MessageState::Waiting(NOW.plus(200)), Some("there was no whole answer within 5 s")),
            2 => (
                user("carol.with.a.very.long.user.name.indeed@department.example.com"),
                MessageState::GivenUp,
                Some(
                    "the address 10.0.0.5 of intern.example is not public; ALLOWED_FETCH_HOSTS may name intern.example",
                ),
            ),
            3 => (About::User(alice().subject.into_string(), None), MessageState::Done, Some("the answer was 204")),
            _ => (user("alice"), MessageState::Waiting(NOW), None),
        };
        LogoutMessage {
            sid: format!("s-{number}"),
            about,
            ended_at: ago(3_000 * number),
            attempts: number,
            tried_at: (number < 4).then(|| ago(60 * number)),
            answer: answer.map(str::to_owned),
            state,
        }
    };
    let page =
        |client, rows, total| ClientLogoutPage { client, rows, walked: walked(total), unread: Vec::new(), now: NOW };
    let many = (0..25).map(|number| message(number % 5)).collect();
    vec![
        ("client-logout", page(told(), vec![message(1)], 1).render(console)),
        ("client-logout-many", page(told(), many, 60).render(console)),
        ("client-logout-empty", page(billing(), Vec::new(), 0).render(console)),
    ]
}

/// The second part of a list of so many rows, or all of it.
pub(crate) fn walked(total: u64) -> Walked {
    let is_part = total > 25;
    let to = |place: &str| is_part.then(|| place.to_owned());
    let place = Place { page: 1 + u64::from(is_part), previous: to("x"), next: to("y"), is_lost: false };
    Walked { place, total: Count::new(total), per_page: 25 }
}

fn policies(console: &Console) -> Vec<(&'static str, String)> {
    let row = |(number, mut client): (u64, oauth::client::Client)| {
        let own = [None, Some(ConsentPolicy::Always), Some(ConsentPolicy::Skip)];
        let consent_policy = own.get(usize::try_from(number % 3).unwrap_or_default()).copied().flatten();
        client.policy = ClientPolicy { consent_policy, ..client.policy };
        PolicyRow { client, version: 3, consents: Count::new(number * number * 3_000) }
    };
    let clients = || (0_u64..).zip([billing(), demo(), job(), disabled(), long(), arabic()]);
    let page = |rows: Vec<PolicyRow>, unsaved: Vec<UnsavedPolicy>| ConsentPoliciesPage {
        total: Count::new(rows.len() as u64),
        rows,
        q: String::new(),
        sorting: Sorting { by: PolicyColumn::Consents, descending: true },
        page: 1,
        per_page: 25,
        unread: Vec::new(),
        are_others_saved: !unsaved.is_empty(),
        unsaved,
    };
    let unsaved = |again, errors| {
        let consent_policy = "always".to_owned();
        let client_id = billing().client_id.into_string();
        vec![UnsavedPolicy { client_id, consent_policy, again, their_change: their_change(Some(again)), errors }]
    };
    let wrong = FieldErrors::one("consent_policy", FieldProblem::Choice);
    vec![
        ("consents", page(clients().map(row).collect(), Vec::new()).render(console)),
        ("consents-one", page(clients().take(1).map(row).collect(), Vec::new()).render(console)),
        ("consents-empty", page(Vec::new(), Vec::new()).render(console)),
        (
            "consents-conflict",
            page(clients().map(row).collect(), unsaved(Again::Conflict, FieldErrors::default())).render(console),
        ),
        ("consents-wrong", page(clients().map(row).collect(), unsaved(Again::Refused, wrong)).render(console)),
    ]
}

fn checks(console: &Console) -> Vec<(&'static str, String)> {
    let name = |name: &str| (name.to_owned(), "/admin/ui".to_owned());
    let scope = |name: &str, words: &str, new| (name.to_owned(), words.to_owned(), new);
    let page = |verdict| ConsentCheckPage {
        client: "billing-prod".to_owned(),
        user: "alice".to_owned(),
        scope: "openid email photos".to_owned(),
        redirect_uris: billing().redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        found: Some(Found {
            client: name("Billing"),
            user: name("alice"),
            verdict,
            scopes: vec![scope("openid", "Know who you are", false), scope("email", "Your email address", true)],
            left_out: vec!["photos".to_owned()],
            resources: vec!["Notes".to_owned()],
        }),
        ..ConsentCheckPage::default()
    };
    let mut errors = FieldErrors::one("client", FieldProblem::NoClient);
    errors.note("user", FieldProblem::NoUser);
    let wrong = ConsentCheckPage {
        client: "gone".to_owned(),
        user: "nobody".to_owned(),
        errors,
        ..ConsentCheckPage::default()
    };
    let refused = Verdict::Refused("invalid_scope".to_owned(), "the client may not ask for photos".to_owned());
    vec![
        ("consent-check", ConsentCheckPage::default().render(console)),
        ("consent-check-wrong", wrong.render(console)),
        ("consent-check-asked", page(Verdict::Asked(AskedBecause::More)).render(console)),
        ("consent-check-granted", page(Verdict::Granted(Consented::Before)).render(console)),
        ("consent-check-refused", page(refused).render(console)),
    ]
}

pub(crate) fn chosen(clients: &[Client], done: Option<u64>) -> ChosenPage {
    let row =
        |client: &Client| Chosen { id: client.client_id.to_string(), name: client.client_name.clone(), version: 1 };
    let rows = clients.iter().map(row).collect();
    ChosenPage {
        from: ChosenFrom::Clients,
        deed: Deed::Delete,
        rows,
        already: 2,
        done,
        list: "sort=-used".to_owned(),
        bin_days: 30,
    }
}
