//! The first visit: who may administer this server.

use leptos::prelude::*;
use oauth::field::FieldProblem;

use super::{badge, panel};
use crate::console::{path as console, tips};
use crate::path;
use crate::text::Locale;
use crate::ui::{Field, Tone, note};

/// Asks for the admin token. Sends `admin_token`; blank has the server make one.
#[derive(Debug, Clone)]
pub struct SetupPage {
    /// The problem of the token that was sent.
    pub error: Option<FieldProblem>,
}

impl SetupPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("Set up", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let token = Field::new("admin_token", "Admin token")
            .kind("password")
            .autocomplete("new-password")
            .help("Leave it empty and a token of 256 random bits is made for you.")
            .tip(tips::NEW_ADMIN_TOKEN)
            .error(self.error.map(|problem| Locale::current().field_problem(&problem)))
            .code();
        view! {
            {badge()}
            <header>
                <h1>"Set up Signet"</h1>
                <p class="muted">
                    "One token opens the console and the administration API. The server keeps only its digest, together with \
                     the scopes that every OpenID Connect server has."
                </p>
            </header>
            <form class="stack" method="post" action=path::SETUP>
                {token.view()}
                <button class="btn primary wide">"Set up"</button>
            </form>
        }
    }
}

/// Shows the admin token, this one time, to whoever set the server up without a browser that says it is one.
#[derive(Debug, Clone)]
pub struct SetupDonePage {
    pub admin_token: String,
}

impl SetupDonePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("Set up", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {badge()}
            <header>
                <h1>"This is your admin token"</h1>
                <p class="muted">"It opens the console, and scripts send it as " <code>"X-Admin-Token"</code> "."</p>
            </header>
            <p class="secret"><code id="admin-token">{self.admin_token}</code></p>
            {note(
                Tone::Warn,
                view! {
                    "Keep it now: it is not shown again. If it is lost, "
                    <code>"signet admin-token reset"</code>
                    " on the server makes another."
                },
            )}
            <a class="btn primary wide" href=console::LOGIN>"Open the console"</a>
        }
    }
}
