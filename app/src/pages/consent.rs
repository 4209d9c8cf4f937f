//! The consent page: the person allows a client what it asks for, or does not.

use leptos::prelude::*;

use oauth::destination::Destination;

use super::client::ClientFace;
use super::detail::{Detail, details};
use super::{panel, text};
use crate::ui::{Icon, Tone, note, tag};

/// The consent page. Sends `confirm=yes` or `confirm=no`.
#[derive(Debug, Clone)]
pub struct ConsentPage {
    /// The address that the form posts to: the authorization request itself.
    pub action: String,
    /// The tag of what the page shows; sent back as `shown`.
    pub shown: String,
    pub client: ClientFace,
    /// None: an administrator knows the client.
    pub newcomer: Option<Newcomer>,
    /// The receiver of the answer.
    pub destination: Destination,
    /// Name and place of the resources that the client would act at.
    pub resources: Vec<(String, String)>,
    /// The authorization details asked for.
    pub details: Vec<Detail>,
    /// Name and description of the scopes asked for.
    pub scopes: Vec<(String, String)>,
    /// The names of those that the person has not allowed before, while they have allowed others.
    pub new_scopes: Vec<String>,
    /// Single claims asked for beside the scopes (`claims` parameter).
    pub claims: Vec<String>,
    pub username: String,
    /// To the login page, to sign in as somebody else.
    pub switch_href: String,
}

/// A client that nobody here looked at before it came, as far as a person can judge it. Its name is what it calls itself; its place
/// is where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The host of its document; where its answers go, if it has none.
    pub place: String,
    /// Nobody has allowed it anything on this server.
    pub is_new: bool,
    /// All its answers go to the person's own device.
    pub only_on_device: bool,
}

impl ConsentPage {
    #[must_use]
    pub fn render(self, pkg: &str) -> String {
        let name = self.newcomer.as_ref().map_or(&self.client.name, |newcomer| &newcomer.place);
        let title = text().consent.title.text(name);
        panel(&title, pkg, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let text = &text().consent;
        let name = self.client.name.clone();
        let scopes = self.scopes.into_iter().map(|scope| {
            let is_new = self.new_scopes.contains(&scope.0);
            marked_scope_line(scope, is_new.then_some(text.new_scope))
        });
        let claims = self.claims.into_iter().map(|claim| line((text.claim)(&claim.replace('_', " ")), claim, None));
        let head = match &self.newcomer {
            Some(newcomer) => newcomer.head(name, self.destination),
            None => view! {
                <h1 class="name">{name}</h1>
                <p class="muted small">{text.asks_for} " " {answer_to(self.destination)}</p>
            }
            .into_any(),
        };
        view! {
            <header class="consent-head">
                {self.client.badge()}
                <div>{head}</div>
            </header>
            {self.newcomer.as_ref().map(Newcomer::warnings)}
            {resource_lines(self.resources)}
            {details(self.details)}
            {scope_list(scopes.chain(claims).collect())}
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

/// The resources at which somebody would act, by name and place.
pub(super) fn resource_lines(resources: Vec<(String, String)>) -> AnyView {
    let line = |(name, place): (String, String)| {
        let name = view! { <b class="name">{name}</b> };
        view! { <p class="small">{text().consent.acts_at.view(name)} " " <span class="muted"><bdi>{place}</bdi></span></p> }
    };
    resources.into_iter().map(line).collect_view().into_any()
}

impl Newcomer {
    fn head(&self, name: String, destination: Destination) -> AnyView {
        let text = &text().consent;
        let answer = answer_to(destination);
        let name = view! { <b class="name">{name}</b> };
        view! {
            <h1 class="name"><bdi>{self.place.clone()}</bdi></h1>
            <p class="muted small">{text.calls_itself.view(name)}</p>
            <p class="muted small">{answer}</p>
        }
        .into_any()
    }

    fn warnings(&self) -> AnyView {
        let text = &text().consent;
        view! {
            {self.only_on_device.then(|| note(Tone::Warn, text.anybody_here))}
            {self.is_new.then(|| note(Tone::Plain, text.first_use))}
        }
        .into_any()
    }
}

/// The sentence that says where the answer goes.
fn answer_to(destination: Destination) -> AnyView {
    let text = &text().consent;
    match destination {
        Destination::Site(host) => text.answer_to_site.view(place(host)),
        Destination::Loopback(host) => match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((_, port)) => text.answer_to_port.view(place(port.to_owned())),
            None => text.answer_to_program.into_any(),
        },
        Destination::App(scheme) => text.answer_to_app.view(place(scheme)),
    }
}

fn place(place: String) -> AnyView {
    view! { <bdi>{place}</bdi> }.into_any()
}

/// The list; nothing where a client asks for no scope.
pub(super) fn scope_list(lines: Vec<AnyView>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| view! { <ul class="scopes">{lines}</ul> }.into_any())
}

/// A scope by its name and description. One that nobody described is still named.
pub(super) fn scope_line(scope: (String, String)) -> AnyView {
    marked_scope_line(scope, None)
}

fn marked_scope_line((name, description): (String, String), mark: Option<&'static str>) -> AnyView {
    if description.is_empty() { line(name, String::new(), mark) } else { line(description, name, mark) }
}

/// A line: the meaning, for people; the name is in the title, for those who look for it.
fn line(text: String, name: String, mark: Option<&'static str>) -> AnyView {
    view! {
        <li title=name>
            {Icon::Check.view()}
            <div>
                <bdi>{text}</bdi>
                {mark.map(|mark| view! { " " {tag(Tone::Plain, mark)} })}
            </div>
        </li>
    }
    .into_any()
}
