//! The security of a user: the password, the identity providers that vouch for them, and the way to end all at once.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::time::Timestamp;
use oauth::user::User;

use super::linked::{LinkedAccount, linked};
use super::user_head;
use crate::console::frame::Entry;
use crate::console::replays::{ReplayRow, replays};
use crate::console::{Console, path, tips};
use crate::islands::Check;
use crate::ui::{Field, message, section};

/// Setting the password (sends `password`), the links with identity providers, and the way to end every session.
#[derive(Debug, Clone)]
pub struct UserSecurityPage {
    pub user: User,
    pub errors: FieldErrors,
    /// The oldest links with identity providers.
    pub linked: Vec<LinkedAccount>,
    /// There are links after these.
    pub are_more: bool,
    /// The newest replays of their refresh tokens.
    pub replays: Vec<ReplayRow>,
    pub now: Timestamp,
}

impl UserSecurityPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), format!("{} security", self.user.username), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let subject = self.user.subject.as_str();
        let field = Field::new("password", "New password")
            .kind("password")
            .autocomplete("new-password")
            .help("At least 8 characters. Setting it ends every session of this user and revokes all their tokens.")
            .tip(tips::NEW_PASSWORD)
            .error(message(&self.errors, "password"));
        let password = view! {
            <form class="stack" method="post" action=path::user_part(subject, "password")>
                {field.check(Check::Password).view()}
                <div class="actions"><button class="btn primary">"Set password"</button></div>
            </form>
        };
        let revoke = view! {
            <div class="actions">
                <a class="btn danger" href=path::user_part(subject, "revoke")>"Revoke all tokens"</a>
            </div>
        };
        let revoke_hint = "Ends every session of this user and revokes all access and refresh tokens issued for them. They can sign in again.";
        view! {
            {user_head(&self.user, "Security")}
            {section("Password", "Replaces the one they have. Give it to them in person.", password)}
            {section("Sessions and tokens", revoke_hint, revoke)}
            {linked(&self.linked, self.are_more, self.now)}
            {replays(&self.replays, "Client", self.now)}
        }
    }
}
