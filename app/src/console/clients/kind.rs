//! The first step to a new client: what kind of application it is.

use leptos::prelude::*;
use oauth::client::ClientKind;

use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::pages::client::kind_icon;
use crate::ui::{Crumb, page_head, with_query};

/// The choice of a kind: links to the form.
#[derive(Debug, Clone)]
pub struct ClientKindPage {}

impl ClientKindPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "New client", || {
            let cards = ClientKind::ALL.iter().map(|kind| card(*kind)).collect_view();
            let lead = "What kind of application is it? The kind decides how it proves who it is.";
            view! {
                {page_head(vec![Crumb::new("Clients", path::CLIENTS)], "New client", lead, ())}
                <ul class="kinds">{cards}</ul>
            }
        })
    }
}

fn card(kind: ClientKind) -> AnyView {
    let (title, text, facts) = match kind {
        ClientKind::Web => (
            "Web",
            "Runs on a server and can keep a secret: Django, Rails, Spring, Next.js.",
            "Authorization code · client secret",
        ),
        ClientKind::Spa => (
            "SPA",
            "Runs in the browser, where nothing stays secret: React, Vue, Svelte.",
            "Authorization code with PKCE · no secret",
        ),
        ClientKind::Native => (
            "Native",
            "Runs on a phone, a desktop or in a terminal, and listens on any loopback port.",
            "Authorization code with PKCE · no secret",
        ),
        ClientKind::Machine => (
            "Machine-to-machine",
            "Acts for itself: nightly jobs, services that call services. Nobody signs in.",
            "Client credentials · client secret",
        ),
    };
    view! {
        <li>
            <a class="card" href=with_query(path::CLIENT_NEW, &[("kind", kind.as_str())])>
                <span class="kind large">{kind_icon(kind).view()}</span>
                <b>{title}</b>
                <span class="muted">{text}</span>
                <span class="tiny">{facts}</span>
            </a>
        </li>
    }
    .into_any()
}
