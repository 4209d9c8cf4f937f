//! The policy of a client: consent, tokens, logout.

use leptos::prelude::*;
use oauth::client::{Client, PolicyDraft};
use oauth::scope::ScopeDefinition;

use super::form::scope_boxes;
use super::policy_form::PolicyForm;
use super::{client_head, policy_tab};
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::UriRule;
use crate::ui::{Field, Tone, message, note, section};

const LOGOUT_HINT: &str = "Where people may be sent after they signed out.";

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
        let about = if self.client.acts_only_for_itself() { "tokens" } else { "login and consent" };
        console.page(Some(Entry::Clients), format!("{} {about}", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let id = self.client.client_id.as_str();
        let here = path::client_part(id, "policy");
        let sections = if self.client.acts_only_for_itself() { self.for_itself(id) } else { self.for_people(id) };
        view! { {client_head(&self.client, policy_tab(&self.client))} {self.editing.form(here, "Save", sections)} }
    }

    fn for_people(&self, id: &str) -> AnyView {
        let requests = view! { {self.pkce()} {self.scopes()} };
        view! {
            {section("Consent", consent_hint(id), self.form().consent(self.client.kind))}
            {section("Requests", requests_hint(id), requests)}
            {section("Tokens", "What tokens look like, what is in them and how long they live.", self.form().tokens())}
            {section("Logout", LOGOUT_HINT, self.logout())}
        }
        .into_any()
    }

    /// The rules for people are folded away, and kept for when some sign in.
    fn for_itself(&self, id: &str) -> AnyView {
        let open = !self.editing.errors.is_empty();
        view! {
            {section("Requests", requests_hint(id), self.scopes())}
            {section("Tokens", "What the tokens look like that it gets for itself, and how long they live.", self.form().tokens_for_itself())}
            <details class="more" open=open>
                <summary>"For people, once they sign in to it"</summary>
                <p class="muted small">
                    "Nobody signs in to this client, and nobody is asked: it has the grant type client_credentials alone. This counts \
                     once it has another one."
                </p>
                <div class="sections">
                    {section("Consent", consent_hint(id), self.form().consent(self.client.kind))}
                    {section("Tokens of people", "Refresh tokens, and what is in ID tokens.", view! { {self.pkce()} {self.form().tokens_for_people()} })}
                    {section("Logout", LOGOUT_HINT, self.logout())}
                </div>
            </details>
        }
        .into_any()
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
            inherited: "Default",
        }
    }

    fn pkce(&self) -> AnyView {
        if self.client.is_public() {
            note(Tone::Plain, "PKCE is required: a public client must always use it (RFC 9700, section 2.1.1).")
        } else if self.client.rules().demands.pkce {
            note(Tone::Plain, "PKCE is required by the security profile, which is in the settings.")
        } else {
            self.form().require_pkce()
        }
    }

    fn scopes(&self) -> AnyView {
        let draft = &self.editing.draft;
        let allowed = "What it may ask for, in place of the scopes of the settings; none ticked: all of those.";
        let default = "What a request without a scope gets; none ticked: everything allowed.";
        view! {
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
