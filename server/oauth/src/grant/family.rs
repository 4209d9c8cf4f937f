//! The family that a code and all tokens made from it belong to.

use super::Actor;
use crate::claims::ClaimsRequest;
use crate::client::{Client, GrantType};
use crate::consent::Agreement;
use crate::id::{ClientId, GrantId, ResourceId, SessionId, Subject, TrustId};
use crate::scope::{Scope, ScopeDefinition};
use crate::time::Timestamp;

/// An agreement of a user with a client, or a right of a client of its own, and the family of tokens under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub id: GrantId,
    pub client_id: ClientId,
    /// `None` when the client acts for itself (RFC 6749 §4.4).
    pub subject: Option<Subject>,
    pub scope: Scope,
    /// The meaning of the scopes when they were granted.
    pub agreement: Agreement,
    pub claims: ClaimsRequest,
    /// The resources that its tokens may be for. None: this server.
    pub resources: Vec<ResourceId>,
    pub sid: Option<SessionId>,
    pub auth_time: Option<Timestamp>,
    pub acr: Option<String>,
    pub amr: Vec<String>,
    /// The lowest generation of access tokens that live. An access token carries the generation of the refresh token that came
    /// with it; those of lower ones were revoked.
    pub generation: i64,
    /// A part of the key by which its refresh tokens are made of one another; empty for a grant of earlier versions.
    pub refresh_salt: String,
    pub revoked: bool,
    pub provenance: Provenance,
}

/// The grounds of a grant for which nobody signed in here. It lives no longer than they do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// The stamp of the trust in the issuer that vouched for it.
    pub trust: Option<TrustId>,
    /// The grant whose token was exchanged for it (RFC 8693).
    pub parent: Option<GrantId>,
    /// `act` of its tokens.
    pub actor: Option<Actor>,
}

impl Grant {
    /// A grant that a client gets for itself. Nobody signed in, and nothing is refreshed.
    #[must_use]
    pub fn of_client(id: GrantId, client: &Client, scope: Scope, known: &[ScopeDefinition]) -> Self {
        Self {
            id,
            client_id: client.client_id.clone(),
            subject: None,
            agreement: Agreement::of(&scope, known),
            scope,
            claims: ClaimsRequest::default(),
            resources: Vec::new(),
            sid: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            generation: 0,
            refresh_salt: String::new(),
            revoked: false,
            provenance: Provenance::default(),
        }
    }

    /// True when tokens of this grant come with a refresh token: somebody signed in, and the client is registered for it.
    /// With `offline_access` the refresh token outlives the session, without it the two end together.
    #[must_use]
    pub fn is_refreshable(&self, client: &Client) -> bool {
        self.subject.is_some() && client.may_use(GrantType::RefreshToken)
    }

    /// The part of a granted `scope` that is left today: the client may have been allowed less since, and scopes may have been
    /// deleted, or be others by now. `known` are the scopes of this server.
    #[must_use]
    pub fn left_of(&self, scope: &Scope, client: &Client, known: &[ScopeDefinition]) -> Scope {
        client.still_allowed(&self.agreement.kept(scope, known), known)
    }

    /// True when the grant goes on after the user has signed out (OpenID Connect Core §11). One for a resource does: whatever acts for
    /// somebody there does so while they are away.
    #[must_use]
    pub fn outlives_session(&self) -> bool {
        outlives_session(&self.scope, &self.resources)
    }
}

/// See [`Grant::outlives_session`].
#[must_use]
pub fn outlives_session(scope: &Scope, resources: &[ResourceId]) -> bool {
    scope.contains("offline_access") || !resources.is_empty()
}

/// The lifetimes of the tokens of a grant, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantLifetimes {
    pub access_token: i64,
    pub refresh_token: i64,
}

impl GrantLifetimes {
    /// The lifetimes that the client's policy sets.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let rules = client.rules();
        Self {
            access_token: rules.access_token_lifetime,
            refresh_token: rules.refresh_token_days.saturating_mul(86_400),
        }
    }
}
