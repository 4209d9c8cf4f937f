//! The form of a new client, by kind: name, ID, redirect URIs, scopes and consent. The rest is in the settings afterwards.

use leptos::prelude::*;
use oauth::client::{ClientKind, ClientOrigin, Defaults, NewClientDraft};
use oauth::scope::ScopeDefinition;

use super::form::ClientForm;
use super::kind_name;
use super::policy_form::PolicyForm;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path};
use crate::ui::{Crumb, page_head, section, segments, with_query};

/// The form of a new client of the kind that the draft names.
#[derive(Debug, Clone)]
pub struct NewClientPage {
    pub editing: Editing<NewClientDraft>,
    /// The scopes of the server.
    pub scopes: Vec<ScopeDefinition>,
    /// The rules where the policy decides nothing.
    pub defaults: Defaults,
}

impl NewClientPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), "New client", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let NewClientDraft { client: draft, policy } = &self.editing.draft;
        let kind = ClientKind::find(&draft.kind).unwrap_or_default();
        let signs_people_in = kind != ClientKind::Machine;
        let (errors, alone) = (&self.editing.errors, !signs_people_in);
        let form = ClientForm { draft, errors, scopes: &self.scopes, alone };
        let id = form.new_client_id("Leave it empty to have one made. It cannot be changed later.");
        let redirects = signs_people_in.then(|| {
            section("Redirect URIs", "Where people are sent back to after they signed in.", form.redirect_uris())
        });
        let consent = signs_people_in.then(|| {
            let policy = PolicyForm {
                draft: policy,
                errors: &self.editing.errors,
                defaults: &self.defaults,
                origin: ClientOrigin::Administrator,
                inherited: "Default",
            };
            section(
                "Consent",
                "When people are asked whether the client may have what it asks for.",
                policy.consent(kind),
            )
        });
        // What the kind decides travels along; it can be changed later in the settings.
        let hidden = draft
            .grant_types
            .iter()
            .map(|grant| ("grant_types", grant.clone()))
            .chain([
                ("kind", draft.kind.clone()),
                ("token_endpoint_auth_method", draft.token_endpoint_auth_method.clone()),
                ("id_token_signed_response_alg", draft.id_token_signed_response_alg.clone()),
                ("enabled", "on".to_owned()),
            ])
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view();
        let crumbs = vec![Crumb::new("Clients", path::CLIENTS), Crumb::new("New client", path::CLIENT_WIZARD)];
        let title = format!(
            "New {} client",
            kind_name(kind).replace("Web", "web").replace("Native", "native").replace("Machine", "machine")
        );
        let action = with_query(path::CLIENT_NEW, &[("kind", kind.as_str())]);
        let wizard = view! { <a class="btn" href=path::CLIENT_WIZARD>"Wizard"</a> };
        let sections = view! {
                {hidden}
                {section("Name", if signs_people_in { "What people and you know it by." } else { "What you know it by." }, view! { {form.client_name()} {id} })}
                {redirects}
                {section("Scopes", "What it may ask for.", form.scope())}
                {consent}
        };
        view! {
            {page_head(crumbs, title, "Everything can be changed later, but the client ID.", wizard)}
            {kinds(kind)}
            {self.editing.form(action, "Create client", sections)}
        }
    }
}

/// The same form for another kind of client.
fn kinds(current: ClientKind) -> AnyView {
    let link = |kind: &ClientKind| {
        let href = with_query(path::CLIENT_NEW, &[("kind", kind.as_str())]);
        (kind_name(*kind).to_owned(), href, current == *kind)
    };
    segments("Kind", ClientKind::ALL.iter().map(link).collect())
}
