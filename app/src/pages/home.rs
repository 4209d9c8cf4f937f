//! The front door.

use leptos::prelude::*;
use oauth::metadata::path as protocol;

use super::{badge, panel};
use crate::console::path as console;
use crate::path;
use crate::ui::{Icon, initials};

/// The home page: what this is, who is signed in, where to go.
#[derive(Debug, Clone)]
pub struct HomePage {
    pub issuer: String,
    /// Whether the first setup is done.
    pub is_set_up: bool,
    /// The user name of whoever is signed in.
    pub username: Option<String>,
}

impl HomePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let links = [
            (console::DASHBOARD, "Console", "Clients, scopes, users and signing keys"),
            (path::DOCS, "Documentation", "How to use this server, of this version"),
            (protocol::OPENID_CONFIGURATION, "Discovery", "What this server speaks, for OpenID Connect libraries"),
            (protocol::JWKS, "Public keys", "What tokens of this server are verified with"),
        ];
        let links = links.into_iter().map(|(href, title, text)| {
            view! {
                <li>
                    <a href=href>
                        <span class="grow"><b>{title}</b><span class="tiny">{text}</span></span>
                        {Icon::Right.view()}
                    </a>
                </li>
            }
        });
        view! {
            {badge()}
            <header>
                <h1>"Signet"</h1>
                <p class="muted">
                    "This server signs people in to applications, by OAuth 2.0 and OpenID Connect. Its name is "
                    <code>{self.issuer}</code> "."
                </p>
            </header>
            {state(self.is_set_up, self.username)}
            <ul class="accounts">{links.collect_view()}</ul>
        }
    }
}

fn state(is_set_up: bool, username: Option<String>) -> AnyView {
    match username {
        _ if !is_set_up => view! { <a class="btn primary wide" href=path::SETUP>"Set up this server"</a> }.into_any(),
        Some(username) => view! {
            <form class="signed-in" method="post" action=protocol::LOGOUT>
                <span class="avatar" aria-hidden="true">{initials(&username)}</span>
                <span class="grow">"Signed in as " <b class="name">{username.clone()}</b></span>
                <button class="btn" name="confirm" value="yes">"Sign out"</button>
            </form>
        }
        .into_any(),
        None => view! { <a class="btn primary wide" href=protocol::LOGIN>"Sign in"</a> }.into_any(),
    }
}
