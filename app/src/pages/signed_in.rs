//! The login page for somebody who is signed in already, and whom no application sent there.

use leptos::prelude::*;

use super::{badge, panel, text};
use crate::path;
use crate::ui::{Icon, initials};

/// The page: on with who is signed in, or to the form.
#[derive(Debug, Clone)]
pub struct SignedInPage {
    pub username: String,
    /// To the form.
    pub other_href: String,
}

impl SignedInPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().signed_in.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().signed_in;
        let bold = |name: String| view! { <b class="name">{name}</b> };
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{text.lead.view(bold(self.username.clone()))}</p>
            </header>
            <ul class="accounts">
                <li>
                    <a href=path::HOME>
                        <span class="avatar" aria-hidden="true">{initials(&self.username)}</span>
                        <span class="grow">{text.continue_as.view(bold(self.username))}</span>
                        {Icon::Right.view()}
                    </a>
                </li>
                <li>
                    <a href=self.other_href>
                        <span class="avatar plain">{Icon::Plus.view()}</span>
                        <span class="grow">{text.other}</span>
                        {Icon::Right.view()}
                    </a>
                </li>
            </ul>
        }
    }
}
