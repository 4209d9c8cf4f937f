//! The applications that a person allowed something.

use leptos::prelude::*;
use oauth::time::Timestamp;

use crate::pages::{badge, panel, text};
use crate::path;
use crate::ui::{Tone, moment, note};

/// The page of a person's consents. A form each sends `client_id`, to withdraw one.
#[derive(Debug, Clone)]
pub struct ConsentsPage {
    pub username: String,
    pub consents: Vec<Consent>,
    /// True when one was withdrawn just now.
    pub withdrawn: bool,
    pub now: Timestamp,
}

/// An application, with the scopes that it was allowed.
#[derive(Debug, Clone)]
pub struct Consent {
    pub client_id: String,
    pub client_name: String,
    /// In words.
    pub scopes: Vec<String>,
    pub granted_at: Timestamp,
}

impl ConsentsPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().account.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().account;
        let done = self.withdrawn.then(|| note(Tone::Good, text.withdrawn));
        let nothing = self.consents.is_empty().then(|| view! { <p class="muted">{text.nothing}</p> });
        let rows = self.consents.into_iter().map(|consent| consent.view(self.now)).collect_view();
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{text.lead.view(view! { <b class="name">{self.username}</b> })}</p>
            </header>
            {done}
            {nothing}
            <ul class="consents">{rows}</ul>
            <a class="btn wide" href=path::HOME>{text.home}</a>
        }
    }
}

impl Consent {
    fn view(self, now: Timestamp) -> AnyView {
        let text = &text().account;
        let scopes = self.scopes.into_iter().map(|scope| view! { <li>{scope}</li> }).collect_view();
        let label = text.withdraw_from.text(&self.client_name);
        view! {
            <li>
                <div class="grow">
                    <b class="name">{self.client_name}</b>
                    <ul class="tiny">{scopes}</ul>
                    <p class="tiny">{text.since.view(moment(self.granted_at, now))}</p>
                </div>
                <form method="post" action=path::ACCOUNT>
                    <input type="hidden" name="client_id" value=self.client_id/>
                    <button class="btn" aria-label=label>{text.withdraw}</button>
                </form>
            </li>
        }
        .into_any()
    }
}
