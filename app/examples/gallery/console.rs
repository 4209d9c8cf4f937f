//! The console.

use app::console::agents::{Agent, AgentsPage, AskedHost, Upload};
use app::console::api::{Answer, ApiPage, Group, Member, Operation};
use app::console::clients::credentials::{ClientCredentialsPage, NewSecret, SecretRow};
use app::console::clients::danger::ClientDangerPage;
use app::console::clients::disable::ClientDisablingPage;
use app::console::clients::list::{ClientListPage, ClientRow};
use app::console::clients::new::NewClientPage;
use app::console::clients::overview::ClientOverviewPage;
use app::console::clients::policy::ClientPolicyPage;
use app::console::clients::quickstart::ClientQuickStartPage;
use app::console::clients::revoke::{SecretOwner, SecretRevocationPage};
use app::console::clients::settings::ClientSettingsPage;
use app::console::clients::trial::{ClientTrialPage, Trial};
use app::console::clients::wizard::Starter;
use app::console::clients::wizard::choose::ChooseStarterPage;
use app::console::clients::wizard::questions::WizardPage;
use app::console::keys::{KeyListPage, KeyRotationPage, KeyRow, KeyWithdrawalPage};
use app::console::listed::{ListPage, Place};
use app::console::not_found::NotFoundPage;
use app::console::registration::{InitialToken, RegistrationPage, TokenDeletionPage};
use app::console::replays::{ReplayRow, TokenUse};
use app::console::users::consents::UserConsentsPage;
use app::console::users::danger::UserDangerPage;
use app::console::users::linked::LinkedAccount;
use app::console::users::list::{UserListPage, UserRow};
use app::console::users::new::NewUserPage;
use app::console::users::profile::UserProfilePage;
use app::console::users::revoke::UserRevocationPage;
use app::console::users::security::UserSecurityPage;
use app::console::{Again, Console, Editing};
use oauth::certificate::HandedOn;
use oauth::client::{Client, ClientAuthMethod, ClientDraft, ClientKind, NewClientDraft, PolicyDraft, SecretDraft};
use oauth::count::Count;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::form::Form;
use oauth::jose::{EncryptionAlg, KeyState, SigningAlg};
use oauth::listing::{Filter, Limits, Listing};
use oauth::registration::{DocumentSource, HostPolicyDraft, RegistrationPolicyDraft};
use oauth::scope::core_scopes;
use oauth::user::UserDraft;

use crate::acting::chosen;
use crate::history::their_change;
use crate::sample::{
    ISSUER, LONG, NOW, ago, alice, arabic, billing, consents, demo, disabled, job, long, old, shop, signer, user,
};

