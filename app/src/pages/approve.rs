//! The page on which a person answers applications that asked for them by name (CIBA).

use leptos::prelude::*;
use oauth::time::Timestamp;

use super::client::ClientFace;
use super::consent::{resource_lines, scope_line};
use super::detail::{Detail, details};
use super::device::{DeviceNewcomer, signed_in_as};
use super::{badge, panel, text};
use crate::path;
use crate::ui::{Icon, Tone, moment, note};

/// The requests that wait for somebody, the latest first. Each sends `request`, `shown`, and `confirm=yes` or `confirm=no`.
#[derive(Debug, Clone)]
pub struct ApprovePage {
    pub waiting: Vec<Waiting>,
    /// True when the one that was answered did not wait any longer.
    pub is_gone: bool,
    pub now: Timestamp,
    pub username: String,
    /// To the login page, to sign in as somebody else.
    pub switch_href: String,
}

/// A request that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: String,
    /// The tag of what the page shows about it.
    pub shown: String,
    pub client: ClientFace,
    /// None: an administrator knows the client.
    pub newcomer: Option<DeviceNewcomer>,
    /// Name and place of the resources that the client would act at.
    pub resources: Vec<(String, String)>,
    /// The authorization details asked for.
    pub details: Vec<Detail>,
    /// Name and description of the scopes asked for.
    pub scopes: Vec<(String, String)>,
    /// The message that the person must see where they started, too.
    pub binding_message: Option<String>,
    /// The address from which the client asked.
    pub address: Option<String>,
    pub asked_at: Timestamp,
}

impl ApprovePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().approve.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().approve;
        let lead = if self.waiting.is_empty() { text.nothing } else { text.lead };
        let warning = (!self.waiting.is_empty()).then(|| note(Tone::Warn, text.warning));
        let now = self.now;
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{lead}</p>
            </header>
            {self.is_gone.then(|| note(Tone::Bad, text.gone))}
            {warning}
            {self.waiting.into_iter().map(|waiting| waiting.view(now)).collect_view()}
            {signed_in_as(self.username, self.switch_href)}
        }
    }
}

impl Waiting {
    fn view(self, now: Timestamp) -> AnyView {
        let (text, consent) = (&text().approve, &text().consent);
        let at = moment(self.asked_at, now);
        let from = self.address.map(|address| {
            let place = view! { <bdi>{address}</bdi> };
            view! { " " {text.from.view(place)} }
        });
        let head = match &self.newcomer {
            Some(newcomer) => {
                let title = newcomer.place.clone().unwrap_or_else(|| text.registered.to_owned());
                let name = view! { <b class="name">{self.client.name.clone()}</b> };
                view! {
                    <h2 class="name"><bdi>{title}</bdi></h2>
                    <p class="muted small">{consent.calls_itself.view(name)}</p>
                }
                .into_any()
            }
            None => view! { <h2 class="name">{self.client.name.clone()}</h2> }.into_any(),
        };
        let message = self.binding_message.map(|message| {
            view! {
                <div class="stack">
                    <p>{text.compare}</p>
                    <p class="user-code message"><bdi>{message}</bdi></p>
                </div>
            }
        });
        let links = self.client.links();
        view! {
            <section class="stack waiting">
                <header class="consent-head">
                    {self.client.badge()}
                    <div>
                        {head}
                        <p class="muted small">{text.asked} " " {at} {from}</p>
                    </div>
                </header>
                {self.newcomer.as_ref().map(DeviceNewcomer::warnings)}
                {message}
                {resource_lines(self.resources)}
                {details(self.details)}
                <ul class="scopes">{self.scopes.into_iter().map(scope_line).collect_view()}</ul>
                <form class="answers" method="post" action=path::APPROVE>
                    <input type="hidden" name="request" value=self.id/>
                    <input type="hidden" name="shown" value=self.shown/>
                    <button class="btn wide" name="confirm" value="no">{consent.decline}</button>
                    <button class="btn primary wide" name="confirm" value="yes">{consent.allow}</button>
                </form>
                {links}
            </section>
        }
        .into_any()
    }
}

/// The end: the person goes back to where they started, or to what waits besides.
#[derive(Debug, Clone)]
pub struct ApprovedPage {
    pub allowed: bool,
    /// Requests that wait.
    pub left: usize,
}

impl ApprovedPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let approve = &text().approve;
        let (title, sentence) = if self.allowed { approve.allowed } else { approve.declined };
        panel(title, pkg, move || {
            let badge = self.allowed.then(|| view! { <div class="badge good">{Icon::Check.view()}</div> });
            let (account, hint) = text().home.account;
            let more = (self.left > 0).then(|| {
                let words = (approve.waits)(self.left);
                view! { <a class="btn primary wide" href=path::APPROVE>{words}</a> }
            });
            view! {
                {badge.map_or_else(super::badge, IntoAny::into_any)}
                <header>
                    <h1>{title}</h1>
                    <p class="muted">{sentence}</p>
                </header>
                {more}
                <a class="btn wide" href=path::ACCOUNT title=hint>{account}</a>
            }
        })
    }
}
