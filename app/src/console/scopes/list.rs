//! The list of scopes.

use leptos::prelude::*;
use oauth::scope::ScopeDefinition;

use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{empty, page_head, table};

/// All scopes.
#[derive(Debug, Clone)]
pub struct ScopeListPage {
    pub scopes: Vec<ScopeDefinition>,
}

impl ScopeListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Scopes), "Scopes", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::SCOPE_NEW>"New scope"</a> };
        let rows: Vec<_> = self.scopes.into_iter().map(row).collect();
        let list = if rows.is_empty() {
            empty("No scopes yet", "A scope is what a client may ask for, and the claims it then gets.", new())
        } else {
            table("Scopes", &["Scope", "Description", "-Claims"], rows)
        };
        view! {
            {page_head(Vec::new(), "Scopes", "What clients may ask for, and which claims each scope opens.", new())}
            <section class="card">{list}</section>
        }
    }
}

fn row(scope: ScopeDefinition) -> AnyView {
    let name = scope.name.to_string();
    let shown: Vec<_> = scope.claims.iter().take(6).map(|claim| view! { <code>{claim.clone()}</code> }).collect();
    let more = scope.claims.len().saturating_sub(shown.len());
    let more = (more > 0).then(|| view! { <span class="tiny">{format!("and {more} more")}</span> });
    view! {
        <tr>
            <td><a class="name mono" href=path::scope(&name)>{name.clone()}</a></td>
            <td class="said"><bdi>{scope.description}</bdi></td>
            <td class="wide"><div class="claims">{shown}{more}</div></td>
        </tr>
    }
    .into_any()
}
