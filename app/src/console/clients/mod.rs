//! Clients.

pub mod consents;
pub mod credentials;
pub mod danger;
pub mod disable;
mod form;
mod form_ciba;
mod form_encryption;
mod form_people;
pub mod list;
pub mod logout;
pub mod new;
pub mod overview;
pub mod policy;
pub(super) mod policy_form;
mod profile;
pub mod quickstart;
pub mod revoke;
pub mod settings;
pub mod trial;
pub mod wizard;

use leptos::prelude::*;
use oauth::client::{Client, ClientKind, ClientOrigin};

use super::path;
use crate::pages::client::kind_icon;
use crate::ui::{Crumb, Tone, code_line, page_head, tabs, tag};

/// The name of a kind of client.
fn kind_name(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "Web",
        ClientKind::Spa => "SPA",
        ClientKind::Native => "Native",
        ClientKind::Machine => "Machine",
    }
}

/// The way in which a client came to be known here.
fn origin_name(origin: ClientOrigin) -> &'static str {
    match origin {
        ClientOrigin::Administrator => "an administrator",
        ClientOrigin::MetadataDocument => "its metadata document",
        ClientOrigin::Registration => "registration",
    }
}

fn status(client: &Client) -> AnyView {
    let origin = match client.origin {
        ClientOrigin::Administrator => None,
        ClientOrigin::MetadataDocument => Some(tag(Tone::Plain, "Document")),
        ClientOrigin::Registration => Some(tag(Tone::Plain, "Registered")),
    };
    let state = if client.enabled { tag(Tone::Good, "Active") } else { tag(Tone::Plain, "Disabled") };
    view! { {state} {origin} }.into_any()
}

/// The name of the tab with the policy of a client. Where nobody signs in, it is about tokens.
pub(crate) fn policy_tab(client: &Client) -> &'static str {
    if client.acts_only_for_itself() { "Tokens" } else { "Login & consent" }
}

/// The head of every page about one client: who it is, and its parts.
pub(super) fn client_head(client: &Client, current: &str) -> AnyView {
    let id = client.client_id.as_str();
    let links = [
        ("Overview", path::client(id)),
        ("Quick start", path::client_part(id, "quickstart")),
        ("Settings", path::client_part(id, "settings")),
        (policy_tab(client), path::client_part(id, "policy")),
        ("Credentials", path::client_part(id, "credentials")),
        ("Grants", path::client_part(id, "grants")),
        ("Consents", path::client_part(id, "consents")),
        ("Logout", path::client_part(id, "logout")),
        ("Activity", path::client_part(id, "activity")),
        ("History", path::client_part(id, "history")),
        ("Danger zone", path::client_part(id, "danger")),
    ];
    let title = view! {
        <span class="who">
            <span class="kind">{kind_icon(client.kind).view()}</span>
            <span class="name" title=client.client_name.clone()>{client.client_name.clone()}</span>
        </span>
    };
    let lead = view! { <span class="lead-line">{code_line("client ID", id)}{status(client)}</span> };
    view! {
        {page_head(vec![Crumb::new("Clients", path::CLIENTS)], title, lead, ())}
        {tabs("Parts of this client", &links, current)}
    }
    .into_any()
}
