//! The verdict on a code or a token that was presented.

use super::Grant;
use crate::client::Client;
use crate::error::{OAuthError, TokenError};
use crate::refusal::Reason;
use crate::scope::{Scope, ScopeDefinition};

/// The verdict on a code or a token that was presented.
///
/// The verdict is about a row as it was read. Whoever acts on [`Verdict::Issue`] must claim the row by an UPDATE that finds it
/// unconsumed; when that touches no row, somebody else was faster, and the verdict is [`Verdict::Replay`].
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Claim it, then issue tokens for this scope.
    Issue(Scope),
    /// It was used before: revoke the whole grant (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
    Replay,
    /// It is not good, and nothing changes.
    Refuse(TokenError),
}

impl Verdict {
    pub(super) fn refuse(reason: Reason) -> Self {
        Self::Refuse(TokenError::new(reason))
    }

    /// Issues what is left today of a scope of the grant. Nothing left of something is refused. `known` are the scopes of this
    /// server.
    pub(super) fn issue(grant: &Grant, scope: &Scope, client: &Client, known: &[ScopeDefinition]) -> Self {
        let left = grant.left_of(scope, client, known);
        if left.is_empty() && !scope.is_empty() {
            return Self::Refuse(
                OAuthError::new(Reason::NothingLeft)
                    .sent("scope", scope.to_string())
                    .expected(client.rules().allowed_scope.iter())
                    .into(),
            );
        }
        Self::Issue(left)
    }
}
