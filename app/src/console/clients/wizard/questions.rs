//! The second page of the wizard: a few questions, answered beforehand where that is possible.

use leptos::prelude::*;
use oauth::client::{ClientDraft, ClientKind, ClientOrigin, Defaults, NewClientDraft};
use oauth::scope::ScopeDefinition;

use super::{OFFLINE_ACCESS, Starter, refreshes};
use crate::console::clients::form::ClientForm;
use crate::console::clients::policy_form::PolicyForm;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::ui::{Choice, Crumb, checkbox, page_head, radio_cards, section, with_query};

/// The questions about a client that `starter` began.
#[derive(Debug, Clone)]
pub struct WizardPage {
    pub starter: Starter,
    pub editing: Editing<NewClientDraft>,
    /// The scopes of the server.
    pub scopes: Vec<ScopeDefinition>,
    /// The rules where the policy decides nothing.
    pub defaults: Defaults,
    /// The client ID for a name that none can be made of. Part of the form, so that a form sent twice makes one client.
    pub spare_id: String,
    /// Which code to show first, by the word that the form sends.
    pub code: String,
}

impl WizardPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Clients), self.starter.title(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let title = self.starter.title();
        let crumbs = vec![Crumb::new("Clients", path::CLIENTS), Crumb::new("New client", path::CLIENT_WIZARD)];
        let advanced = with_query(path::CLIENT_NEW, &[("kind", self.starter.kind().as_str())]);
        let advanced = view! { <a class="btn" href=advanced>"Advanced form"</a> };
        let action = with_query(path::CLIENT_WIZARD, &[("app", self.starter.as_str())]);
        let sections = view! {
                <input type="hidden" name="spare_id" value=self.spare_id.clone()/>
                {self.questions()}
                {self.code()}
        };
        view! {
            {page_head(crumbs, title, "Everything can be changed later, but the client ID.", advanced)}
            {self.editing.form(action, "Create client", sections)}
        }
    }

    fn questions(&self) -> impl IntoView + use<> {
        let scopes: Vec<_> =
            self.scopes.iter().filter(|scope| scope.name.as_str() != OFFLINE_ACCESS).cloned().collect();
        // Refresh tokens are a question of their own.
        let NewClientDraft { client: asked, policy } = &self.editing.draft;
        let words = asked.scope.split_whitespace().filter(|word| *word != OFFLINE_ACCESS);
        let draft = ClientDraft { scope: words.collect::<Vec<_>>().join("\n"), ..asked.clone() };
        let signs_people_in = self.starter.kind() != ClientKind::Machine;
        let form = ClientForm { draft: &draft, errors: &self.editing.errors, scopes: &scopes, alone: !signs_people_in };
        let redirects = self.starter.redirects().then(|| {
            let hint = "Where people are sent back to after they signed in. The code on the next page uses the first.";
            section("Redirect URIs", hint, form.redirect_uris())
        });
        let refresh = signs_people_in.then(|| {
            let help = "The application stays signed in when the person has gone, until the refresh token ends.";
            let field = checkbox("refresh", "Refresh tokens", help, tips::REFRESH_TOKENS, refreshes(&draft));
            section("Staying signed in", "Whether new access tokens need a new sign-in.", field)
        });
        let id_tokens = signs_people_in.then(|| {
            let policy = PolicyForm {
                draft: policy,
                errors: &self.editing.errors,
                defaults: &self.defaults,
                origin: ClientOrigin::Administrator,
                inherited: "Default",
            };
            section("ID tokens", "Where the client learns who signed in.", policy.id_token_claims())
        });
        let id = form.new_client_id("Leave it empty to have one made from the name. It cannot be changed later.");
        view! {
            {section("Name", if signs_people_in { "What people and you know it by." } else { "What you know it by." }, view! { {form.client_name()} {id} })}
            {redirects}
            {section("Scopes", "What it may ask for.", form.scope())}
            {refresh}
            {id_tokens}
        }
    }

    /// Which library the code is for, where there are several.
    fn code(&self) -> Option<AnyView> {
        let snippets = self.starter.snippets();
        let chosen = self.starter.code(&self.code);
        (snippets.len() > 1).then(|| {
            let choices = snippets.iter().map(|snippet| Choice::new(snippet.id, snippet.title, "")).collect();
            let cards = radio_cards("code", "Show code for", tips::SHOW_CODE, choices, chosen, None);
            section("Code", "To begin with, on the next page.", cards)
        })
    }
}
