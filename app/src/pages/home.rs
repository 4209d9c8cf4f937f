//! The front door.

use leptos::prelude::*;
use oauth::metadata::path as protocol;

use super::{badge, panel, text};
use crate::console::path as console;
use crate::path;
use crate::text::HomeText;
use crate::ui::{Icon, initials};

/// The home page: what this is, who is signed in, where to go.
#[derive(Debug, Clone)]
pub struct HomePage {
    pub issuer: String,
    /// True once the first setup is done.
    pub is_set_up: bool,
    /// The user name of whoever is signed in, and the tag of the question whether to sign out.
    pub signed_in: Option<(String, String)>,
    /// Requests of applications that wait for whoever is signed in.
    pub waiting: usize,
    /// True when the console is open in this browser.
    pub is_administrator: bool,
}

impl HomePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel("", pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().home;
        let account = self.signed_in.is_some().then_some((path::ACCOUNT, text.account));
        // Somebody who only uses applications has no need of the others.
        let is_user = self.signed_in.is_some() && !self.is_administrator;
        let waiting = (self.waiting > 0).then(|| {
            let words = (super::text().approve.waits)(self.waiting);
            view! { <a class="btn primary wide" href=path::APPROVE>{words}</a> }
        });
        let links = [
            (console::DASHBOARD, text.console, !is_user),
            (path::DOCS, text.docs, true),
            (protocol::OPENID_CONFIGURATION, text.discovery, !is_user),
            (protocol::JWKS, text.keys, !is_user),
        ];
        let links = links.into_iter().filter(|(.., shown)| *shown).map(|(href, words, _)| (href, words));
        let links = account.into_iter().chain(links).map(|(href, (title, hint))| {
            view! {
                <li>
                    <a href=href>
                        <span class="grow"><b>{title}</b><span class="tiny">{hint}</span></span>
                        {Icon::Right.view()}
                    </a>
                </li>
            }
        });
        view! {
            {badge()}
            <header>
                <h1>"Signet"</h1>
                <p class="muted">{text.lead.view(view! { <code>{self.issuer}</code> })}</p>
            </header>
            {state(text, self.is_set_up, self.signed_in)}
            {waiting}
            <ul class="accounts">{links.collect_view()}</ul>
        }
    }
}

fn state(text: &'static HomeText, is_set_up: bool, signed_in: Option<(String, String)>) -> AnyView {
    match signed_in {
        _ if !is_set_up => view! { <a class="btn primary wide" href=path::SETUP>{text.set_up}</a> }.into_any(),
        Some((username, shown)) => view! {
            <form class="signed-in" method="post" action=protocol::LOGOUT>
                <input type="hidden" name="shown" value=shown/>
                <span class="avatar" aria-hidden="true">{initials(&username)}</span>
                <span class="grow">{text.signed_in_as.view(view! { <b class="name">{username.clone()}</b> })}</span>
                <button class="btn" name="confirm" value="yes">{text.sign_out}</button>
            </form>
        }
        .into_any(),
        None => view! { <a class="btn primary wide" href=protocol::LOGIN>{text.sign_in}</a> }.into_any(),
    }
}
