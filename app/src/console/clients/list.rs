//! The list of clients.

use leptos::prelude::*;
use oauth::client::{Client, ClientKind, ConsentPolicy};
use oauth::listing::{ClientColumn, ClientFilter, Limits, OwnPolicy};
use oauth::time::Timestamp;

use super::{kind_name, status};
use crate::console::choosing::{pick, with_deeds};
use crate::console::frame::Entry;
use crate::console::listed::{ListPage, STATUS, choice, last_choice, narrow_search, status_choice};
use crate::console::{Console, path};
use crate::pages::client::{host_of, kind_icon};
use crate::ui::{created_since, empty, moment, page_head, with_heads};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ClientRow {
    pub client: Client,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A part of the clients, as the address says.
pub type ClientListPage = ListPage<ClientFilter, ClientRow>;

impl ClientListPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "Clients", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let new = || view! { <a class="btn primary" href=path::CLIENT_WIZARD>"New client"</a> };
        let filter = &self.listing.filter;
        let list = if self.is_narrowed_to_nothing() {
            let all = view! { <a class="btn" href=path::CLIENTS>"Show all clients"</a> };
            let text = if filter.text.is_empty() {
                "There is none of that kind."
            } else {
                "No word of a name, ID or redirect URI begins with what you typed, or none of these fits the rest of the filter."
            };
            empty("No client fits", text, all)
        } else if self.rows.is_empty() {
            empty(
                "No clients yet",
                "A client is an application that signs people in here, or gets tokens for itself.",
                new(),
            )
        } else {
            let deeds = with_deeds(path::CLIENTS_CHOSEN, &self.listing.whole(Limits::PAGES), self.table());
            view! { {deeds} {self.foot(path::CLIENTS)} }.into_any()
        };
        view! {
            {page_head(Vec::new(), "Clients", "Applications that sign people in here, or get tokens for themselves.", new())}
            {self.notes()}
            <section class="card">
                {self.bar()}
                {filter.since.map(|since| created_since(since, path::CLIENTS, "All clients"))}
                {narrow_search(&filter.text, self.total)}
                {list}
            </section>
        }
    }

    fn bar(&self) -> AnyView {
        let filter = &self.listing.filter;
        let kinds = ClientKind::ALL.iter().map(|kind| (kind.to_string(), kind_name(*kind).to_owned()));
        let policies = ConsentPolicy::ALL.iter().copied().map(Some).chain([None]).map(|own| {
            let word = match own {
                Some(ConsentPolicy::Always) => "Asks always",
                Some(ConsentPolicy::Once) => "Asks once",
                Some(ConsentPolicy::Skip) => "Never asks",
                None => "Asks by default",
            };
            (OwnPolicy(own).as_str().to_owned(), word.to_owned())
        });
        let (kind, policy) = (filter.kind.map(ClientKind::as_str), filter.policy.map(OwnPolicy::as_str));
        let selections = vec![
            choice("kind", "Kind", "Any kind", kinds, kind.unwrap_or_default()),
            status_choice(STATUS, filter.enabled),
            last_choice("used", "Last used", ["Used any time", "Used in", "Never used"], filter.used),
            choice("policy", "Consent policy", "Any policy", policies, policy.unwrap_or_default()),
        ];
        self.filters(path::CLIENTS, "Name, client ID or redirect URI", &filter.text, selections)
    }

    fn table(&self) -> AnyView {
        let heads = self.heads(|column| matches!(column, ClientColumn::Name | ClientColumn::Status));
        let heads = [view! { <td class="pick"></td> }.into_any()].into_iter().chain(heads).collect();
        with_heads("Clients", heads, self.rows.iter().map(|row| line(row, self.now)).collect(), None)
    }
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
            {pick(id, format!("Choose {}", client.client_name))}
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