pub(crate) fn pages(console: &Console, saved: &Console) -> Vec<(&'static str, String)> {
    let all = vec![demo(), billing(), job(), disabled(), long(), arabic()];
    vec![
        ("clients", clients(all.clone(), "", Count::new(24)).render(console)),
        ("clients-one", one_client().render(console)),
        ("clients-empty", clients(Vec::new(), "", Count::new(0)).render(console)),
        ("clients-none", clients(Vec::new(), "q=nothing", Count::new(0)).render(console)),
        ("clients-many", many_clients(&all).render(console)),
        ("clients-chosen", chosen(&all, None).render(console)),
        ("clients-chosen-again", chosen(&all, Some(3)).render(console)),
        ("client-wizard", ChooseStarterPage {}.render(console)),
        ("client-wizard-python", wizard(Starter::PythonWeb).render(console)),
        ("client-wizard-native", wizard(Starter::Native).render(console)),
        ("client-new", new_client(ClientDraft::preset(ClientKind::Web), FieldErrors::default()).render(console)),
        ("client-new-errors", new_client_errors().render(console)),
        ("client-created", quick_start(billing(), shown()).render(console)),
        ("client-created-machine", quick_start(job(), shown()).render(console)),
        ("client-quickstart", quick_start(billing(), NewSecret::None).render(console)),
        ("client-quickstart-again", quick_start(billing(), NewSecret::Over).render(console)),
        ("client-trial", trial(Some(ID_TOKEN)).render(console)),
        ("client-trial-without-id-token", trial(None).render(console)),
        ("client-trial-refused", refused_trial().render(console)),
        ("client-quickstart-signs", quick_start(signer(), NewSecret::None).render(console)),
        ("client", overview(demo()).render(console)),
        ("client-long", overview(long()).render(console)),
        ("client-signs", overview(signer()).render(console)),
        ("client-settings", settings(billing(), None).render(saved)),
        ("client-settings-legacy", settings(old(), None).render(console)),
        ("client-settings-conflict", settings(billing(), Some(Again::Conflict)).render(console)),
        ("client-settings-resumed", settings(billing(), Some(Again::Resumed)).render(console)),
        ("client-policy", policy(demo()).render(console)),
        ("client-machine", ClientOverviewPage { replays: Vec::new(), ..overview(job()) }.render(console)),
        ("client-machine-policy", policy(job()).render(console)),
        ("client-machine-settings", settings(job(), None).render(console)),
        ("client-credentials", credentials(billing(), NewSecret::None).render(console)),
        ("client-credentials-new", credentials(billing(), shown()).render(console)),
        ("client-credentials-again", credentials(billing(), NewSecret::Over).render(console)),
        ("client-credentials-certificate", credentials(shop(), NewSecret::None).render(console)),
        ("client-credentials-public", credentials(demo(), NewSecret::None).render(console)),
        ("client-secret-revocation", revocation().render(console)),
        ("client-danger", client_danger().render(console)),
        ("client-disabling", ClientDisablingPage { client: billing(), grants: Count::new(1_204) }.render(console)),
        ("users", users("").render(console)),
        ("users-new", users("since=1795313600").render(console)),
        ("users-one", one_user().render(console)),
        ("users-many", many_users().render(console)),
        ("users-empty", UserListPage { rows: Vec::new(), total: Count::default(), ..users("") }.render(console)),
        (
            "user-new",
            NewUserPage { editing: Editing::new(UserDraft { enabled: true, ..UserDraft::default() }) }.render(console),
        ),
        ("user", profile().render(console)),
        ("user-security", user_security().render(console)),
        ("user-revocation", user_revocation().render(console)),
        (
            "user-consents",
            UserConsentsPage { user: alice(), consents: consents(), unread: vec!["sort".to_owned()], now: NOW }
                .render(console),
        ),
        (
            "user-danger",
            UserDangerPage {
                user: alice(),
                errors: FieldErrors::one("confirm", FieldProblem::Confirmation),
                bin_days: 0,
            }
            .render(console),
        ),
        ("agents", agents().render(console)),
        ("registration", registration().render(console)),
        ("registration-token-delete", TokenDeletionPage { name: "For the build farm".into() }.render(console)),
        ("keys", KeyListPage { keys: keys(), now: NOW }.render(console)),
        ("key-rotation", rotation().render(console)),
        ("key-withdrawal", KeyWithdrawalPage { key: keys().remove(0) }.render(console)),
        ("api", api("").render(console)),
        ("api-call", api("changeUser").render(console)),
        ("api-lost", api("nothing").render(console)),
        ("not-found", NotFoundPage { request_id: "5f3a9c01d2e47b68".to_owned(), gone: None }.render(console)),
    ]
}

const ID_TOKEN: &str = "{\n  \"iss\": \"https://id.example.com\",\n  \"sub\": \"01935b6f\"\n}";

fn one_user() -> UserListPage {
    UserListPage { rows: users("").rows.split_off(3), total: Count::new(1), ..users("") }
}

fn agents() -> AgentsPage {
    let agent = |name: &str, client_id: &str, host: &str, source, grants| Agent {
        client_id: client_id.to_owned(),
        client_name: name.to_owned(),
        host: host.to_owned(),
        enabled: true,
        blocked: grants == 0,
        source,
        fetched_at: ago(3_000),
        grants,
        last_used_at: (grants > 0).then(|| ago(200)),
    };
    let claude = "https://claude.ai/oauth/mcp-oauth-client-metadata";
    let code = "https://vscode.dev/oauth/client-metadata.json";
    let policy = HostPolicyDraft { mode: "ask".to_owned(), allowed: "claude.ai".to_owned(), blocked: String::new() };
    AgentsPage {
        agents: vec![
            agent("Claude", claude, "claude.ai", DocumentSource::BuiltIn, 12),
            agent("Visual Studio Code", code, "vscode.dev", DocumentSource::Live, 3),
            agent(LONG, "https://a.example/client.json", "a.example", DocumentSource::Upload, 0),
        ],
        asked: vec![AskedHost {
            host: "opencode.ai".to_owned(),
            client_id: "https://opencode.ai/oauth/opencode/client.json".to_owned(),
            asked_at: ago(600),
        }],
        rules: Editing::of(policy, 3),
        refused: FieldErrors::default(),
        upload: Upload::default(),
        now: NOW,
    }
}

