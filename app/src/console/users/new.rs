//! A new user.

use leptos::prelude::*;
use oauth::user::UserDraft;

use super::form::UserForm;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path, tips};
use crate::islands::Check;
use crate::ui::{Crumb, Field, message, page_head, section};

/// The form of a new user: all of a user, and `password`.
#[derive(Debug, Clone)]
pub struct NewUserPage {
    pub editing: Editing<UserDraft>,
}

impl NewUserPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "New user", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let form = UserForm { draft: &self.editing.draft, errors: &self.editing.errors };
        let password = Field::new("password", "Password")
            .kind("password")
            .autocomplete("new-password")
            .help("At least 8 characters. Give it to them in person; they cannot be sent it from here.")
            .tip(tips::USER_PASSWORD)
            .error(message(&self.editing.errors, "password"));
        // A field that is wrong must not be hidden.
        let has_more_errors =
            self.editing.errors.iter().any(|(field, _)| !["username", "password", "email"].contains(&field));
        let account = view! {
            {form.username()}
            {password.check(Check::Password).view()}
            {form.email()}
            {form.enabled()}
        };
        let sections = view! {
                {section("Account", "All that is needed to sign in.", account)}
                <details class="more" open=has_more_errors>
                    <summary>"Profile, phone, address and further claims"</summary>
                    <div class="sections">{form.claims()}</div>
                </details>
        };
        view! {
            {page_head(vec![Crumb::new("Users", path::USERS)], "New user", "A person who can sign in.", ())}
            {self.editing.form(path::USER_NEW.to_owned(), "Create user", sections)}
        }
    }
}
