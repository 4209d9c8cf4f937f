//! The settings of a client.

use leptos::prelude::*;
use oauth::client::{Client, ClientDraft, ClientKind};
use oauth::field::FieldErrors;
use oauth::scope::ScopeDefinition;

use super::form::ClientForm;
use super::{client_head, conflict_note, kind_name};
use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::islands::SaveBar;
use crate::ui::{Choice, Tone, checkbox, message, note, section, select};

/// The form with all that is registered about a client, but its policy and secrets.
#[derive(Debug, Clone)]
pub struct ClientSettingsPage {
    /// As it is.
    pub client: Client,
    /// As it is, or as it was typed.
    pub draft: ClientDraft,
    pub errors: FieldErrors,
    /// The version that the form was made from.
    pub version: i64,
    /// Somebody else saved meanwhile.
    pub conflict: bool,
    pub scopes: Vec<ScopeDefinition>,
}

impl ClientSettingsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} settings", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let refused = !self.errors.is_empty() || self.conflict;
        let form = ClientForm { draft: &self.draft, errors: &self.errors, scopes: &self.scopes };
        let here = path::client_part(self.client.client_id.as_str(), "settings");
        let problem =
            (!self.errors.is_empty()).then(|| note(Tone::Bad, "Nothing was saved yet: see the fields marked below."));
        let general = view! { {form.client_name()} {self.kind()} {checkbox("enabled", "Enabled", "A disabled client is refused everywhere, as if it were unknown.", tips::CLIENT_ENABLED, self.draft.enabled)} };
        let links = view! { <div class="halves">{form.links()}</div> };
        view! {
            {client_head(&self.client, "Settings")}
            {conflict_note(self.conflict, here.clone())}
            {problem}
            <form class="sections" method="post" action=here>
                <input type="hidden" name="version" value=self.version.to_string()/>
                {section("General", "What people and you know it by.", general)}
                {section("Addresses", "Where people are sent back to, and from where its pages may call.", view! { {form.redirect_uris()} {form.allowed_origins()} })}
                {section("Grants", "How it gets tokens, and how it proves who it is.", view! { {form.grant_types()} {form.auth_method()} })}
                {section("Scopes", "What it may ask for, and whether people are asked.", view! { {form.scope()} {form.require_consent()} })}
                {section("ID tokens", "What they and JWT access tokens are signed with.", form.alg())}
                {section("Links", "Shown to people when they sign in.", links)}
                <SaveBar label="Save".to_owned() refused=refused/>
            </form>
        }
    }

    fn kind(&self) -> AnyView {
        let choices = ClientKind::ALL.iter().map(|kind| Choice::new(kind, kind_name(*kind), "")).collect();
        let help = "A native client may listen on any loopback port and may have a scheme of its own.";
        select("kind", "Kind", help, tips::CLIENT_KIND, choices, &self.draft.kind, message(&self.errors, "kind"))
    }
}