fn registration() -> RegistrationPage {
    RegistrationPage {
        policy: Editing::of(RegistrationPolicyDraft { policy: "token".to_owned() }, 3),
        endpoint: Some(format!("{ISSUER}/register")),
        tokens: vec![InitialToken { name: "build server".to_owned(), created_at: NOW }],
        new_token: NewSecret::None,
        name: Default::default(),
        now: NOW,
    }
}

pub(crate) fn keys() -> Vec<KeyRow> {
    let key = |kid: &str, alg: SigningAlg, state, days: i64| KeyRow {
        kid: kid.to_owned(),
        alg: alg.as_str(),
        decrypts: false,
        state,
        created_at: ago(days * 86_400),
        step_at: None,
    };
    vec![
        key("Kx3vQ0b9mZ1hRt5sYw8pLd2nEf7uGa4c", SigningAlg::RS256, KeyState::Active, 12),
        key("pLd2nEf7uGa4cKx3vQ0b9mZ1hRt5sYw8", SigningAlg::ES256, KeyState::Active, 40),
        key("hRt5sYw8pLd2nEf7uGa4cKx3vQ0b9mZ1", SigningAlg::EdDsa, KeyState::Active, 40),
        KeyRow {
            step_at: Some(NOW.plus(5 * 86_400)),
            ..key("n2Ef7uGa4cKx3vQ0b9mZ1hRt5sYw8pLd", SigningAlg::RS256, KeyState::Next, 2)
        },
        KeyRow {
            step_at: Some(NOW.plus(7_200)),
            ..key("Ga4cKx3vQ0b9mZ1hRt5sYw8pLd2nEf7u", SigningAlg::RS256, KeyState::Retiring, 90)
        },
        key("Yw8pLd2nEf7uGa4cKx3vQ0b9mZ1hRt5s", SigningAlg::RS256, KeyState::Retired, 400),
        KeyRow {
            step_at: Some(ago(3 * 86_400)),
            ..key("b9mZ1hRt5sYw8pLd2nEf7uGa4cKx3vQ0", SigningAlg::ES256, KeyState::Withdrawn, 80)
        },
        KeyRow {
            alg: EncryptionAlg::EcdhEs.as_str(),
            decrypts: true,
            ..key("Rt5sYw8pLd2nEf7uGa4cKx3vQ0b9mZ1h", SigningAlg::ES256, KeyState::Active, 12)
        },
    ]
}

fn clients(clients: Vec<Client>, query: &str, total: Count) -> ClientListPage {
    let rows = clients
        .into_iter()
        .zip([41_i64, 120, 30_000, 5_000_000, 200_000, 60])
        .map(|(client, seconds)| ClientRow {
            last_used_at: client.enabled.then(|| ago(seconds)),
            created_at: ago(seconds * 40),
            client,
        })
        .collect();
    ClientListPage { place: place(), total, ..list(query, rows) }
}

/// The part of a list that a query names, and which is all of it.
pub(crate) fn list<F: Filter, R>(query: &str, rows: Vec<R>) -> ListPage<F, R> {
    let (listing, unread) = Listing::read(&Form::parse(query.as_bytes()).unwrap_or_default(), Limits::PAGES, &[]);
    let total = Count::new(rows.len() as u64);
    ListPage { rows, listing, place: Place { next: None, ..place() }, total, unread, now: NOW }
}

fn place() -> Place {
    Place { page: 1, previous: None, next: Some("x.y".to_owned()), is_lost: false }
}

fn one_client() -> ClientListPage {
    ClientListPage { place: Place { next: None, ..place() }, ..clients(vec![billing()], "", Count::new(1)) }
}

fn many_clients(all: &[Client]) -> ClientListPage {
    let clients_of_page = all.iter().cycle().take(50).cloned().collect::<Vec<_>>();
    let query = "kind=spa&status=active&used=90d&policy=once&sort=-used&limit=50&q=app&page=7&knd=spa";
    let mut page = clients(all.to_vec(), query, Count::at_least(1_000, true));
    let rows = page.rows.clone();
    page.rows = clients_of_page
        .into_iter()
        .zip(rows.into_iter().cycle())
        .map(|(client, row)| ClientRow { client, ..row })
        .collect();
    page.place = Place { page: 7, previous: Some("x.y".to_owned()), is_lost: true, ..place() };
    page
}

fn many_users() -> UserListPage {
    let mut page = users("status=active&signed_in=30d&sort=email&limit=100&page=9");
    page.rows = page.rows.iter().cycle().take(100).cloned().collect();
    page.total = Count::new(1_000_000);
    page.place = Place { page: 9, previous: Some("x.y".to_owned()), ..place() };
    page
}

