//! The list of clients.

use leptos::prelude::*;
use oauth::client::{Client, ClientKind};
use oauth::count::Count;
use oauth::time::Timestamp;

use super::{kind_name, status};
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::pages::client::{host_of, kind_icon};
use crate::ui::{created_since, empty, filter, moment, page_head, pager, segments, table, with_query};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ClientRow {
    pub client: Client,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// One page of the clients. Filter, kind and page are the parameters `q`, `kind` and `page`; or `since` instead of the first two.
#[derive(Debug, Clone)]
pub struct ClientListPage {
    pub rows: Vec<ClientRow>,
    pub q: String,
    pub kind: Option<ClientKind>,
    /// Only those that were created since then, the newest first.
    pub since: Option<Timestamp>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
    /// Clients on all pages.
    pub total: Count,
    pub now: Timestamp,
}

impl ClientListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "Clients", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::CLIENT_WIZARD>"New client"</a> };
        let kind = self.kind.map(ClientKind::as_str).unwrap_or_default();
        let since = self.since.map(|since| since.0.to_string()).unwrap_or_default();
        let keep = [("q", self.q.as_str()), ("kind", kind), ("since", since.as_str())];
        let is_filtered = !self.q.is_empty() || self.kind.is_some() || self.since.is_some();
        let list = if self.rows.is_empty() && is_filtered {
            let all = view! { <a class="btn" href=path::CLIENTS>"Show all clients"</a> };
            let text = if self.since.is_some() {
                "None was created since then."
            } else {
                "No word of a name or ID begins with what you typed."
            };
            empty("No client fits", text, all)
        } else if self.rows.is_empty() {
            empty("No clients yet", "A client is an application that may ask Signet to sign people in.", new())
        } else {
            let rows = self.rows.iter().map(|row| line(row, self.now)).collect();
            let table = table("Clients", &["Client", "-Client ID", "-Kind", "Status", "-Last used", "-Created"], rows);
            view! { {table} {pager(path::CLIENTS, &keep, self.page, self.per_page, self.total)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Clients", "Applications that may ask Signet to sign people in.", new())}
            <section class="card">
                <div class="bar">
                    {filter(path::CLIENTS, "Name or client ID", &self.q, &[("kind", kind)])}
                    {kinds(self.kind, &self.q)}
                </div>
                {self.since.map(|since| created_since(since, path::CLIENTS, "All clients"))}
                {list}
            </section>
        }
    }
}

fn kinds(current: Option<ClientKind>, q: &str) -> AnyView {
    let all = ("All".to_owned(), with_query(path::CLIENTS, &[("q", q)]), current.is_none());
    let each = ClientKind::ALL.iter().map(|kind| {
        let href = with_query(path::CLIENTS, &[("q", q), ("kind", kind.as_str())]);
        (kind_name(*kind).to_owned(), href, current == Some(*kind))
    });
    segments("Kind", std::iter::once(all).chain(each).collect())
}

fn line(row: &ClientRow, now: Timestamp) -> AnyView {
    let client = &row.client;
    let id = client.client_id.as_str();
    let access = if client.is_public() { "public" } else { "confidential" };
    let kind = match client.kind {
        ClientKind::Machine => kind_name(client.kind).to_owned(),
        kind => format!("{}, {access}", kind_name(kind)),
    };
    let used = || row.last_used_at.map_or_else(|| "never".into_any(), |at| moment(at, now));
    view! {
        <tr>
            <td>
                <div class="who">
                    <span class="kind">{kind_icon(client.kind).view()}</span>
                    <div class="who-text">
                        <a class="name" href=path::client(id)>{client.client_name.clone()}</a>
                        <div class="tiny ellipsis">{host_of(client)}</div>
                        <div class="tiny slim"><code>{id.to_owned()}</code>" · used "{used()}</div>
                    </div>
                </div>
            </td>
            <td class="wide"><code class="long">{id.to_owned()}</code></td>
            <td class="num wide">{kind}</td>
            <td>{status(client)}</td>
            <td class="num wide">{used()}</td>
            <td class="num wide">{moment(row.created_at, now)}</td>
        </tr>
    }
    .into_any()
}
