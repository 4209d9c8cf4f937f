//! Applications, agents and devices that may act for a person.

use leptos::prelude::*;
use oauth::details::DetailInWords;
use oauth::time::Timestamp;

use crate::pages::detail::fields;
use crate::pages::{badge, panel, text};
use crate::path;
use crate::ui::{Tone, moment, note, query};

/// The page of what may act for a person. Its forms send `client_id` to withdraw all that a client may do, and with `scope`, and
/// `resource` where it is one of a resource, that scope alone.
#[derive(Debug, Clone)]
pub struct ConsentsPage {
    pub username: String,
    pub consents: Vec<Consent>,
    /// True when one was withdrawn just now.
    pub withdrawn: bool,
    pub now: Timestamp,
}

/// An application, with what it was allowed.
#[derive(Debug, Clone)]
pub struct Consent {
    pub client_id: String,
    pub client_name: String,
    /// The host of an application that nobody here registered.
    pub place: Option<String>,
    /// The address at which a login there begins, if it has one.
    pub sign_in: Option<String>,
    /// The scopes of this server first, then those of each resource.
    pub allowed: Vec<AllowedAt>,
    pub granted_at: Timestamp,
    /// When it last got a token; none if it is signed out.
    pub used_at: Option<Timestamp>,
    /// The identity provider whose word lets the application in, so that it comes back without a question.
    pub vouched_by: Option<String>,
    /// False: the policy of the client asks nobody.
    pub asks: bool,
    /// A tag of what the page shows, which its forms send back as `shown`.
    pub shown: String,
}

/// Scopes of one owner.
#[derive(Debug, Clone)]
pub struct AllowedAt {
    /// The ID of the resource; none for this server.
    pub resource: Option<String>,
    /// The name of the resource and its place.
    pub name: Option<(String, String)>,
    /// The scopes by name, each in words.
    pub scopes: Vec<(String, String)>,
    /// The authorization details that were allowed there.
    pub details: Vec<DetailInWords>,
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
    fn view(&self, now: Timestamp) -> AnyView {
        let name = view! { <b class="name">{self.client_name.clone()}</b> }.into_any();
        self.item(name, path::ACCOUNT, None, now)
    }

    /// A row of the list. Its forms go to `action`. With `ask` they are links to that page, which asks first; its address is told the scope.
    pub(crate) fn item(&self, name: AnyView, action: &str, ask: Option<String>, now: Timestamp) -> AnyView {
        let text = &text().account;
        let place = self.place.clone().map(|place| view! { <span class="tiny">{place}</span> });
        let sign_in = self.sign_in.clone().map(|href| {
            view! { <a class="btn" href=href aria-label=text.sign_in_at.text(&self.client_name)>{text.sign_in}</a> }
        });
        let used = match self.used_at {
            Some(at) => text.used.view(moment(at, now)),
            None => text.signed_out.into_any(),
        };
        let unasked = match &self.vouched_by {
            Some(name) => Some(text.vouched.view(view! { <b class="name">{name.clone()}</b> })),
            None => (!self.asks).then(|| text.unasked.into_any()),
        };
        let unasked = unasked.map(|words| view! { <p class="tiny">{words}</p> });
        view! {
            <li>
                <div class="consent-head">
                    <div class="grow">
                        {name}
                        <p class="tiny">
                            {place.map(|place| view! { {place} " · " })} {text.since.view(moment(self.granted_at, now))}
                            " · " {used}
                        </p>
                        {unasked}
                    </div>
                    {sign_in}
                    {self.withdraw(action, ask.clone())}
                </div>
                {self.allowed_view(action, ask.as_deref())}
            </li>
        }
        .into_any()
    }

    fn withdraw(&self, action: &str, ask: Option<String>) -> AnyView {
        let text = &text().account;
        let label = text.withdraw_from.text(&self.client_name);
        match ask {
            Some(href) => view! { <a class="btn danger" href=href aria-label=label>{text.withdraw}</a> }.into_any(),
            None => view! {
                <form method="post" action=action.to_owned()>
                    <input type="hidden" name="client_id" value=self.client_id.clone()/>
                    <input type="hidden" name="shown" value=self.shown.clone()/>
                    <button class="btn" aria-label=label>{text.withdraw}</button>
                </form>
            }
            .into_any(),
        }
    }

    /// The scopes, with a button to take back each, but for the one that says who the person is and for the last: without those the
    /// rest means nothing, so all of it is withdrawn.
    fn allowed_view(&self, action: &str, ask: Option<&str>) -> AnyView {
        let count: usize = self.allowed.iter().map(|allowed| allowed.scopes.len()).sum();
        let groups = self.allowed.iter().map(|allowed| {
            let at = text().account.at;
            let title = allowed.name.clone().map(|(name, place)| {
                let place = (!place.is_empty()).then(|| view! { " (" {place} ")" });
                view! { <p class="tiny">{at.view(view! { <b>{name}</b> {place} })}</p> }
            });
            let scopes = allowed.scopes.iter().map(|(name, words)| {
                let single = count > 1 && name != "openid";
                let button = single.then(|| self.take_back((action, ask), allowed, name, words));
                view! { <li><span class="grow">{words.clone()}</span>{button}</li> }
            });
            let details = allowed.details.iter().cloned().map(|detail| {
                view! { <li><div class="grow"><bdi>{detail.sentence}</bdi> {fields(detail.fields)}</div></li> }
            });
            view! { {title}<ul class="tiny allowed">{scopes.collect_view()}{details.collect_view()}</ul> }
        });
        groups.collect_view().into_any()
    }

    fn take_back(&self, (action, ask): (&str, Option<&str>), allowed: &AllowedAt, scope: &str, words: &str) -> AnyView {
        let text = &text().account;
        let label = text.take_back_scope.text(words);
        if let Some(ask) = ask {
            let of = query(&[("scope", scope), ("resource", allowed.resource.as_deref().unwrap_or_default())]);
            let href = format!("{ask}&{of}");
            return view! { <a class="btn small" href=href aria-label=label>{text.take_back}</a> }.into_any();
        }
        let resource = allowed.resource.clone().map(|id| view! { <input type="hidden" name="resource" value=id/> });
        view! {
            <form method="post" action=action.to_owned()>
                <input type="hidden" name="client_id" value=self.client_id.clone()/>
                <input type="hidden" name="scope" value=scope.to_owned()/>
                {resource}
                <input type="hidden" name="shown" value=self.shown.clone()/>
                <button class="btn small" aria-label=label>{text.take_back}</button>
            </form>
        }
        .into_any()
    }
}
