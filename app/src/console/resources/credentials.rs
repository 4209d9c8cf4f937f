//! The secrets of a resource.

use leptos::prelude::*;
use oauth::client::SecretDraft;
use oauth::resource::Resource;
use oauth::time::Timestamp;

use super::resource_head;
use crate::console::clients::credentials::{NewSecret, SecretRow, new_secret, secret_form, secret_table};
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path};
use crate::ui::{code_line, facts};

/// The secrets, and the form for another. Sends `name` and `lifetime_days`; revoking one is a page of its own.
#[derive(Debug, Clone)]
pub struct ResourceCredentialsPage {
    pub resource: Resource,
    pub is_default: bool,
    pub introspection_endpoint: String,
    pub secrets: Vec<SecretRow>,
    pub new_secret: NewSecret,
    /// The form for another.
    pub editing: Editing<SecretDraft>,
    pub now: Timestamp,
}

impl ResourceCredentialsPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Resources), format!("{} credentials", self.resource.name), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let id = self.resource.id.as_str();
        let without = "An API that verifies JWTs needs none. With one it can ask about its own tokens.";
        let known = facts(vec![
            ("User name", code_line("user name", id)),
            ("Endpoint", code_line("introspection endpoint", self.introspection_endpoint.clone())),
        ]);
        view! {
            {resource_head(&self.resource, self.is_default, "Credentials")}
            {new_secret(&self.new_secret)}
            <section class="card block">{known}</section>
            {secret_table(&self.secrets, &path::resource_part(id, "credentials/revoke"), without, self.now)}
            {secret_form(&self.editing, path::resource_part(id, "credentials"))}
        }
    }
}
