//! Users.

pub mod consents;
pub mod danger;
mod form;
pub mod linked;
pub mod list;
pub mod new;
pub mod profile;
pub mod revoke;
pub mod security;

use leptos::prelude::*;
use oauth::user::User;

use super::path;
use crate::ui::{Crumb, Tone, code_line, initials, page_head, tabs, tag};

fn status(user: &User) -> AnyView {
    if user.enabled { tag(Tone::Good, "Active") } else { tag(Tone::Plain, "Disabled") }
}

/// The head of every page about one user: who it is, and their parts.
pub(super) fn user_head(user: &User, current: &str) -> AnyView {
    let subject = user.subject.as_str();
    let links = [
        ("Profile", path::user(subject)),
        ("Security", path::user_part(subject, "security")),
        ("Sessions", path::user_part(subject, "sessions")),
        ("Grants", path::user_part(subject, "grants")),
        ("Consents", path::user_part(subject, "consents")),
        ("Activity", path::user_part(subject, "activity")),
        ("History", path::user_part(subject, "history")),
        ("Danger zone", path::user_part(subject, "danger")),
    ];
    let title = view! {
        <span class="who">
            <span class="avatar" aria-hidden="true">{initials(user.claims.name.as_deref().unwrap_or(&user.username))}</span>
            <span class="name" title=user.username.clone()>{user.username.clone()}</span>
        </span>
    };
    let lead = view! { <span class="lead-line">{code_line("subject", subject)}{status(user)}</span> };
    view! {
        {page_head(vec![Crumb::new("Users", path::USERS)], title, lead, ())}
        {tabs("Parts of this user", &links, current)}
    }
    .into_any()
}
