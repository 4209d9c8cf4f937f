//! A client at a glance.

use leptos::prelude::*;
use oauth::client::{Client, ConsentPolicy, IdTokenClaims};
use oauth::time::Timestamp;

use super::profile::legacy_note;
use super::quickstart::try_it;
use super::{client_head, kind_name, origin_name};
use crate::console::Console;
use crate::console::dashboard::endpoints;
use crate::console::frame::Entry;
use crate::console::replays::{ReplayRow, replays};
use crate::ui::{facts, moment, word_of};

/// The facts of a client. Nothing is changed here.
#[derive(Debug, Clone)]
pub struct ClientOverviewPage {
    pub issuer: String,
    pub client: Client,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// The number of its secrets.
    pub secrets: u64,
    /// When this process fetched the keys at its `jwks_uri`, if it did.
    pub keys_fetched_at: Option<Timestamp>,
    /// The newest replays of its refresh tokens.
    pub replays: Vec<ReplayRow>,
    /// True when the operator allows the profile `legacy`.
    pub legacy_is_on: bool,
    pub now: Timestamp,
}

impl ClientOverviewPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), self.client.client_name.clone(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        view! {
            {client_head(&self.client, "Overview")}
            {legacy_note(self.client.profile(), self.legacy_is_on)}
            <section class="card block">
                <div class="block-head"><h2>"At a glance"</h2></div>
                {facts(self.glance())}
            </section>
            {replays(&self.replays, "User", self.now)}
            {try_it(&self.issuer, &self.client)}
            {endpoints(&self.issuer, self.client.acts_only_for_itself())}
        }
    }

    fn glance(&self) -> Vec<(&'static str, AnyView)> {
        let (client, now) = (&self.client, self.now);
        let rules = client.rules();
        let authentication = if client.is_public() {
            "none: a public client".to_owned()
        } else if !client.token_endpoint_auth_method.needs_secret() {
            client.token_endpoint_auth_method.to_string()
        } else {
            let secrets = word_of(self.secrets, "secret", "secrets");
            format!("{}, {secrets}", client.token_endpoint_auth_method)
        };
        let grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
        let scopes = rules.allowed_scope.iter().map(|token| view! { <code>{token.to_string()}</code> }).collect_view();
        let introspection = if rules.may_introspect { "access tokens of all clients" } else { "its own tokens" };
        let mut facts = vec![
            ("Kind", kind_name(client.kind).into_any()),
            ("Came by", origin_name(client.origin).into_any()),
            ("Authentication", authentication.into_any()),
        ];
        facts.extend(self.keys().map(|keys| ("Keys", keys)));
        facts.extend([
            ("Grant types", grants.join(", ").into_any()),
            ("Scopes", view! { <div class="claims">{scopes}</div> }.into_any()),
            ("Security profile", client.profile().as_str().into_any()),
            ("Access tokens", format!("{}, {} s", rules.token_format, rules.access_token_lifetime).into_any()),
        ]);
        if client.acts_only_for_itself() {
            facts.push(("People", "nobody signs in to it, and nobody is asked: its tokens are for itself".into_any()));
        } else {
            facts.extend(self.for_people());
        }
        facts.extend([
            ("Introspection", introspection.into_any()),
            (
                "Development mode",
                match client.development_until.filter(|until| now < *until) {
                    Some(until) => view! { "on, ends " {moment(until, now)} }.into_any(),
                    None => "off".into_any(),
                },
            ),
            ("Last used", self.last_used_at.map_or_else(|| "never".into_any(), |at| moment(at, now))),
            ("Changed", moment(self.updated_at, now)),
            ("Created", moment(self.created_at, now)),
        ]);
        facts
    }

    /// The facts about the people who sign in.
    fn for_people(&self) -> [(&'static str, AnyView); 5] {
        let rules = self.client.rules();
        let uris = self.client.redirect_uris.iter();
        let uris = uris.map(|uri| view! { <li><code>{uri.as_str().to_owned()}</code></li> }).collect_view();
        let consent = match rules.consent {
            ConsentPolicy::Always => "asked at every login",
            ConsentPolicy::Once => "asked once, then remembered",
            ConsentPolicy::Skip => "skipped, unless a request says prompt=consent",
        };
        let claims = match rules.id_token_claims {
            IdTokenClaims::Scopes => "those of the granted scopes",
            IdTokenClaims::Minimal => "minimal; the rest at the userinfo endpoint",
        };
        let pkce = if rules.requires_pkce { "required" } else { "optional" };
        [
            ("Redirect URIs", view! { <ul>{uris}</ul> }.into_any()),
            ("Consent", consent.into_any()),
            ("PKCE", pkce.into_any()),
            ("Refresh tokens", word_of(rules.refresh_token_days.unsigned_abs(), "day", "days").into_any()),
            ("Claims in ID tokens", claims.into_any()),
        ]
    }

    /// The keys of a client that signs.
    fn keys(&self) -> Option<AnyView> {
        if !self.client.token_endpoint_auth_method.needs_keys() {
            return None;
        }
        let number = |keys: usize| word_of(keys as u64, "key", "keys");
        let given =
            self.client.jwks.as_ref().map(|jwks| format!("{}, given with its description", number(jwks.keys().len())));
        let fetched = self.client.jwks_uri.clone().map(|uri| {
            let age = match self.keys_fetched_at {
                Some(at) => view! { "fetched " {moment(at, self.now)} }.into_any(),
                None => "not fetched yet".into_any(),
            };
            view! { <code>{uri}</code> ", " {age} }.into_any()
        });
        given.map(IntoAny::into_any).or(fetched)
    }
}
