//! Whether the person really wants to sign out.

use leptos::prelude::*;

use super::{badge, panel};
use crate::path;

/// The question before a logout. Sends `confirm=yes`; not wanting to is a link home.
#[derive(Debug, Clone)]
pub struct LogoutPage {
    /// Where the form posts to: the logout request itself.
    pub action: String,
    /// The application that asks, if it said so.
    pub client_name: Option<String>,
    pub username: String,
}

impl LogoutPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("Sign out?", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let asks = self.client_name.map(|name| view! { <b class="name">{name}</b> " asks to sign you out. " });
        let who = (!self.username.is_empty())
            .then(|| view! { "You are signed in as " <b class="name">{self.username}</b> "." });
        view! {
            {badge()}
            <header>
                <h1>"Sign out?"</h1>
                <p class="muted">{asks} {who}</p>
            </header>
            <form class="answers" method="post" action=self.action>
                <a class="btn wide" href=path::HOME>"Stay signed in"</a>
                <button class="btn primary wide" name="confirm" value="yes">"Sign out"</button>
            </form>
        }
    }
}
