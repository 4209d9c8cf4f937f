//! Token introspection (RFC 7662 §2.2).

use serde_json::{Value, json};

use crate::access_token::{AccessToken, Confirmation};
use crate::client::Client;
use crate::details::{AUTHORIZATION_DETAILS, AuthorizationDetails};
use crate::grant::{Grant, RefreshToken};
use crate::id::{Issuer, Subject};
use crate::resource::Resource;

/// A token that is good now.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveToken {
    Access(AccessToken),
    Refresh(RefreshToken),
}

impl LiveToken {
    #[must_use]
    pub fn grant(&self) -> &Grant {
        match self {
            Self::Access(token) => &token.grant,
            Self::Refresh(token) => &token.grant,
        }
    }

    /// The keys that the token is bound to.
    #[must_use]
    pub fn cnf(&self) -> &Confirmation {
        match self {
            Self::Access(token) => &token.cnf,
            Self::Refresh(token) => &token.cnf,
        }
    }

    /// The details of the token, as far as `resource` may learn of them, if it is one that asks (RFC 9396 §9.2).
    fn details(&self, resource: Option<&Resource>) -> AuthorizationDetails {
        let all = match self {
            Self::Access(token) => &token.details,
            Self::Refresh(token) => token.grant.agreement.details(),
        };
        resource.map_or_else(|| all.objects(), |resource| all.of(&resource.id).objects())
    }

    /// True when `client` may learn about this token: about a refresh token its own client, about an access token also an API that
    /// an administrator let ask (RFC 7662 §4: a token is nobody's business who has nothing to do with it).
    #[must_use]
    pub fn may_be_seen_by(&self, client: &Client) -> bool {
        let may_ask = match self {
            Self::Access(_) => client.rules().may_introspect,
            Self::Refresh(_) => false,
        };
        may_ask || self.grant().client_id == client.client_id
    }

    /// True when `resource` may learn about this token: it is an access token for it.
    #[must_use]
    pub fn may_be_seen_at(&self, resource: &Resource) -> bool {
        match self {
            Self::Access(token) => token.audience.names(&resource.identifier),
            Self::Refresh(_) => false,
        }
    }
}

/// The answer about a token that is unknown, expired, revoked, or none of the asker's business.
#[must_use]
pub fn inactive() -> Value {
    json!({ "active": false })
}

/// The answer about a token that is good. `subject` is the person behind it, as its client knows them; none when there is nobody.
/// `username` is absent when nobody may learn it. A `resource` that asks learns of its own authorization details.
#[must_use]
pub fn active(
    token: &LiveToken,
    subject: Option<&Subject>,
    username: Option<&str>,
    resource: Option<&Resource>,
    issuer: &Issuer,
) -> Value {
    let grant = token.grant();
    let subject = subject.map_or(grant.client_id.as_str(), Subject::as_str);
    let mut answer = json!({
        "active": true,
        "client_id": grant.client_id,
        "sub": subject,
        "iss": issuer.as_str(),
    });
    let mut put = |name: &str, value: Value| {
        if let Some(members) = answer.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    match token {
        LiveToken::Access(access) => {
            put("token_type", if access.cnf.jkt.is_some() { "DPoP" } else { "Bearer" }.into());
            put("scope", access.scope.to_string().into());
            put("iat", access.issued_at.0.into());
            put("exp", access.expires_at.0.into());
            put("aud", json!(access.audience));
            if let Some(actor) = &grant.provenance.actor {
                put("act", json!(actor));
            }
        }
        LiveToken::Refresh(refresh) => {
            put("token_type", "refresh_token".into());
            put("scope", grant.scope.to_string().into());
            put("iat", refresh.issued_at.0.into());
            put("exp", refresh.expires_at.0.into());
        }
    }
    if !token.cnf().is_empty() {
        put("cnf", json!(token.cnf()));
    }
    let details = token.details(resource);
    if !details.is_empty() {
        put(AUTHORIZATION_DETAILS, json!(details));
    }
    if let Some(username) = username {
        put("username", username.into());
    }
    answer
}
