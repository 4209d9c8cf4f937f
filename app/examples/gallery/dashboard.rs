//! The dashboard of the console.

use app::console::Console;
use app::console::clients::credentials::NewSecret;
use app::console::dashboard::{Bar, DashboardPage, EndingSecret, FailingClient, FirstSteps};
use app::console::keys::KeyRow;
use app::console::verdict::Concern;
use oauth::activity::{Span, Volume};
use oauth::count::Count;
use oauth::id::ClientId;

use crate::sample::{ISSUER, LONG, NOW};

pub(crate) fn pages(console: &Console, keys: &[KeyRow]) -> Vec<(&'static str, String)> {
    let soon = |days: i64, name: &str, owner: &str| EndingSecret {
        name: name.to_owned(),
        owner: owner.to_owned(),
        href: "/admin/ui/clients/billing-prod/credentials".to_owned(),
        expires_at: NOW.plus(days * 86_400),
        is_replaced: days > 20,
    };
    let failing = |id: &str, name: Option<&str>, refusals| FailingClient {
        client_id: ClientId::new(id),
        name: name.map(str::to_owned),
        refusals,
        is_mostly: refusals > 1_000,
    };
    let reasons = [
        ("password_wrong", 1_204),
        ("invalid_client", 311),
        ("redirect_uri_unregistered", 96),
        ("invalid_grant", 57),
        ("invalid_scope", 31),
        ("login_required", 20),
        ("too_soon", 12),
        ("access_denied", 9),
        ("unsupported_response_type", 2),
        ("", 1),
    ];
    let many = DashboardPage {
        clients: Count::new(10_001),
        new_clients: Count::new(3),
        users: Count::new(10_001),
        new_users: Count::new(10_001),
        sessions: Count::new(311),
        reasons: reasons.map(|(code, number)| (code.to_owned(), number)).to_vec(),
        failing: vec![
            failing("billing-prod", Some("Billing"), 1_204),
            failing("long", Some(LONG), 96),
            failing("a-client-that-was-deleted-meanwhile-and-had-a-long-id", None, 4),
        ],
        ending: vec![soon(-2, "2025", "Billing"), soon(3, LONG, LONG), soon(19, "ci", "Nightly export")],
        admin_refusals: 41,
        concerns: vec![
            Concern::Chores,
            Concern::Record("change 4711 (019a5f8e-0000-7000-8000-000000000000) is not as it was written".to_owned()),
            Concern::NoKey("ES256"),
            Concern::Secret(soon(-2, "2025", "Billing")),
            Concern::Lost(1_024),
            Concern::Replays(1),
            Concern::Refused(failing("billing-prod", Some("Billing"), 1_204)),
            Concern::AdminGuesses(12),
            Concern::Rise { since: NOW.plus(-86_400), last_day: 1_742, most_before: 96 },
            Concern::Logouts(23),
            Concern::Pings(1),
            Concern::OldKey { alg: "RS256", since: NOW.plus(-500 * 86_400) },
            Concern::Secret(soon(3, LONG, LONG)),
        ],
        ..quiet(Span::Month, keys)
    };
    let few = vec![Concern::Secret(soon(-2, "2025", "Billing")), Concern::Logouts(3)];
    let steps = FirstSteps { client: true, user: false, sign_in: false };
    let first = DashboardPage { first_steps: Some(steps), clients: Count::new(1), ..quiet(Span::Day, keys) };
    let new_token = NewSecret::Shown("mEBnTfGk0h2wqJt7Qp4vX9cLr5sYz8uA1dN6oK3iW_E".to_owned());
    let week = DashboardPage {
        begin: NOW.plus(-86_400),
        kept_days: Some(1),
        ..busy(DashboardPage { new_clients: Count::new(1), ..many.clone() }, Span::Week)
    };
    vec![
        (
            "dashboard",
            busy(DashboardPage { users: Count::new(1_284), concerns: few, ..many.clone() }, Span::Day).render(console),
        ),
        ("dashboard-empty", first.clone().render(console)),
        ("dashboard-set-up", DashboardPage { new_token, ..first }.render(console)),
        ("dashboard-week", week.render(console)),
        ("dashboard-many", busy(many, Span::Month).render(console)),
        ("dashboard-problems", DashboardPage { volume: Volume::Problems, ..quiet(Span::Day, keys) }.render(console)),
    ]
}

fn quiet(span: Span, keys: &[KeyRow]) -> DashboardPage {
    let bars = draw(span, |_| (0, 0));
    DashboardPage {
        issuer: ISSUER.to_owned(),
        concerns: Vec::new(),
        span,
        since: span.begin(NOW),
        begin: span.begin(NOW),
        kept_days: None,
        volume: Volume::All,
        clients: Count::default(),
        new_clients: Count::default(),
        users: Count::default(),
        new_users: Count::default(),
        sessions: Count::default(),
        sign_ins: bars.clone(),
        tokens: bars.clone(),
        refusals: bars,
        admin_refusals: 0,
        reasons: Vec::new(),
        failing: Vec::new(),
        ending: Vec::new(),
        first_steps: None,
        keys: keys.to_vec(),
        new_token: NewSecret::None,
        now: NOW,
    }
}

fn busy(page: DashboardPage, span: Span) -> DashboardPage {
    DashboardPage {
        span,
        since: span.begin(NOW),
        begin: span.begin(NOW),
        sign_ins: draw(span, |n| (n * 7 % 23 * 9, n * 5 % 11)),
        tokens: draw(span, |n| (n * n % 97 * 140, n % 4)),
        refusals: draw(span, |n| (0, n * 11 % 29 * u64::from(n > 4))),
        ..page
    }
}

fn draw(span: Span, amounts: impl Fn(u64) -> (u64, u64)) -> Vec<Bar> {
    let begin = span.begin(NOW);
    let bar = |number: usize| {
        let number = number as u64;
        let (ok, refused) = amounts(number);
        Bar { at: begin.plus(number.cast_signed() * span.step()), ok, refused }
    };
    (0..span.bars()).map(bar).collect()
}
