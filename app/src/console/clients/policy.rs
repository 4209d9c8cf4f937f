//! The policy of a client: consent, tokens, logout.

use leptos::prelude::*;
use oauth::client::{Client, ConsentPolicy, PolicyDraft, TokenFormat};
use oauth::scope::ScopeDefinition;

use super::client_head;
use super::form::scope_boxes;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::{Check, UriRule};
use crate::ui::{Choice, Field, Tone, checkbox, message, note, radio_cards, section};

/// The form with a client's policy.
#[derive(Debug, Clone)]
pub struct ClientPolicyPage {
    /// As it is.
    pub client: Client,
    pub editing: Editing<PolicyDraft>,
    pub scopes: Vec<ScopeDefinition>,
}

impl ClientPolicyPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console
            .page(Some(Entry::Clients), format!("{} login and consent", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let here = path::client_part(self.client.client_id.as_str(), "policy");
        let sections = view! {
                {section("Consent", "When people are asked whether the client may have what it asks for.", self.consent())}
                {section("Requests", "What a request must carry, and what it gets when it asks for nothing.", self.requests())}
                {section("Tokens", "What access tokens look like and how long tokens live.", self.tokens())}
                {section("Logout", "Where people may be sent after they signed out.", self.logout())}
        };
        view! { {client_head(&self.client, "Login & consent")} {self.editing.form(here, "Save", sections)} }
    }

    fn error(&self, name: &str) -> Option<String> {
        message(&self.editing.errors, name)
    }

    fn consent(&self) -> AnyView {
        let choices = ConsentPolicy::ALL
            .iter()
            .map(|policy| match policy {
                ConsentPolicy::Always => Choice::new(policy, "Always", "At every login."),
                ConsentPolicy::Once => {
                    Choice::new(policy, "Once", "Once for each user and set of scopes; then remembered.")
                }
                ConsentPolicy::Skip => Choice::new(
                    policy,
                    "Skip",
                    "Never, unless the request says prompt=consent. For your own applications.",
                ),
            })
            .collect();
        let asked = (!self.client.require_consent).then(|| {
            note(
                Tone::Plain,
                "“Ask for consent” is off in the settings: people are asked only if a request says prompt=consent.",
            )
        });
        view! { {asked} {radio_cards("consent_policy", "Consent policy", tips::CONSENT_POLICY, choices, &self.editing.draft.consent_policy, self.error("consent_policy"))} }
            .into_any()
    }

    fn requests(&self) -> AnyView {
        let pkce = if self.client.is_public() {
            "A public client must always use it (RFC 9700, section 2.1.1)."
        } else {
            "Requests without a code challenge (S256) are refused."
        };
        let allowed = "What it may ask for, in place of the scopes of the settings; none ticked: all of those.";
        let default = "What a request without a scope gets; none ticked: everything allowed.";
        view! {
            {checkbox("require_pkce", "Require PKCE", pkce, tips::REQUIRE_PKCE, self.editing.draft.require_pkce)}
            {scope_boxes("allowed_scopes", "Allowed scopes", allowed, tips::ALLOWED_SCOPES, &self.scopes, &self.editing.draft.allowed_scopes, self.error("allowed_scopes"))}
            {scope_boxes("default_scopes", "Default scopes", default, tips::DEFAULT_SCOPES, &self.scopes, &self.editing.draft.default_scopes, self.error("default_scopes"))}
        }
        .into_any()
    }

    fn tokens(&self) -> AnyView {
        let choices = TokenFormat::ALL
            .iter()
            .map(|format| match format {
                TokenFormat::Opaque => {
                    Choice::new(format, "Opaque", "A random string. Revoked at once; APIs ask the server about it.")
                }
                TokenFormat::Jwt => Choice::new(
                    format,
                    "JWT",
                    "Signed (RFC 9068). APIs verify it by themselves, so it stays good until it ends.",
                ),
            })
            .collect();
        let lifetime = Field::new("access_token_lifetime", "Access token lifetime")
            .value(&self.editing.draft.access_token_lifetime)
            .help("Seconds, from 60 to 86,400. Usually 3600.")
            .tip(tips::ACCESS_TOKEN_LIFETIME)
            .error(self.error("access_token_lifetime"))
            .kind("number");
        let days = Field::new("refresh_token_ttl_days", "Refresh token lifetime")
            .value(&self.editing.draft.refresh_token_ttl_days)
            .help("Days from the last use, from 1 to 3,650. Usually 30.")
            .tip(tips::REFRESH_TOKEN_LIFETIME)
            .error(self.error("refresh_token_ttl_days"))
            .kind("number");
        view! {
            {radio_cards("token_format", "Token format", tips::TOKEN_FORMAT, choices, &self.editing.draft.token_format, self.error("token_format"))}
            <div class="halves">
                {lifetime.check(Check::Range(60, 86_400)).view()}
                {days.check(Check::Range(1, 3_650)).view()}
            </div>
        }
        .into_any()
    }

    fn logout(&self) -> AnyView {
        let field = Field::new("post_logout_redirect_uris", "Post-logout redirect URIs")
            .value(&self.editing.draft.post_logout_redirect_uris)
            .help("One a line. None: the redirect URIs of the settings.")
            .tip(tips::POST_LOGOUT_REDIRECT_URIS)
            .error(self.error("post_logout_redirect_uris"))
            .rows(3)
            .code();
        field.uris(UriRule::Redirect { native: true }).view()
    }
}
