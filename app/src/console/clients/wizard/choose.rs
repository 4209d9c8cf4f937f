//! The first page of the wizard: what kind of application it is.

use leptos::prelude::*;

use super::Starter;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::pages::client::kind_icon;
use crate::ui::{Crumb, Icon, page_head, with_query};

/// The choice: links to the questions.
#[derive(Debug, Clone)]
pub struct ChooseStarterPage {}

impl ChooseStarterPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "New client", || {
            let cards = Starter::ALL.into_iter().map(card).collect_view();
            let lead = "What kind of application is it? It decides how the client proves who it is.";
            let advanced = view! { <a class="btn" href=path::CLIENT_NEW>"Advanced form"</a> };
            view! {
                {page_head(vec![Crumb::new("Clients", path::CLIENTS)], "New client", lead, advanced)}
                <ul class="kinds">{cards} {agent_card()}</ul>
            }
        })
    }
}

fn card(starter: Starter) -> AnyView {
    view! {
        <li>
            <a class="card" href=with_query(path::CLIENT_WIZARD, &[("app", starter.as_str())])>
                <span class="kind large">{kind_icon(starter.kind()).view()}</span>
                <b>{starter.title()}</b>
                <span class="muted">{starter.text()}</span>
                <span class="tiny">{starter.facts()}</span>
            </a>
        </li>
    }
    .into_any()
}

/// Agents bring their own clients. There is something to set up for the server that they call.
fn agent_card() -> AnyView {
    view! {
        <li>
            <a class="card" href=path::RESOURCE_NEW>
                <span class="kind large">{Icon::Agents.view()}</span>
                <b>"AI agent or MCP server"</b>
                <span class="muted">
                    "Register the MCP server as a resource, and paste three lines into it. Agents need nothing."
                </span>
                <span class="tiny">"Clients come by themselves, people decide"</span>
            </a>
        </li>
    }
    .into_any()
}
