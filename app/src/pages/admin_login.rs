//! The door of the console.

use leptos::prelude::*;

use super::refusal::Refusal;
use super::{badge, panel};
use crate::console::tips;
use crate::text::Around;
use crate::ui::{Field, Tone, note};

/// The console's login page. Sends `token`.
#[derive(Debug, Clone)]
pub struct AdminLoginPage {
    /// The address that the form posts to: `/admin/login`, with `next` when there is one.
    pub action: String,
    /// The outcome of the last try.
    pub refusal: Option<Refusal>,
    /// Hidden fields: a form that was posted when the console was not open any more.
    pub kept: Vec<(String, String)>,
}

impl AdminLoginPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("Console", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let token = Field::new("token", "Admin token")
            .kind("password")
            .autocomplete("current-password")
            .help("Shown once when the server was set up. Lost? signet admin-token reset on the server makes another.")
            .tip(tips::ADMIN_TOKEN)
            .required()
            .autofocus()
            .code();
        let refused = self.refusal.map(|refusal| {
            let too_many = Around("Too many wrong admin tokens from this address. Try again in {}.");
            refusal.note(
                "This is not the admin token. If nobody has it, signet admin-token reset on the server makes another.",
                too_many,
            )
        });
        let keeps = (!self.kept.is_empty()).then(|| {
            note(
                Tone::Warn,
                "The console had closed, so your form was not saved. Sign in, and it is shown again as you filled it in.",
            )
        });
        let kept = self.kept.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        let kept = kept.collect_view();
        view! {
            {badge()}
            <header>
                <h1>"Console"</h1>
                <p class="muted">"Sign in as an administrator."</p>
            </header>
            {keeps}
            {refused}
            <form class="stack" method="post" action=self.action>
                {kept}
                {token.view()}
                <button class="btn primary wide">"Open the console"</button>
            </form>
        }
    }
}
