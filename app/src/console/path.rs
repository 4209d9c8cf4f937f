//! The addresses of the console: routes, redirects and links are made from the same words. A route gives a parameter's name in
//! braces where a link gives its value: `client("{client_id}")`.

use oauth::registration::ClientUrl;

use crate::ui::{query, with_query};

/// Leads to the dashboard.
pub const DOOR: &str = "/admin";
pub const DASHBOARD: &str = "/admin/ui";
/// Every other address below the dashboard's, as a route.
pub const REST: &str = "/admin/ui/{*rest}";
pub const CLIENTS: &str = "/admin/ui/clients";
pub const CLIENT_WIZARD: &str = "/admin/ui/clients/wizard";
pub const CLIENT_NEW: &str = "/admin/ui/clients/new";
/// Tries a client.
pub use oauth::metadata::path::TRIAL;
/// Asks whether to do something to chosen clients. Not below the clients: one of them may be called so.
pub const CLIENTS_CHOSEN: &str = "/admin/ui/chosen/clients";
pub const AGENTS: &str = "/admin/ui/agents";
/// Allows or blocks one host.
pub const AGENT_HOST: &str = "/admin/ui/agents/host";
/// Puts a document here.
pub const AGENT_DOCUMENT: &str = "/admin/ui/agents/document";
pub const TRUSTS: &str = "/admin/ui/trusts";
pub const TRUST_NEW: &str = "/admin/ui/trusts/new";
pub const SCOPES: &str = "/admin/ui/scopes";
pub const SCOPE_NEW: &str = "/admin/ui/scopes/new";
pub const SCOPE_EDIT: &str = "/admin/ui/scopes/edit";
pub const SCOPE_DELETE: &str = "/admin/ui/scopes/delete";
pub const SCOPE_HISTORY: &str = "/admin/ui/scopes/history";
pub const SCOPE_CHANGE: &str = "/admin/ui/scopes/history/change";
pub const RESOURCES: &str = "/admin/ui/resources";
pub const RESOURCE_NEW: &str = "/admin/ui/resources/new";
pub const USERS: &str = "/admin/ui/users";
pub const USER_NEW: &str = "/admin/ui/users/new";
pub const USERS_CHOSEN: &str = "/admin/ui/chosen/users";
pub const SESSIONS: &str = "/admin/ui/sessions";
/// Asks whether to end sessions.
pub const SESSIONS_END: &str = "/admin/ui/sessions/end";
/// The consent policies of all clients.
pub const CONSENTS: &str = "/admin/ui/consents";
/// The form that says how a user would be asked.
pub const CONSENT_CHECK: &str = "/admin/ui/consents/check";
pub const KEYS: &str = "/admin/ui/keys";
/// Asks whether to rotate a key.
pub const KEY_ROTATE: &str = "/admin/ui/keys/rotate";
pub const KEY_WITHDRAW: &str = "/admin/ui/keys/withdraw";
pub const KEY_HISTORY: &str = "/admin/ui/keys/history";
/// Deleted things that can be restored.
pub const BIN: &str = "/admin/ui/bin";
pub const BIN_RESTORE: &str = "/admin/ui/bin/restore";
pub const BIN_ERASE: &str = "/admin/ui/bin/erase";
/// The policy of registration.
pub const REGISTRATION: &str = "/admin/ui/agents/registration";
pub const REGISTRATION_TOKEN: &str = "/admin/ui/agents/registration/token";
pub const REGISTRATION_TOKEN_DELETE: &str = "/admin/ui/agents/registration/token/delete";
pub const REGISTRATION_HISTORY: &str = "/admin/ui/agents/registration/history";
pub const SETTINGS_HISTORY: &str = "/admin/ui/settings/history";
pub const HOST_HISTORY: &str = "/admin/ui/agents/history";
/// Events.
pub const ACTIVITY: &str = "/admin/ui/activity";
/// The rules for all clients.
pub const SETTINGS: &str = "/admin/ui/settings";
/// Leads to an explanation.
pub const EXPLAIN: &str = "/admin/ui/explain";
/// The events of a list, as a file.
pub const ACTIVITY_EXPORT: &str = "/admin/ui/activity/export";
/// New events of a list, as they come.
pub const ACTIVITY_LIVE: &str = "/admin/ui/activity/live";
pub const API: &str = "/admin/ui/api";
/// The server function of the palette.
pub const SEARCH: &str = "/admin/ui/api/search";
/// The OpenAPI document of the admin API.
pub const OPENAPI: &str = "/admin/openapi.json";
pub const LOGIN: &str = "/admin/login";
pub const LOGOUT: &str = "/admin/logout";

