//! Deleting a user.

use leptos::prelude::*;
use oauth::field::FieldErrors;
use oauth::user::User;

use super::user_head;
use crate::console::Console;
use crate::console::bin::fate;
use crate::console::frame::Entry;
use crate::console::path;
use crate::console::tips;
use crate::ui::{Danger, danger_zone, message};

/// Deleting a user. Sends what was typed as `confirm`.
#[derive(Debug, Clone)]
pub struct UserDangerPage {
    pub user: User,
    pub errors: FieldErrors,
    /// Days that what is deleted stays in the bin; 0: it is erased at once.
    pub bin_days: i64,
}

impl UserDangerPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), format!("{} danger zone", self.user.username), move || self.view())
    }

    fn view(self) -> impl IntoView {
        let delete = danger_zone(Danger {
            title: "Delete",
            text: view! {
                "Nobody signs in to it, and its sessions and tokens are gone at once. With what it allowed, the account "
                {fate(self.bin_days, false)} ". Its subject is never given to anyone else."
            }
            .into_any(),
            action: path::user_part(self.user.subject.as_str(), "delete"),
            hidden: None,
            confirm: self.user.username.clone(),
            tip: tips::CONFIRM,
            button: "Delete user",
            error: message(&self.errors, "confirm"),
        });
        view! { {user_head(&self.user, "Danger zone")} {delete} }
    }
}
