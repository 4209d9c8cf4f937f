//! The settings of a client.

use leptos::prelude::*;
use oauth::certificate::HandedOn;
use oauth::client::{Client, ClientDraft, ClientKind, ClientOrigin, SecurityProfile};
use oauth::scope::ScopeDefinition;

use super::form::ClientForm;
use super::profile::{legacy_note, profile_cards};
use super::{client_head, kind_name, policy_tab};
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::ui::{Choice, Tone, checkbox, message, note, section, select};

/// The form with all that is registered about a client, but its policy and secrets.
#[derive(Debug, Clone)]
pub struct ClientSettingsPage {
    /// As it is.
    pub client: Client,
    pub editing: Editing<ClientDraft>,
    pub scopes: Vec<ScopeDefinition>,
    /// True when the operator allows the profile `legacy`.
    pub legacy_is_on: bool,
    /// The certificates of clients that the proxy hands on.
    pub certificates: HandedOn,
}

impl ClientSettingsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), format!("{} settings", self.client.client_name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        // Said of the client as it is saved: the boxes below change nothing yet.
        let alone = self.client.acts_only_for_itself();
        let form = ClientForm { draft: &self.editing.draft, errors: &self.editing.errors, scopes: &self.scopes, alone };
        let hint = |for_people: &'static str, for_itself: &'static str| if alone { for_itself } else { for_people };
        let id = self.client.client_id.as_str();
        let here = path::client_part(id, "settings");
        let general = view! { {form.client_name()} {self.kind()} {checkbox("enabled", "Enabled", "A disabled client is refused everywhere, as if it were unknown. Once you save it unticked it gets nothing more, and the tokens that it has are refused here.", tips::CLIENT_ENABLED, self.editing.draft.enabled)} };
        let links = view! { <div class="halves">{form.links()}</div> };
        let sections = view! {
                {section("General", hint("What people and you know it by.", "What you know it by. Nobody signs in to it."), general)}
                {section("Security", "How much it must prove.", view! { {self.profile()} {form.response_types()} })}
                {section("Addresses", hint("Where people are sent back to, and from where its pages may call.", "It needs none: nobody is sent to it."), view! { {form.redirect_uris()} {form.allowed_origins()} })}
                {section("Grants", "How it gets tokens, and how it proves who it is.", view! { {form.grant_types()} {form.auth_method(self.certificates)} {form.keys()} {form.may_introspect()} })}
                {section("Requests", hint("How people are sent here: by plain parameters, unless the client can do better.", "What its token requests must prove, and what counts once people are sent here."), form.requests())}
                {section("Scopes", scopes_hint(&self.client), view! { {form.scope()} {form.details_types()} })}
                {section(hint("ID tokens", "Signatures"), hint("What they and JWT access tokens are signed with.", "What its JWT access tokens are signed with, and ID tokens once people sign in."), view! { {form.alg()} {form.signed_answers()} })}
                {form.encryption()}
                {form.people()}
                {form.ciba()}
                {section("Links", hint("Shown to people when they sign in.", "For people who sign in. Nobody does."), links)}
                {form.logout()}
        };
        let described = (self.client.origin == ClientOrigin::MetadataDocument).then(|| {
            note(
                Tone::Plain,
                "Name, kind, redirect URIs, grants, authentication and links are what its document says: changes of them are not \
                 kept. With no scope ticked it may ask for all.",
            )
        });
        let old = legacy_note(self.client.profile(), self.legacy_is_on);
        view! { {client_head(&self.client, "Settings")} {old} {described} {self.editing.form(here, "Save", sections)} }
    }

    fn profile(&self) -> AnyView {
        let error = message(&self.editing.errors, "security_profile");
        profile_cards(&self.editing.draft.security_profile, self.undecided(), self.legacy_is_on, error)
    }

    /// The profile that counts while nobody decides.
    fn undecided(&self) -> SecurityProfile {
        Client { security_profile: None, ..self.client.clone() }.profile()
    }

    fn kind(&self) -> AnyView {
        let choices = ClientKind::ALL.iter().map(|kind| Choice::new(kind, kind_name(*kind), "")).collect();
        let help = "A native client may listen on any loopback port and may have a scheme of its own.";
        select(
            "kind",
            "Kind",
            help,
            tips::CLIENT_KIND,
            choices,
            &self.editing.draft.kind,
            message(&self.editing.errors, "kind"),
        )
    }
}

/// The places of everything about scopes: each stands in one.
fn scopes_hint(client: &Client) -> AnyView {
    let asked = if client.acts_only_for_itself() { ", under " } else { ", and when people are asked, under " };
    view! {
        "What it may ask for. The scopes themselves are under " <a href=path::SCOPES>"Scopes"</a> "; what a request gets that names none" {asked}
        <a href=path::client_part(client.client_id.as_str(), "policy")>{policy_tab(client)}</a> "."
    }
    .into_any()
}
