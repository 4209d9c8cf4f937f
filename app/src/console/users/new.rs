//! A new user.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::user::UserDraft;

use super::form::UserForm;
use crate::console::frame::Entry;
use crate::console::{Console, path, tips};
use crate::islands::{Check, SaveBar};
use crate::ui::{Crumb, Field, Tone, message, note, page_head, section};

/// The form of a new user: all of a user, and `password`.
#[derive(Debug, Clone)]
pub struct NewUserPage {
    pub draft: UserDraft,
    pub errors: FieldErrors,
}

impl NewUserPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "New user", move || self.view())
    }

    fn view(self) -> impl IntoView {
        let refused = !self.errors.is_empty();
        let form = UserForm { draft: &self.draft, errors: &self.errors };
        let password = Field::new("password", "Password")
            .kind("password")
            .autocomplete("new-password")
            .help("At least 8 characters. Give it to them in person; they cannot be sent it from here.")
            .tip(tips::USER_PASSWORD)
            .error(message(&self.errors, "password"));
        // A field that is wrong must not be hidden.
        let has_more_errors = self.errors.iter().any(|(field, _)| !["username", "password", "email"].contains(&field));
        let account = view! {
            {form.username()}
            {password.check(Check::Password).view()}
            {form.email()}
            {form.enabled()}
        };
        let problem =
            (!self.errors.is_empty()).then(|| note(Tone::Bad, "Nothing was created yet: see the fields marked below."));
        view! {
            {page_head(vec![Crumb::new("Users", path::USERS)], "New user", "A person who can sign in.", ())}
            {problem}
            <form class="sections" method="post" action=path::USER_NEW>
                {section("Account", "All that is needed to sign in.", account)}
                <details class="more" open=has_more_errors>
                    <summary>"Profile, phone, address and further claims"</summary>
                    <div class="sections">{form.claims()}</div>
                </details>
                <SaveBar label="Create user".to_owned() refused=refused/>
            </form>
        }
    }
}
