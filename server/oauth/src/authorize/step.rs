//! The next step of a request.

use crate::error::OAuthError;

use super::Approval;

/// Why somebody must sign in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    NobodySignedIn,
    /// `prompt=login`.
    Prompted,
    /// `max_age` has passed.
    TooLongAgo,
    /// The request is about another person (`id_token_hint`, or `sub` in `claims`).
    AnotherPerson,
}

/// The next step of an authorization.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Login(LoginReason),
    SelectAccount,
    Consent,
    Issue(Box<Approval>),
    Refuse(OAuthError),
}
