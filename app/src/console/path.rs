//! The addresses of the console: routes, redirects and links are made from the same words.

use crate::ui::with_query;

pub const DASHBOARD: &str = "/admin/ui";
pub const CLIENTS: &str = "/admin/ui/clients";
pub const CLIENT_WIZARD: &str = "/admin/ui/clients/wizard";
pub const CLIENT_NEW: &str = "/admin/ui/clients/new";
pub const SCOPES: &str = "/admin/ui/scopes";
pub const SCOPE_NEW: &str = "/admin/ui/scopes/new";
pub const SCOPE_EDIT: &str = "/admin/ui/scopes/edit";
pub const SCOPE_DELETE: &str = "/admin/ui/scopes/delete";
pub const USERS: &str = "/admin/ui/users";
pub const USER_NEW: &str = "/admin/ui/users/new";
pub const KEYS: &str = "/admin/ui/keys";
pub const API: &str = "/admin/ui/api";
pub const LOGIN: &str = "/admin/login";
pub const LOGOUT: &str = "/admin/logout";

/// The overview of a client. Client IDs need no escaping.
#[must_use]
pub fn client(client_id: &str) -> String {
    format!("{CLIENTS}/{client_id}")
}

/// A part of a client: `settings`, `policy`, `credentials`, `danger`.
#[must_use]
pub fn client_part(client_id: &str, part: &str) -> String {
    format!("{CLIENTS}/{client_id}/{part}")
}

/// The profile of a user, by subject.
#[must_use]
pub fn user(subject: &str) -> String {
    format!("{USERS}/{subject}")
}

/// A part of a user: `security`, `danger`.
#[must_use]
pub fn user_part(subject: &str, part: &str) -> String {
    format!("{USERS}/{subject}/{part}")
}

/// A scope. Its name may hold any visible character, `/` and `..` too, so it is a parameter and no part of the path.
#[must_use]
pub fn scope(name: &str) -> String {
    with_query(SCOPE_EDIT, &[("name", name)])
}
