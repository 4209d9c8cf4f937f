//! The list of resources.

use leptos::prelude::*;
use oauth::listing::{ResourceColumn, ResourceFilter};
use oauth::resource::{Resource, ResourceStatus};
use oauth::time::Timestamp;

use super::{status, status_word};
use crate::console::frame::Entry;
use crate::console::listed::{ListPage, choice};
use crate::console::{Console, path};
use crate::ui::{empty, moment, page_head, with_heads};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    pub resource: Resource,
    pub is_default: bool,
    pub created_at: Timestamp,
}

/// A part of the resources, as the address says. Accepting one sends its `id`.
pub type ResourceListPage = ListPage<ResourceFilter, ResourceRow>;

impl ResourceListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), "Resources", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::RESOURCE_NEW>"New resource"</a> };
        let list = if self.is_narrowed_to_nothing() {
            let all = view! { <a class="btn" href=path::RESOURCES>"Show all resources"</a> };
            empty(
                "No resource fits",
                "What you typed is part of no name, identifier or scope of one in this state.",
                all,
            )
        } else if self.rows.is_empty() {
            empty("No resources yet", "A resource is an API or MCP server that takes tokens of this server.", new())
        } else {
            let kept = |column| matches!(column, ResourceColumn::Name | ResourceColumn::Status);
            let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
            let table = with_heads("Resources", self.heads(kept), rows, None);
            view! { {table} {self.foot(path::RESOURCES)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Resources", "APIs and MCP servers that tokens are for.", new())}
            {self.notes()}
            <section class="card">{self.bar()} {list}</section>
        }
    }

    fn bar(&self) -> AnyView {
        let filter = &self.listing.filter;
        let each = ResourceStatus::ALL.iter().map(|status| (status.to_string(), status_word(*status).to_owned()));
        let chosen = filter.status.map(ResourceStatus::as_str).unwrap_or_default();
        let status = choice("status", "Status", "Any status", each, chosen);
        self.filters(path::RESOURCES, "Name, identifier or scope", &filter.text, vec![status])
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
