//! The profile of a user.

use leptos::prelude::*;
use oauth::time::Timestamp;
use oauth::user::{User, UserDraft};

use super::form::UserForm;
use super::user_head;
use crate::console::frame::Entry;
use crate::console::{Console, Editing, path};
use crate::ui::{Tone, moment, note, section};

/// The form with a user's account and claims.
#[derive(Debug, Clone)]
pub struct UserProfilePage {
    /// As they are.
    pub user: User,
    pub editing: Editing<UserDraft>,
    /// Other accounts have the same email address, so nobody signs in with it.
    pub email_is_shared: bool,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
    pub now: Timestamp,
}

impl UserProfilePage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), self.user.username.clone(), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let form = UserForm { draft: &self.editing.draft, errors: &self.editing.errors };
        let here = path::user(self.user.subject.as_str());
        let shared = self.email_is_shared.then(|| {
            note(
                Tone::Warn,
                "Another user has the same email address, so neither can sign in with it. Change one of the two.",
            )
        });
        let last = self.last_sign_in_at.map_or_else(|| "never".into_any(), |at| moment(at, self.now));
        let dates = view! {
            <p>"Created " {moment(self.created_at, self.now)} "."</p>
            <p>"Last sign-in: " {last} "."</p>
        };
        let sections = view! {
                {section("Account", dates, view! { {form.username()} {form.email()} {form.enabled()} })}
                {form.claims()}
        };
        view! { {user_head(&self.user, "Profile")} {shared} {self.editing.form(here, "Save", sections)} }
    }
}
