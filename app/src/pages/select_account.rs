//! The choice of an account for an application (`prompt=select_account`).

use leptos::prelude::*;

use super::{badge, panel, text};
use crate::ui::{Icon, initials};

/// The account page: two links.
#[derive(Debug, Clone)]
pub struct SelectAccountPage {
    pub client_name: String,
    pub username: String,
    /// On with the account that is signed in.
    pub continue_href: String,
    /// To the login page.
    pub other_href: String,
}

impl SelectAccountPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().select_account.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().select_account;
        let bold = |name: String| view! { <b class="name">{name}</b> };
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{text.purpose.view(bold(self.client_name))}</p>
            </header>
            <ul class="accounts">
                <li>
                    <a href=self.continue_href>
                        <span class="avatar" aria-hidden="true">{initials(&self.username)}</span>
                        <span class="grow">{text.continue_as.view(bold(self.username.clone()))}</span>
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