fn new_client(draft: ClientDraft, errors: FieldErrors) -> NewClientPage {
    NewClientPage {
        editing: refused(NewClientDraft::new(draft), errors),
        scopes: core_scopes(),
        defaults: Default::default(),
    }
}

fn new_client_errors() -> NewClientPage {
    let draft = ClientDraft {
        redirect_uris: "https://app.example.com/cb\nnonsense".to_owned(),
        ..ClientDraft::preset(ClientKind::Spa)
    };
    let errors = draft.check(None).err().unwrap_or_default();
    new_client(draft, errors)
}

pub(crate) fn shown() -> NewSecret {
    NewSecret::Shown("3dYQ4xkq0oTsm2VwJ6hRZb8NcEfLu7PaGi1KvXtC5rU".to_owned())
}

fn quick_start(client: Client, secret: NewSecret) -> ClientQuickStartPage {
    ClientQuickStartPage { issuer: ISSUER.to_owned(), client, secret, code: String::new(), now: NOW }
}

fn wizard(starter: Starter) -> WizardPage {
    WizardPage {
        starter,
        editing: Editing::new(NewClientDraft::new(starter.preset())),
        scopes: core_scopes(),
        defaults: Default::default(),
        spare_id: "4f1d".to_owned(),
        code: String::new(),
    }
}

fn trial(id_token: Option<&str>) -> ClientTrialPage {
    let scopes = ["openid", "email", "offline_access"].map(str::to_owned).to_vec();
    let id_token = id_token.and_then(|claims| serde_json::from_str(claims).ok());
    let outcome = Trial::SignedIn { scopes, expires_in: 3_600, has_refresh_token: true, id_token };
    ClientTrialPage { client: billing(), outcome }
}

fn refused_trial() -> ClientTrialPage {
    let (error, description) = ("access_denied".to_owned(), "the user declined".to_owned());
    ClientTrialPage { client: long(), outcome: Trial::Refused { error, description } }
}

fn overview(client: Client) -> ClientOverviewPage {
    ClientOverviewPage {
        issuer: ISSUER.to_owned(),
        client,
        created_at: ago(9_000_000),
        updated_at: ago(90_000),
        last_used_at: Some(ago(41)),
        secrets: 1,
        keys_fetched_at: Some(ago(1_400)),
        replays: replays(("alice", "/admin/ui/users/alice")),
        legacy_is_on: false,
        now: NOW,
    }
}

fn revocation() -> SecretRevocationPage {
    let secret = credentials(billing(), NewSecret::None).secrets.remove(0);
    let owner = SecretOwner::Client(Box::new(billing()));
    SecretRevocationPage { owner, secrets: vec![secret.clone()], secret, now: NOW }
}

fn rotation() -> KeyRotationPage {
    KeyRotationPage { alg: SigningAlg::RS256, active: keys().remove(0), next: Some(keys().remove(3)), now: NOW }
}

fn user_revocation() -> UserRevocationPage {
    let clients = [demo(), billing()].map(|client| (client.client_name, client.client_id.into_string()));
    UserRevocationPage { user: alice(), sessions: Count::new(2), grants: Count::new(5), clients: clients.to_vec() }
}

fn user_security() -> UserSecurityPage {
    let replays = replays(("demo", "/admin/ui/clients/demo"));
    let linked = vec![LinkedAccount {
        id: "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a12".to_owned(),
        trust: "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11".to_owned(),
        trust_name: "Acme".to_owned(),
        issuer: "https://idp.acme.example".to_owned(),
        there: "00u1a2b3c4d5e6f7".to_owned(),
        created_at: ago(86_400 * 12),
    }];
    UserSecurityPage { user: alice(), errors: FieldErrors::default(), linked, are_more: false, replays, now: NOW }
}

fn replays((name, page): (&str, &str)) -> Vec<ReplayRow> {
    let by = |seconds, address: &str, agent: Option<&str>| TokenUse {
        at: ago(seconds),
        address: Some(address.to_owned()),
        agent: agent.map(str::to_owned),
    };
    vec![ReplayRow {
        of: Some((name.to_owned(), page.to_owned())),
        first: by(90_000, "198.51.100.7", Some("curl/8.5.0")),
        last: by(
            86_000,
            "2001:db8::17",
            Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ),
    }]
}

/// The form again, where something is wrong with it.
fn refused<T>(draft: T, errors: FieldErrors) -> Editing<T> {
    let again = (!errors.is_empty()).then_some(Again::Refused);
    Editing { errors, again, ..Editing::new(draft) }
}

