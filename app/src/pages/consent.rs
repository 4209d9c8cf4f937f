//! The consent page: the person allows a client what it asks for, or does not.

use leptos::prelude::*;

use oauth::destination::Destination;

use super::client::ClientFace;
use super::{panel, text};
use crate::ui::Icon;

/// The consent page. Sends `confirm=yes` or `confirm=no`.
#[derive(Debug, Clone)]
pub struct ConsentPage {
    /// The address that the form posts to: the authorization request itself.
    pub action: String,
    /// The tag of what the page shows; sent back as `shown`.
    pub shown: String,
    pub client: ClientFace,
    /// The receiver of the answer.
    pub destination: Destination,
    /// Name and description of the scopes asked for.
    pub scopes: Vec<(String, String)>,
    /// Single claims asked for beside the scopes (`claims` parameter).
    pub claims: Vec<String>,
    pub username: String,
    /// To the login page, to sign in as somebody else.
    pub switch_href: String,
}

impl ConsentPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let title = text().consent.title.text(&self.client.name);
        panel(&title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().consent;
        let name = self.client.name.clone();
        let scopes = self.scopes.into_iter().map(scope_line);
        let claims = self.claims.into_iter().map(|claim| line((text.claim)(&claim.replace('_', " ")), claim));
        let place = |place: String| view! { <bdi>{place}</bdi> }.into_any();
        let destination = match self.destination {
            Destination::Site(host) => place(host),
            Destination::Loopback(host) => text.program_at.view(place(host)),
            Destination::App(scheme) => text.app_called.view(place(scheme)),
        };
        view! {
            <header class="consent-head">
                {self.client.badge()}
                <div>
                    <h1 class="name">{name}</h1>
                    <p class="muted small">{destination} " · " {text.asks_for}</p>
                </div>
            </header>
            <ul class="scopes">{scopes.chain(claims).collect_view()}</ul>
            <form class="answers" method="post" action=self.action>
                <input type="hidden" name="shown" value=self.shown/>
                <button class="btn wide" name="confirm" value="no">{text.decline}</button>
                <button class="btn primary wide" name="confirm" value="yes">{text.allow}</button>
            </form>
            <p class="tiny">
                {text.signed_in_as.view(view! { <b class="name">{self.username}</b> })} " "
                <a href=self.switch_href>{text.not_you}</a>
            </p>
            {self.client.links()}
        }
    }
}

/// A scope by its name and description. One that nobody described is still named.
pub(super) fn scope_line((name, description): (String, String)) -> AnyView {
    if description.is_empty() { line(name, String::new()) } else { line(description, name) }
}

fn line(text: String, name: String) -> AnyView {
    view! {
        <li>
            {Icon::Check.view()}
            <div>
                {text}
                <div class="tiny">{name}</div>
            </div>
        </li>
    }
    .into_any()
}