/// Why a request was refused.
#[must_use]
pub fn explanation(request_id: &str) -> String {
    format!("{EXPLAIN}/{request_id}")
}

/// One event.
#[must_use]
pub fn event(id: &str) -> String {
    format!("{ACTIVITY}/{id}")
}

/// The overview of a client.
#[must_use]
pub fn client(client_id: &str) -> String {
    format!("{CLIENTS}/{}", segment(client_id))
}

/// A client ID as a segment of a path. None needs escaping but those that are URLs.
fn segment(client_id: &str) -> String {
    if ClientUrl::is_meant(client_id) {
        query(&[("", client_id)]).trim_start_matches('=').to_owned()
    } else {
        client_id.to_owned()
    }
}

/// A part of a client: `quickstart`, `settings`, `policy`, `credentials`, `grants`, `consents`, `danger`.
/// A part of a client: `quickstart`, `settings`, `policy`, `credentials`, `history`, `danger`.
#[must_use]
pub fn client_part(client_id: &str, part: &str) -> String {
    format!("{}/{part}", client(client_id))
}

/// The settings of a resource, by its ID.
#[must_use]
pub fn resource(id: &str) -> String {
    format!("{RESOURCES}/{id}")
}

/// A part of a resource: `server`, `credentials`, `danger`.
#[must_use]
pub fn resource_part(id: &str, part: &str) -> String {
    format!("{RESOURCES}/{id}/{part}")
}

/// The settings of a trust, by its ID.
#[must_use]
pub fn trust(id: &str) -> String {
    format!("{TRUSTS}/{id}")
}

/// A part of a trust: `check`, `accounts`, `danger`.
#[must_use]
pub fn trust_part(id: &str, part: &str) -> String {
    format!("{TRUSTS}/{id}/{part}")
}

/// The profile of a user, by subject.
#[must_use]
pub fn user(subject: &str) -> String {
    format!("{USERS}/{subject}")
}

/// A part of a user: `security`, `sessions`, `grants`, `consents`, `danger`.
#[must_use]
pub fn user_part(subject: &str, part: &str) -> String {
    format!("{USERS}/{subject}/{part}")
}

/// A scope. Its name may hold any visible character, `/` and `..` too, so it is a parameter and no part of the path.
#[must_use]
pub fn scope(name: &str) -> String {
    with_query(SCOPE_EDIT, &[("name", name)])
}

/// The changes of a scope.
#[must_use]
pub fn scope_history(name: &str) -> String {
    with_query(SCOPE_HISTORY, &[("name", name)])
}

/// One change of a scope.
#[must_use]
pub fn scope_change(name: &str, id: &str) -> String {
    with_query(SCOPE_CHANGE, &[("name", name), ("id", id)])
}

/// The question whether to erase something in the bin.
#[must_use]
pub fn erasure(id: &str) -> String {
    with_query(BIN_ERASE, &[("id", id)])
}

/// The question whether to withdraw a key. An imported ID may hold any visible character, so it is a parameter.
#[must_use]
pub fn key_withdrawal(kid: &str) -> String {
    with_query(KEY_WITHDRAW, &[("kid", kid)])
}
