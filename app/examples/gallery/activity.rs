//! Activity in the console.

use app::console::Console;
use app::console::Editing;
use app::console::activity::{About, ActivityPage, EventPage, EventRow};
use app::console::explain::{ExplainPage, Found, NothingKept};
use app::console::listed::{Place, Walked};
use app::console::settings::SettingsPage;
use app::explained::Explained;
use oauth::activity::{Event, EventFilter, EventKind, Outcome};
use oauth::client::{ClientKind, PolicyDraft};
use oauth::count::Count;
use oauth::error::{OAuthError, Problem};
use oauth::id::{ClientId, Subject};
use oauth::refusal::{Explanation, Known, Reason};
use oauth::time::Timestamp;

use crate::acting::walked;
use crate::sample::{self, LONG, NOW, ago};

/// The first part of more lines than are counted.
fn many_lines() -> Walked {
    let place = Place { page: 1, previous: None, next: Some("next".to_owned()), is_lost: false };
    Walked { place, total: Count::new(10_001), per_page: 50 }
}

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    let refused = EventFilter { outcome: Some(Outcome::Refused), ..EventFilter::default() };
    let page = |events: Vec<EventRow>, filter| ActivityPage {
        about: About::All,
        events,
        filter,
        within: String::new(),
        unread: Vec::new(),
        walked: walked(6),
        told: 1_209,
        now: NOW,
    };
    let stretch = EventFilter { since: Some(ago(7_200)), until: Some(ago(3_600)), ..EventFilter::default() };
    let many = (0..50).map(|number| EventRow { username: None, ..rows().remove(number % 6) }).collect();
    let one = rows().remove(1);
    vec![
        ("activity", ActivityPage { walked: many_lines(), ..page(rows(), EventFilter::default()) }.render(console)),
        ("activity-many", ActivityPage { walked: walked(200), ..page(many, EventFilter::default()) }.render(console)),
        (
            "activity-empty",
            ActivityPage { walked: walked(0), told: 0, ..page(Vec::new(), refused.clone()) }.render(console),
        ),
        (
            "activity-one",
            ActivityPage { walked: walked(1), told: 1, ..page(vec![rows().remove(0)], stretch) }.render(console),
        ),
        (
            "activity-unread",
            ActivityPage { unread: vec!["kind".into(), "after".into()], ..page(rows(), refused) }.render(console),
        ),
        ("activity-change", EventPage { row: rows().remove(4), explained: None, now: NOW }.render(console)),
        ("activity-event", EventPage { row: one.clone(), explained: Some(slash().1), now: NOW }.render(console)),
        ("activity-event-long", EventPage { row: rows().remove(5), explained: Some(long()), now: NOW }.render(console)),
        ("explain", explain(Ok(Found { row: one.clone(), explained: Some(slash().1) })).render(console)),
        ("settings", SettingsPage { editing: Editing::of(PolicyDraft::default(), 3) }.render(console)),
        ("explain-ok", explain(Ok(Found { row: rows().remove(0), explained: None })).render(console)),
        ("explain-gone", explain(Err(nothing_kept(NOW))).render(console)),
        ("explain-removed", explain(Err(nothing_kept(ago(100 * 86_400)))).render(console)),
    ]
}

fn explain(found: Result<Found, NothingKept>) -> ExplainPage {
    ExplainPage { request_id: "6927f8c17b9ce33e27f8".to_owned(), found, now: NOW }
}

fn nothing_kept(made_at: Timestamp) -> NothingKept {
    NothingKept { made_at: Some(made_at), retention_days: Some(90), now: NOW }
}

/// A redirect URI that is off by a slash.
pub(crate) fn slash() -> (Problem, Explained) {
    let problem = Problem::RedirectUriUnregistered {
        client_id: "shop".to_owned(),
        redirect_uri: "https://shop.example.com/cb/".to_owned(),
    };
    let client = sample::client("shop", "The shop", ClientKind::Web, "https://shop.example.com/cb");
    let known = Known { client: Some(client), ..Known::default() };
    let explained = Explained::new(Explanation::of_problem(&problem, &known), &known, None);
    (problem, explained)
}

/// A refusal with long values.
fn long() -> Explained {
    let error = OAuthError::because(Reason::ScopeNotAllowed, LONG).sent("scope", LONG.repeat(3));
    let error = error.expected((0..12).map(|number| format!("scope-{number}-{}", "x".repeat(number * 8))));
    Explained::new(Explanation::of_error(&error, &Known::default()), &Known::default(), None)
}

fn rows() -> Vec<EventRow> {
    let alice = Subject::new("019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11");
    let row =
        |kind, outcome, error: Option<&str>, client: Option<&str>, minutes: i64, facts: &[(&str, &str)]| EventRow {
            event: Event {
                id: format!("event-{minutes}"),
                at: ago(minutes * 60),
                kind,
                outcome,
                error: error.map(str::to_owned),
                request_id: Some("7b9ce33e27f84ea1".into()),
                user: (!matches!(kind, EventKind::Token | EventKind::Change)).then(|| alice.clone()),
                client: client.map(ClientId::new),
                scope: Some("openid profile email".into()),
                address: Some("203.0.113.7".into()),
                agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into()),
                count: if kind == EventKind::Token { 1_204 } else { 1 },
                facts: facts.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect(),
            },
            username: (!matches!(kind, EventKind::Token | EventKind::Change)).then(|| "alice".to_owned()),
            target: (kind == EventKind::Change).then(|| "The shop".to_owned()),
        };
    use EventKind as K;
    vec![
        row(K::SignIn, Outcome::Ok, None, Some("shop"), 1, &[]),
        row(
            K::Authorization,
            Outcome::Refused,
            Some("redirect_uri_unregistered"),
            Some("shop"),
            4,
            &[("redirect_uri", "https://shop.example.com/cb/"), ("client_id", "shop")],
        ),
        row(K::Token, Outcome::Ok, None, Some("billing"), 9, &[("grant_type", "client_credentials")]),
        row(K::Consent, Outcome::Ok, None, Some("shop"), 30, &[]),
        row(
            K::Change,
            Outcome::Ok,
            None,
            Some("shop"),
            120,
            &[("action", "client.update"), ("target", "shop"), ("actor", "admin"), ("change", "change-7")],
        ),
        row(
            K::Authorization,
            Outcome::Refused,
            Some("invalid_scope"),
            Some(LONG),
            3_000,
            &[("description", LONG), ("redirect_uri", LONG)],
        ),
    ]
}
