//! The question whether to end all sessions of a user and to revoke all their tokens.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::user::User;

use crate::console::frame::Entry;
use crate::console::question::Question;
use crate::console::{Console, path};
use crate::ui::{Crumb, tally};

/// The question. Sends nothing.
#[derive(Debug, Clone)]
pub struct UserRevocationPage {
    pub user: User,
    /// Browsers in which they are signed in.
    pub sessions: Count,
    /// Grants that live.
    pub grants: Count,
    /// The applications, agents and devices that act for them now: name and client ID.
    pub clients: Vec<(String, String)>,
}

impl UserRevocationPage {
    #[must_use]
    pub fn render(self, console: &Console) -> String {
        console.page(Some(Entry::Users), "Revoke all tokens", move || self.view())
    }

    fn view(self) -> AnyView {
        let subject = self.user.subject.as_str();
        let number = |count: Count, one: &str, many: &str| {
            let word = if count == 1 { one } else { many };
            format!("{} {word}", tally(count))
        };
        let sessions = number(self.sessions, "session ends", "sessions end");
        let grants = number(self.grants, "live grant is revoked", "live grants are revoked");
        let clients = self.clients.iter().map(|(name, id)| {
            view! { <li><a class="name" href=path::client(id)>{name.clone()}</a></li> }
        });
        let clients = (!self.clients.is_empty()).then(|| {
            view! { <p>"They are signed out of:"</p> <ul>{clients.collect_view()}</ul> }
        });
        let text = view! {
            <p><b>{format!("{sessions}, and {grants}.")}</b> " They can sign in again, and what they allowed stays allowed."</p>
            {clients}
            <p>"An API that checks JWTs by itself accepts those that it was given until they end."</p>
        };
        let name = self.user.username.clone();
        let back = path::user_part(subject, "security");
        Question {
            crumbs: vec![Crumb::new("Users", path::USERS), Crumb::new(name.clone(), path::user(subject))],
            title: "Revoke all tokens",
            about: view! { "Of the user " <b class="name">{name}</b> "." }.into_any(),
            text: text.into_any(),
            action: path::user_part(subject, "revoke"),
            hidden: Vec::new(),
            button: "Revoke all tokens",
            back,
        }
        .view()
    }
}
