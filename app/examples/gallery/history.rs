//! Histories, the recycle bin and conflicts.

use app::console::bin::{BinPage, BinRow, ErasurePage};
use app::console::clients::policy::ClientPolicyPage;
use app::console::history::{ChangePage, Gone, GoneKind, HistoryOf, HistoryPage, Revert};
use app::console::listed::{Place, Walked};
use app::console::not_found::NotFoundPage;
use app::console::{Again, Console, Editing, TheirChange, path};
use oauth::client::PolicyDraft;
use oauth::difference::{ChangeRecord, Conflict, Merge, differences};
use oauth::field::{FieldErrors, FieldProblem};
use oauth::scope::core_scopes;
use serde_json::{Value, json};

use crate::acting::walked;
use crate::sample::{LONG, NOW, ago, alice, billing};

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    let of_client = || HistoryOf::Client(Box::new(billing()));
    let list = |of, changes: Vec<ChangeRecord>, total| HistoryPage {
        of,
        changes,
        walked: walked(total),
        unread: Vec::new(),
        now: NOW,
    };
    let lost = |page: HistoryPage| {
        let place = Place { is_lost: true, ..page.walked.place };
        HistoryPage { walked: Walked { place, ..page.walked }, ..page }
    };
    let many = (0..25).map(|number| changes().remove(number % 5)).collect();
    vec![
        ("history", list(of_client(), changes(), 5).render(console)),
        ("history-one", list(HistoryOf::User(Box::new(alice())), changes().split_off(4), 1).render(console)),
        ("history-many", lost(list(of_client(), many, 60)).render(console)),
        ("history-empty", list(HistoryOf::Scope(LONG.replace(' ', "-")), Vec::new(), 0).render(console)),
        ("history-keys", list(HistoryOf::Keys, vec![key()], 1).render(console)),
        ("history-change", change(of_client(), changes().remove(0), Some(revert(None))).render(console)),
        (
            "history-change-conflict",
            change(of_client(), changes().remove(1), Some(revert(Some(Again::Conflict)))).render(console),
        ),
        (
            "history-change-refused",
            change(of_client(), changes().remove(1), Some(revert(Some(Again::Refused)))).render(console),
        ),
        (
            "history-change-undo",
            ChangePage { undo: Some(revert(None)), ..change(of_client(), changes().remove(0), Some(nothing())) }
                .render(console),
        ),
        ("not-found-deleted", deleted().render(console)),
        ("history-gone", list(gone(), changes(), 5).render(console)),
        ("history-change-gone", change(gone(), changes().remove(0), None).render(console)),
        ("history-change-key", change(HistoryOf::Keys, key(), None).render(console)),
        (
            "history-change-erased",
            change(HistoryOf::User(Box::new(alice())), changes().remove(3), None).render(console),
        ),
        ("conflict", conflict(true, Merge::Yours).render(console)),
        ("conflict-theirs", conflict(true, Merge::Theirs).render(console)),
        ("conflict-before-unknown", conflict(false, Merge::YoursAlone).render(console)),
        ("bin", bin(rows(3)).render(console)),
        ("bin-one", bin(rows(1)).render(console)),
        ("bin-alone", BinPage { walked: None, ..bin(rows(1)) }.render(console)),
        ("bin-many", BinPage { walked: Some(walked(60)), ..bin(rows(25)) }.render(console)),
        ("bin-empty", bin(Vec::new()).render(console)),
        ("bin-off", BinPage { days: 0, ..bin(Vec::new()) }.render(console)),
        (
            "bin-refused",
            BinPage { refused: Some((rows(2).remove(1), FieldProblem::Taken)), ..bin(rows(3)) }.render(console),
        ),
        ("bin-erase", ErasurePage { row: rows(2).remove(1) }.render(console)),
    ]
}

fn record(action: &str, minutes: i64, before: Option<Value>, after: Option<Value>) -> ChangeRecord {
    ChangeRecord {
        id: format!("change-{minutes}"),
        at: ago(minutes * 60),
        actor: if minutes > 1_000 { "system" } else { "admin" }.into(),
        action: action.into(),
        target: "k-2026-11-27-0f9d3c5a".into(),
        before,
        after,
        event: Some("event-1".into()),
        address: (minutes < 1_000).then(|| "2001:db8:85a3:1:2:8a2e:370:7334".into()),
        request_id: Some("7b9ce33e27f84ea1".into()),
    }
}

