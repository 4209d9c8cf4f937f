//! Scopes in the console.

use app::console::scopes::edit::{ScopePage, ScopeUse};
use app::console::scopes::list::ScopeListPage;
use app::console::{Console, Editing};
use oauth::count::Count;
use oauth::field::FieldErrors;
use oauth::scope::{ScopeDefinition, ScopeDraft, core_scopes};

use crate::console::list;
use crate::sample::{arabic, billing, demo, disabled, job, long};

pub(crate) fn pages(console: &Console) -> Vec<(&'static str, String)> {
    vec![
        ("scopes", scopes("", core_scopes()).render(console)),
        ("scopes-one", scopes("q=phone&sort=-claims", core_scopes()).render(console)),
        ("scopes-none", scopes("q=nothing&kind=x", core_scopes()).render(console)),
        ("scopes-empty", scopes("", Vec::new()).render(console)),
        ("scope-new", scope(None).render(console)),
        ("scope", scope(Some(1)).render(console)),
    ]
}

fn scopes(query: &str, scopes: Vec<ScopeDefinition>) -> ScopeListPage {
    let mut page: ScopeListPage = list(query, scopes);
    page.rows.retain(|scope| page.listing.filter.finds(scope));
    page
}

fn scope(index: Option<usize>) -> ScopePage {
    let saved = index.and_then(|index| core_scopes().into_iter().nth(index));
    ScopePage {
        editing: Editing::new(saved.as_ref().map(ScopeDraft::from).unwrap_or_default()),
        usage: ScopeUse {
            clients: Count::new(14),
            first: vec![demo(), billing(), job(), disabled(), long(), arabic()],
            consents: Count::new(1_204),
            grants: Count::new(77),
        },
        misspelled: saved.iter().map(|_| ("phone_nubmer".to_owned(), "phone_number")).collect(),
        saved,
        danger: FieldErrors::default(),
        bin_days: 30,
    }
}
