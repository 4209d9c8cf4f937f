//! The list of resources.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::resource::{Resource, ResourceStatus};
use oauth::time::Timestamp;

use super::status;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::ui::{empty, moment, page_head, pager, table};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    pub resource: Resource,
    pub is_default: bool,
    pub created_at: Timestamp,
}

/// One page of the resources. Accepting one sends its `id`.
#[derive(Debug, Clone)]
pub struct ResourceListPage {
    pub rows: Vec<ResourceRow>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
    /// Resources on all pages.
    pub total: Count,
    pub now: Timestamp,
}

impl ResourceListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), "Resources", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::RESOURCE_NEW>"New resource"</a> };
        let list = if self.rows.is_empty() {
            empty("No resources yet", "A resource is an API or MCP server that takes tokens of this server.", new())
        } else {
            let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
            let table = table("Resources", &["Resource", "-Scopes", "Status", "-Created"], rows);
            view! { {table} {pager(path::RESOURCES, &[], self.page, self.per_page, self.total)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Resources", "APIs and MCP servers that tokens are for.", new())}
            <section class="card">{list}</section>
        }
    }
}

fn line(row: &ResourceRow, now: Timestamp) -> AnyView {
    let resource = &row.resource;
    let names: Vec<_> =
        resource.scopes.iter().take(6).map(|scope| view! { <code>{scope.name.to_string()}</code> }).collect();
    let more = resource.scopes.len().saturating_sub(names.len());
    let more = (more > 0).then(|| view! { <span class="tiny">{format!("and {more} more")}</span> });
    let accept = (resource.status == ResourceStatus::Pending).then(|| {
        view! {
            <form method="post" action=path::resource_part(resource.id.as_str(), "accept")>
                <button class="btn">
                    "Accept"<span class="visually-hidden">{format!(" {}", resource.identifier)}</span>
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <td>
                <a class="name" href=path::resource(resource.id.as_str())>{resource.name.clone()}</a>
                <div class="tiny ellipsis">{resource.identifier.to_string()}</div>
            </td>
            <td class="wide"><div class="claims">{names}{more}</div></td>
            <td><div class="actions">{status(resource, row.is_default)}{accept}</div></td>
            <td class="num wide">{moment(row.created_at, now)}</td>
        </tr>
    }
    .into_any()
}