fn settings(client: Client, again: Option<Again>) -> ClientSettingsPage {
    let mut draft = ClientDraft::from(&client);
    draft.scope.push_str("\ngone");
    draft.subject_type = "pairwise".to_owned();
    draft.default_max_age = "3600".to_owned();
    let legacy_is_on = client.security_profile.is_some();
    let editing = Editing { again, their_change: their_change(again), ..Editing::of(draft, 3) };
    ClientSettingsPage { client, editing, scopes: core_scopes(), legacy_is_on, certificates: HandedOn::Verified }
}

fn policy(client: Client) -> ClientPolicyPage {
    ClientPolicyPage {
        client,
        editing: Editing::of(PolicyDraft { access_token_lifetime: "600".to_owned(), ..PolicyDraft::default() }, 3),
        scopes: core_scopes(),
    }
}

fn credentials(client: Client, new_secret: NewSecret) -> ClientCredentialsPage {
    let secret = |id: &str, name: &str, days: i64| SecretRow {
        id: id.to_owned(),
        name: name.to_owned(),
        created_at: ago(days * 86_400),
        expires_at: (days > 100).then(|| NOW.plus(if days > 300 { -86_400 } else { 6 * 86_400 })),
        last_used_at: (days < 100).then(|| ago(90)),
        last_used_by: (days < 100).then_some(ClientAuthMethod::ClientSecretPost),
    };
    ClientCredentialsPage {
        client,
        secrets: vec![secret("1", "production", 2), secret("2", LONG, 200), secret("3", "staging", 400)],
        new_secret,
        editing: Editing::new(SecretDraft::default()),
        now: NOW,
    }
}

fn client_danger() -> ClientDangerPage {
    ClientDangerPage { client: billing(), errors: FieldErrors::default(), bin_days: 30 }
}

fn users(query: &str) -> UserListPage {
    let users = [
        alice(),
        user("bob", None, Some("bob@example.com"), true),
        user(
            "carol.with.a.very.long.user.name.indeed@department.example.com",
            Some(LONG),
            Some("carol.with.a.very.long.address@department.example.com"),
            true,
        ),
        user("dave", Some("Dave"), None, false),
    ];
    let rows = users
        .into_iter()
        .zip([60_i64, 7_200, 400_000, 9_000_000])
        .map(|(user, seconds)| UserRow {
            last_sign_in_at: user.enabled.then(|| ago(seconds)),
            created_at: ago(seconds * 9),
            user,
        })
        .collect();
    list(query, rows)
}

fn profile() -> UserProfilePage {
    UserProfilePage {
        editing: Editing {
            version: Some(1),
            ..refused(UserDraft::from(&alice()), FieldErrors::one("phone_number", FieldProblem::TooLong(500)))
        },
        user: alice(),
        email_is_shared: false,
        created_at: ago(7_000_000),
        last_sign_in_at: Some(ago(60)),
        now: NOW,
    }
}

fn api(call: &str) -> ApiPage {
    let member = |name: &str, required: bool| Member {
        name: name.to_owned(),
        kind: "string".to_owned(),
        required,
        description: "What a `claim` is called.".to_owned(),
        limits: vec!["one of `this`, `that`".to_owned(), "default `this`".to_owned()],
    };
    let operation = |id: &str, method: &str, path: &str| Operation {
        id: id.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        summary: "Change a user".to_owned(),
        description: "Members that are not sent stay as they are.".to_owned(),
        parameters: vec![member("id", true)],
        body: Some(vec![member("username", true), member("policy.access_token_lifetime", false)]),
        answers: ["200", "404", "503"]
            .map(|status| Answer { status: status.to_owned(), description: "It is so".to_owned() })
            .into(),
        needs_token: true,
        command: format!("curl -sS -X {method} \"{ISSUER}{path}\" -H \"X-Admin-Token: $ADMIN_TOKEN\" -d '{{}}'"),
    };
    let users = Group {
        name: "Users".to_owned(),
        description: "People who sign in".to_owned(),
        operations: vec![
            operation("getUser", "GET", "/admin/users/{id}"),
            operation("changeUser", "PATCH", "/admin/users/{id}"),
            operation("deleteUser", "DELETE", "/admin/users/{id}"),
        ],
    };
    let shared = [("401", "No admin token, or a wrong one"), ("503", "The database does not answer")];
    let shared = shared.map(|(status, words)| Answer { status: status.to_owned(), description: words.to_owned() });
    ApiPage { document: "/admin/openapi.json", groups: vec![users], shared: shared.into(), call: call.to_owned() }
}
