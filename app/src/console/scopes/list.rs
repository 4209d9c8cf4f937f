//! The list of scopes.

use leptos::prelude::*;
use oauth::listing::{ScopeColumn, ScopeFilter};
use oauth::scope::ScopeDefinition;

use crate::console::frame::Entry;
use crate::console::listed::ListPage;
use crate::console::{Console, path};
use crate::ui::{empty, page_head, with_heads};

/// A part of the scopes, as the address says.
pub type ScopeListPage = ListPage<ScopeFilter, ScopeDefinition>;

impl ScopeListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Scopes), "Scopes", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::SCOPE_NEW>"New scope"</a> };
        let list = if self.is_narrowed_to_nothing() {
            let all = view! { <a class="btn" href=path::SCOPES>"Show all scopes"</a> };
            empty("No scope fits", "What you typed is part of no name, description or claim.", all)
        } else if self.rows.is_empty() {
            empty("No scopes yet", "A scope is what a client may ask for, and the claims it then gets.", new())
        } else {
            let heads = self.heads(|column| column != ScopeColumn::Claims);
            let table = with_heads("Scopes", heads, self.rows.iter().map(row).collect(), None);
            view! { {table} {self.foot(path::SCOPES)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Scopes", "What clients may ask for, and which claims each scope opens.", new())}
            {self.notes()}
            <section class="card">
                {self.filters(path::SCOPES, "Name, description or claim", &self.listing.filter.text, Vec::new())}
                {list}
            </section>
        }
    }
}

fn row(scope: &ScopeDefinition) -> AnyView {
    let name = scope.name.to_string();
    let shown: Vec<_> = scope.claims.iter().take(6).map(|claim| view! { <code>{claim.clone()}</code> }).collect();
    let more = scope.claims.len().saturating_sub(shown.len());
    let more = (more > 0).then(|| view! { <span class="tiny">{format!("and {more} more")}</span> });
    view! {
        <tr>
            <td><a class="name mono" href=path::scope(&name)>{name.clone()}</a></td>
            <td class="said"><bdi>{scope.description.clone()}</bdi></td>
            <td class="wide"><div class="claims">{shown}{more}</div></td>
        </tr>
    }
    .into_any()
}
