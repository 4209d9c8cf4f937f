//! What is known about a user.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::time::Timestamp;
use oauth::user::{User, UserDraft};

use super::form::UserForm;
use super::user_head;
use crate::console::clients::conflict_note;
use crate::console::frame::Entry;
use crate::console::{Console, path};
use crate::islands::SaveBar;
use crate::ui::{Tone, moment, note, section};

/// The form with a user's account and claims.
#[derive(Debug, Clone)]
pub struct UserProfilePage {
    /// As they are.
    pub user: User,
    /// As they are, or as it was typed.
    pub draft: UserDraft,
    pub errors: FieldErrors,
    /// The version that the form was made from.
    pub version: i64,
    /// Somebody else saved meanwhile.
    pub conflict: bool,
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
        let refused = !self.errors.is_empty() || self.conflict;
        let form = UserForm { draft: &self.draft, errors: &self.errors };
        let here = path::user(self.user.subject.as_str());
        let problem =
            (!self.errors.is_empty()).then(|| note(Tone::Bad, "Nothing was saved yet: see the fields marked below."));
        let last = self.last_sign_in_at.map_or_else(|| "never".into_any(), |at| moment(at, self.now));
        let dates = view! {
            <p>"Created " {moment(self.created_at, self.now)} "."</p>
            <p>"Last sign-in: " {last} "."</p>
        };
        view! {
            {user_head(&self.user, "Profile")}
            {conflict_note(self.conflict, here.clone())}
            {problem}
            <form class="sections" method="post" action=here>
                <input type="hidden" name="version" value=self.version.to_string()/>
                {section("Account", dates, view! { {form.username()} {form.email()} {form.enabled()} })}
                {form.claims()}
                <SaveBar label="Save".to_owned() refused=refused/>
            </form>
        }
    }
}
