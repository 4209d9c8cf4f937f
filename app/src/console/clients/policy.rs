//! The policy of a client: consent, tokens, logout.

use leptos::prelude::*;
use oauth::client::{Client, PolicyDraft};
use oauth::scope::ScopeDefinition;

use super::client_head;
use super::form::scope_boxes;
use super::policy_form::PolicyForm;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::UriRule;
use crate::ui::{Field, Tone, message, note, section};

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
        let id = self.client.client_id.as_str();
        let here = path::client_part(id, "policy");
        let sections = view! {
                {section("Consent", consent_hint(id), self.form().consent(self.client.kind))}
                {section("Requests", requests_hint(id), self.requests())}
                {section("Tokens", "What tokens look like, what is in them and how long they live.", self.form().tokens())}
                {section("Logout", "Where people may be sent after they signed out.", self.logout())}
        };
        view! { {client_head(&self.client, "Login & consent")} {self.editing.form(here, "Save", sections)} }
    }

    fn error(&self, name: &str) -> Option<String> {
        message(&self.editing.errors, name)
    }

    fn form(&self) -> PolicyForm<'_> {
        PolicyForm {
            draft: &self.editing.draft,
            errors: &self.editing.errors,
            defaults: &self.client.defaults,
            origin: self.client.origin,
        }
    }

    fn requests(&self) -> AnyView {
        let draft = &self.editing.draft;
        let pkce = if self.client.is_public() {
            note(Tone::Plain, "PKCE is required: a public client must always use it (RFC 9700, section 2.1.1).")
        } else if self.client.rules().demands.pkce {
            note(Tone::Plain, "PKCE is required by the security profile, which is in the settings.")
        } else {
            self.form().require_pkce()
        };
        let allowed = "What it may ask for, in place of the scopes of the settings; none ticked: all of those.";
        let default = "What a request without a scope gets; none ticked: everything allowed.";
        view! {
            {pkce}
            {scope_boxes("allowed_scopes", "Allowed scopes", allowed, tips::ALLOWED_SCOPES, &self.scopes, &draft.allowed_scopes, self.error("allowed_scopes"))}
            {scope_boxes("default_scopes", "Default scopes", default, tips::DEFAULT_SCOPES, &self.scopes, &draft.default_scopes, self.error("default_scopes"))}
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
        field.uris(UriRule::PostLogout).view()
    }
}

fn consent_hint(client_id: &str) -> AnyView {
    view! {
        "When people are asked whether the client may have what it asks for. " <a href=path::CONSENTS>"Consent"</a> " has this of all clients, and \
        says what a user would be asked; who allowed what is under " <a href=path::client_part(client_id, "consents")>"Consents"</a> "."
    }
    .into_any()
}

fn requests_hint(client_id: &str) -> AnyView {
    view! {
        "What a request must carry, and what it gets when it asks for nothing. What the client may ask for at all is in its "
        <a href=path::client_part(client_id, "settings")>"settings"</a> "."
    }
    .into_any()
}
