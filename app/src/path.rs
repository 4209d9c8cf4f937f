//! The addresses of the pages that people visit, but for those of the protocol (`oauth::metadata::path`) and of the console
//! (`console::path`).

pub const HOME: &str = "/";
pub const SETUP: &str = "/setup";
/// The consents of a person.
pub const ACCOUNT: &str = "/account";
/// The requests of applications that wait for somebody (CIBA).
pub const APPROVE: &str = "/approve";
pub const DOCS: &str = "/docs";
/// The search of the documentation.
pub const DOCS_SEARCH: &str = "/docs/search";
pub const ICON: &str = "/favicon.svg";

/// The logo of a client, as this server fetched it.
pub const CLIENT_LOGO: &str = "/client-logo";

/// Leads to the page about a refusal.
pub const EXPLAIN: &str = "/explain";

/// The page about a refusal, by the ID of the request.
#[must_use]
pub fn explanation(request_id: &str) -> String {
    format!("{EXPLAIN}/{request_id}")
}

/// The address of the logo of a client.
#[must_use]
pub fn client_logo(client_id: &str) -> String {
    format!("{CLIENT_LOGO}?{}", oauth::form::Form::default().with("client_id", client_id).encode())
}

/// A page of the documentation: `admin-guide`, `decisions/0012-same-origin-check`.
#[must_use]
pub fn docs(page: &str) -> String {
    format!("{DOCS}/{page}")
}