fn changes() -> Vec<ChangeRecord> {
    let uris = "https://billing.example.com/callback";
    let before = json!({"client_name": "Billing", "redirect_uris": [uris], "policy": {}, "enabled": true});
    let after = json!({
        "client_name": LONG,
        "redirect_uris": [uris, format!("https://billing.example.com/{}", LONG.replace(' ', "-"))],
        "policy": {"access_token_lifetime": 600, "require_pkce": true},
        "enabled": false,
    });
    vec![
        record("client.update", 4, Some(before.clone()), Some(after)),
        record("client.update", 90, Some(json!({"client_name": "Bills"})), Some(before.clone())),
        record("client.secret_add", 300, None, Some(json!({"name": "second"}))),
        record("client.restore", 900, None, Some(json!({"erased": "7"}))),
        record("client.create", 40_000, None, Some(before)),
    ]
}

fn key() -> ChangeRecord {
    record("key.rotate", 2_000, None, Some(json!({"alg": "ES256", "successor": "k-2026-11-27-77aa12ce"})))
}

fn change(of: HistoryOf, change: ChangeRecord, revert: Option<Revert>) -> ChangePage {
    let neighbours = (Some("change-90".into()), Some("change-1".into()));
    ChangePage { of, change, undo: None, revert, is_of_another: false, neighbours, now: NOW }
}

fn revert(again: Option<Again>) -> Revert {
    let change = changes().remove(0);
    let errors = match again {
        Some(Again::Refused) => FieldErrors::one("scope", FieldProblem::ScopeUnknown("news".into())),
        _ => FieldErrors::default(),
    };
    Revert {
        differences: differences(change.after.as_ref(), change.before.as_ref()),
        version: 3,
        again,
        their_change: their_change(again),
        errors,
    }
}

fn nothing() -> Revert {
    Revert { differences: Vec::new(), ..revert(None) }
}

fn gone() -> HistoryOf {
    HistoryOf::Gone(deleted_client())
}

fn deleted_client() -> Gone {
    Gone { kind: GoneKind::Client, id: LONG.replace(' ', "-"), in_bin: Some("row-1".into()) }
}

/// The page of a thing that was deleted.
fn deleted() -> NotFoundPage {
    NotFoundPage { request_id: "5f3a9c01d2e47b68".to_owned(), gone: Some(deleted_client()) }
}

fn conflict(knows_before: bool, merge: Merge) -> ClientPolicyPage {
    let base = PolicyDraft { post_logout_redirect_uris: "https://a.example/".into(), ..PolicyDraft::default() };
    let uris = format!("https://a.example/\nhttps://a.example/{}", LONG.replace(' ', "-"));
    let theirs = PolicyDraft { access_token_lifetime: "600".into(), post_logout_redirect_uris: uris, ..base.clone() };
    let yours = PolicyDraft { access_token_lifetime: "900".into(), require_pkce: "true".into(), ..base.clone() };
    let conflict = Conflict::of(knows_before.then_some(&base), &theirs, &yours);
    let draft = merge.of(&base, &theirs, yours);
    let editing = Editing { again: Some(Again::Conflict), conflict, merge, ..Editing::of(draft, 4) };
    ClientPolicyPage { client: billing(), editing, scopes: core_scopes() }
}

fn bin(rows: Vec<BinRow>) -> BinPage {
    let walked = Some(walked(rows.len() as u64));
    BinPage { rows, days: 30, refused: None, walked, unread: Vec::new(), now: NOW }
}

fn rows(number: i64) -> Vec<BinRow> {
    let kinds = [
        ("client", LONG, "billing-prod"),
        ("user", "alice", "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11"),
        ("scope", "photos:read", "photos:read"),
    ];
    let row = |(day, (kind, name, target)): (i64, &(&'static str, &str, &str))| BinRow {
        id: format!("row-{day}"),
        kind,
        name: (*name).into(),
        target: (*target).into(),
        actor: "admin".into(),
        deleted_at: ago(day * 43_200),
        leaves_at: NOW.plus(30 * 86_400 - day * 43_200),
    };
    (0..number).zip(kinds.iter().cycle()).map(row).collect()
}

/// The change that a conflict tells of.
pub(crate) fn their_change(again: Option<Again>) -> Option<TheirChange> {
    let change = TheirChange {
        href: path::client_part("billing-prod", "history/7"),
        actor: "admin".to_owned(),
        address: Some("203.0.113.7".to_owned()),
        at: ago(190),
        number: 3,
        now: NOW,
    };
    (again == Some(Again::Conflict)).then_some(change)
}
