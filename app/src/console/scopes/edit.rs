//! One scope: the form that makes or changes it.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::scope::{MAX_SCOPE_DESCRIPTION, ScopeDefinition, ScopeDraft};

use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{Crumb, Danger, Field, danger_zone, message, page_head, section};

/// The form of a scope. Sends `name`, `description` and `claims`.
#[derive(Debug, Clone)]
pub struct ScopePage {
    /// The scope as it is; `None` for a new one.
    pub saved: Option<ScopeDefinition>,
    pub editing: Editing<ScopeDraft>,
    /// The problems of the form that deletes it.
    pub danger: FieldErrors,
}

impl ScopePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        let title = self.saved.as_ref().map_or_else(|| "New scope".to_owned(), |scope| scope.name.to_string());
        console.page(Some(Entry::Scopes), title, move || self.view())
    }

    fn view(self) -> impl IntoView {
        let saved = self.saved.as_ref().map(|scope| scope.name.to_string());
        let is_new = saved.is_none();
        let title = match &saved {
            Some(name) => view! { <span class="mono">{name.clone()}</span> }.into_any(),
            None => "New scope".into_any(),
        };
        let danger = saved.clone().filter(|name| name != "openid").map(|name| delete(name, &self.danger));
        let action = saved.as_deref().map_or_else(|| path::SCOPE_NEW.to_owned(), path::scope);
        let sections = view! {
                {section("Scope", "How clients name it, and what people read when they are asked to allow it.", self.naming(saved))}
                {section("Claims", "What the client learns about the user under this scope.", self.claims())}
        };
        view! {
            {page_head(vec![Crumb::new("Scopes", path::SCOPES)], title, "A permission that a client asks for by name.", ())}
            {self.editing.form(action, if is_new { "Create scope" } else { "Save" }, sections)}
            {danger}
        }
    }

    fn naming(&self, saved: Option<String>) -> AnyView {
        let name = match saved {
            Some(name) => view! { <input type="hidden" name="name" value=name/> }.into_any(),
            None => Field::new("name", "Scope name")
                .value(&self.editing.draft.name)
                .help("One word, for example invoices:read. It cannot be changed later.")
                .tip(tips::SCOPE_NAME)
                .error(message(&self.editing.errors, "name"))
                .code()
                .view(),
        };
        let description = Field::new("description", "Description")
            .value(&self.editing.draft.description)
            .help("Shown on the consent page, as something the application gets: Your email address.")
            .tip(tips::SCOPE_DESCRIPTION)
            .error(message(&self.editing.errors, "description"));
        view! { {name} {description.check(Check::display_name(MAX_SCOPE_DESCRIPTION)).view()} }.into_any()
    }

    fn claims(&self) -> AnyView {
        Field::new("claims", "Claims")
            .value(&self.editing.draft.claims)
            .help("One a line: standard claims such as email or birthdate, or claims of your own that users carry.")
            .tip(tips::SCOPE_CLAIMS)
            .error(message(&self.editing.errors, "claims"))
            .rows(6)
            .code()
            .view()
    }
}

fn delete(name: String, errors: &FieldErrors) -> AnyView {
    danger_zone(Danger {
        title: "Danger zone",
        text:
            "Clients can no longer ask for a deleted scope. Tokens that carry it keep the word, but it opens nothing."
                .into_any(),
        action: path::SCOPE_DELETE.to_owned(),
        hidden: Some(("name", name.clone())),
        confirm: name,
        tip: tips::CONFIRM,
        button: "Delete scope",
        error: message(errors, "confirm"),
    })
}
