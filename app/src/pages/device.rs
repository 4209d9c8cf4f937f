//! The pages on which a person connects a device: the code, the question, the end (RFC 8628 §3.3).

use leptos::prelude::*;
use oauth::grant::UserCode;
use oauth::metadata::path;
use oauth::time::Timestamp;

use super::client::ClientFace;
use super::consent::{resource_lines, scope_line, scope_list};
use super::detail::{Detail, details};
use super::refusal::Refusal;
use super::{badge, panel, text};
use crate::ui::{Field, Icon, Tone, moment, note};

/// The page where the code is typed. Sends `user_code`.
#[derive(Debug, Clone)]
pub struct DeviceCodePage {
    /// The code that stands in the field already: of the link that led here, or as it was typed.
    pub user_code: String,
    /// The outcome of the last try.
    pub refusal: Option<Refusal>,
    pub username: String,
    /// To the login page, to sign in as somebody else.
    pub switch_href: String,
}

impl DeviceCodePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        panel(text().device.title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().device;
        let refused = self.refusal.map(|refusal| refusal.note(text.wrong, text.too_many));
        let code = Field::new("user_code", text.code)
            .value(&self.user_code)
            .placeholder("XXXX-XXXX")
            .autocomplete("off")
            .required()
            .autofocus()
            .code();
        view! {
            {badge()}
            <header>
                <h1>{text.title}</h1>
                <p class="muted">{text.lead}</p>
            </header>
            {refused}
            <form class="stack" method="post" action=path::DEVICE>
                {code.view()}
                <button class="btn primary wide">{text.button}</button>
            </form>
            {signed_in_as(self.username, self.switch_href)}
        }
    }
}

/// The question whether a device may go on. Sends `confirm=yes` or `confirm=no`.
#[derive(Debug, Clone)]
pub struct DeviceConsentPage {
    /// The tag of what the page shows; sent back as `shown`.
    pub shown: String,
    pub user_code: UserCode,
    pub client: ClientFace,
    /// None: an administrator knows the client.
    pub newcomer: Option<DeviceNewcomer>,
    /// Name and place of the resources that the device would act at.
    pub resources: Vec<(String, String)>,
    /// The authorization details asked for.
    pub details: Vec<Detail>,
    /// Name and description of the scopes asked for.
    pub scopes: Vec<(String, String)>,
    /// When the device asked.
    pub asked_at: Timestamp,
    pub now: Timestamp,
    pub username: String,
    /// To the login page, to sign in as somebody else.
    pub switch_href: String,
}

/// A client on a device that nobody here looked at before it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceNewcomer {
    /// The host of its document. None: it registered itself, and nothing says where it comes from.
    pub place: Option<String>,
    /// Nobody has allowed it anything on this server.
    pub is_new: bool,
    /// Any program can pose as it.
    pub proves_nothing: bool,
}

impl DeviceNewcomer {
    fn head(&self, name: &str) -> AnyView {
        let title = match self.place.clone() {
            Some(place) => view! { <bdi>{place}</bdi> }.into_any(),
            None => text().device.registered.into_any(),
        };
        let name = view! { <b class="name">{name.to_owned()}</b> };
        view! {
            <h1 class="name">{title}</h1>
            <p class="muted small">{text().consent.calls_itself.view(name)}</p>
        }
        .into_any()
    }

    pub(super) fn warnings(&self) -> AnyView {
        view! {
            {self.proves_nothing.then(|| note(Tone::Warn, text().device.anybody))}
            {self.is_new.then(|| note(Tone::Plain, text().consent.first_use))}
        }
        .into_any()
    }
}

impl DeviceConsentPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let name = match &self.newcomer {
            Some(newcomer) => newcomer.place.as_deref().unwrap_or(text().device.registered),
            None => &self.client.name,
        };
        let title = text().consent.title.text(name);
        panel(&title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let (text, consent) = (&text().device, &text().consent);
        let user_code = self.user_code.to_string();
        let at = moment(self.asked_at, self.now);
        let head = match &self.newcomer {
            Some(newcomer) => {
                view! { {newcomer.head(&self.client.name)} <p class="muted small">{text.asked} " " {at}</p> }.into_any()
            }
            None => view! {
                <h1 class="name">{self.client.name.clone()}</h1>
                <p class="muted small">{consent.asks_for} " " {text.asked} " " {at}</p>
            }
            .into_any(),
        };
        view! {
            <header class="consent-head">
                {self.client.badge()}
                <div>{head}</div>
            </header>
            {self.newcomer.as_ref().map(DeviceNewcomer::warnings)}
            {resource_lines(self.resources)}
            {details(self.details)}
            {scope_list(self.scopes.into_iter().map(scope_line).collect())}
            <div class="stack">
                <p>{text.compare}</p>
                <p class="user-code">{user_code.clone()}</p>
                {note(Tone::Warn, text.warning)}
            </div>
            <form class="answers" method="post" action=path::DEVICE>
                <input type="hidden" name="user_code" value=user_code/>
                <input type="hidden" name="shown" value=self.shown/>
                <button class="btn wide" name="confirm" value="no">{consent.decline}</button>
                <button class="btn primary wide" name="confirm" value="yes">{consent.allow}</button>
            </form>
            {signed_in_as(self.username, self.switch_href)}
            {self.client.links()}
        }
    }
}

pub(super) fn signed_in_as(username: String, switch_href: String) -> AnyView {
    let text = &text().consent;
    view! {
        <p class="tiny">
            {text.signed_in_as.view(view! { <b class="name">{username}</b> })} " " <a href=switch_href>{text.not_you}</a>
        </p>
    }
    .into_any()
}

/// The end: the person goes back to the device.
#[derive(Debug, Clone)]
pub struct DeviceDonePage {
    pub allowed: bool,
}

impl DeviceDonePage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let (title, sentence) = if self.allowed { text().device.allowed } else { text().device.declined };
        panel(title, pkg, move || {
            let badge = self.allowed.then(|| view! { <div class="badge good">{Icon::Check.view()}</div> });
            let (account, hint) = text().home.account;
            view! {
                {badge.map_or_else(super::badge, IntoAny::into_any)}
                <header>
                    <h1>{title}</h1>
                    <p class="muted">{sentence}</p>
                </header>
                <a class="btn wide" href=crate::path::ACCOUNT title=hint>{account}</a>
            }
        })
    }
}
