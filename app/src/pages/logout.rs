//! The question before a logout.

use leptos::prelude::*;

use super::{badge, panel, text};
use crate::path;

/// The question before a logout. Sends `confirm=yes`; not wanting to is a link home.
#[derive(Debug, Clone)]
pub struct LogoutPage {
    /// The address that the form posts to: the logout request itself.
    pub action: String,
    /// The tag of what the page shows; sent back as `shown`.
    pub shown: String,
    /// The application that asks, if it said so.
    pub client_name: Option<String>,
    pub username: String,
}

impl LogoutPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().logout.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().logout;
        let bold = |name: String| view! { <b class="name">{name}</b> };
        let asks = self.client_name.map(|name| (text.asks.view(bold(name)), " "));
        let who = (!self.username.is_empty()).then(|| text.signed_in_as.view(bold(self.username)));
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{asks} {who}</p>
            </header>
            <form class="answers" method="post" action=self.action>
                <input type="hidden" name="shown" value=self.shown/>
                <a class="btn wide" href=path::HOME>{text.stay}</a>
                <button class="btn primary wide" name="confirm" value="yes">{text.button}</button>
            </form>
        }
    }
}
