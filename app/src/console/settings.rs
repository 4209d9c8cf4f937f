//! Settings of the server: what applies to every client that does not decide otherwise.

use leptos::prelude::*;
use oauth::client::{ClientKind, ClientOrigin, ClientPolicy, PolicyDraft};

use super::clients::policy_form::PolicyForm;
use super::frame::Entry;
use super::{Console, Editing, path};
use crate::path as site;
use crate::ui::{Tone, note, page_head, section};

/// The page. Its form sends the members of a policy, but for scopes and addresses.
#[derive(Debug, Clone)]
pub struct SettingsPage {
    pub editing: Editing<PolicyDraft>,
}

impl SettingsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Settings), "Settings", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let built_in = ClientPolicy::default();
        let form = PolicyForm {
            draft: &self.editing.draft,
            errors: &self.editing.errors,
            defaults: &built_in,
            origin: ClientOrigin::Administrator,
            inherited: "Built in",
        };
        let sections = view! {
            {section("Consent", "When people are asked whether a client may have what it asks for.", form.consent(ClientKind::Web))}
            {section("Requests", "What a request must carry.", form.require_pkce())}
            {section("Tokens", "What tokens look like, what is in them and how long they live.", form.tokens())}
        };
        let elsewhere = view! {
            "A client that decides for itself, under " <b>"Login & consent"</b> ", stays as it is; all others follow at once. Tokens that were \
             given keep what they have. Whether clients register themselves is decided under "
            <a href=path::REGISTRATION>"Registration"</a> ", addresses, limits and the database "
            <a href=site::docs("configuration")>"in the environment"</a> "."
        };
        view! {
            {page_head(Vec::new(), "Settings", "What applies to every client that does not decide otherwise.", view! { <a class="btn" href=path::SETTINGS_HISTORY>"History"</a> })}
            {note(Tone::Plain, elsewhere)}
            {self.editing.form(path::SETTINGS.to_owned(), "Save", sections)}
        }
    }
}
