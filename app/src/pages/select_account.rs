//! Where the person says which account an application should get (`prompt=select_account`).

use leptos::prelude::*;

use super::{badge, panel};
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
        panel("Choose an account", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {badge()}
            <header>
                <h1>"Choose an account"</h1>
                <p class="muted">"to continue to " <b class="name">{self.client_name}</b></p>
            </header>
            <ul class="accounts">
                <li>
                    <a href=self.continue_href>
                        <span class="avatar" aria-hidden="true">{initials(&self.username)}</span>
                        <span class="grow">"Continue as " <b class="name">{self.username.clone()}</b></span>
                        {Icon::Right.view()}
                    </a>
                </li>
                <li>
                    <a href=self.other_href>
                        <span class="avatar plain">{Icon::Plus.view()}</span>
                        <span class="grow">"Use another account"</span>
                        {Icon::Right.view()}
                    </a>
                </li>
            </ul>
        }
    }
}
