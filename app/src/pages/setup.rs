//! The first visit: who may administer this server.

use leptos::prelude::*;
use oauth::field::FieldProblem;

use super::{badge, panel};
use crate::console::tips;
use crate::path;
use crate::text::Locale;
use crate::ui::Field;

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
