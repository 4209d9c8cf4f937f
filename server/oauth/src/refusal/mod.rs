//! Refusals: which check refused a request, what was sent and what would have been right, and the explanation that is made of it.
//!
//! A check refuses by its [`Reason`], and everything that is said of the refusal comes from it: the answer to the client
//! ([`crate::error::OAuthError`]), the event that is kept ([`crate::activity`]), and the [`Explanation`] for whoever mends it.

mod compare;
mod explain;
mod reasons;

pub use compare::{Comparison, Piece};
pub use explain::{Explanation, clause_url};
pub use reasons::Reason;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The parameter, or the fact, that was judged.
    pub parameter: &'static str,
    /// What was sent. Empty: nothing.
    pub sent: String,
    /// What would have been right; of many values, some.
    pub expected: Vec<String>,
}

/// A place where a refusal is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The code or the configuration of the application.
    Application,
    /// The client: its redirect URIs.
    RedirectUris,
    /// The client: its grant types.
    GrantTypes,
    /// The client: the way in which it proves who it is.
    AuthMethod,
    /// The client: its public keys.
    Keys,
    /// The client: its scopes.
    Scopes,
    /// The client: its secrets.
    Credentials,
    /// The client: whether it is enabled.
    Disabled,
    /// The client: its policy.
    Policy,
    /// The list of clients.
    Clients,
    /// Clients that are known by a document of theirs.
    Agents,
    /// Clients that register themselves.
    Registration,
    /// The scopes of this server.
    ServerScopes,
    /// The resources.
    Resources,
    /// The trusts.
    Trusts,
    /// The person.
    User,
    /// The list of people.
    Users,
    /// This server's configuration, or what it runs on.
    Server,
}
