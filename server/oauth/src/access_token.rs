//! Access tokens: opaque, or JWTs by the profile of RFC 9068.

use serde::{Deserialize, Serialize};

use crate::details::{AuthorizationDetails, GrantedDetails};
use crate::grant::{Actor, Grant};
use crate::id::{GrantId, Issuer};
use crate::jwk::Thumbprint;
use crate::resource::ResourceIdentifier;
use crate::scope::Scope;
use crate::time::Timestamp;

/// `typ` of a JWT access token (RFC 9068 §2.1).
pub const JWT_TYPE: &str = "at+jwt";

/// `aud` (RFC 7519 §4.1.3): the receivers that a token is for. On the wire, one is a string.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "OneOrMore", into = "OneOrMore")]
pub struct Audience(Vec<String>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Audience {
    fn from(sent: OneOrMore) -> Self {
        match sent {
            OneOrMore::One(place) => Self(vec![place]),
            OneOrMore::More(places) => Self(places),
        }
    }
}

impl From<Audience> for OneOrMore {
    fn from(Audience(mut places): Audience) -> Self {
        match places.pop() {
            Some(place) if places.is_empty() => Self::One(place),
            last => Self::More(places.into_iter().chain(last).collect()),
        }
    }
}

impl Audience {
    pub fn new(places: impl IntoIterator<Item = String>) -> Self {
        Self(places.into_iter().collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// True when it names `place`, in any spelling.
    #[must_use]
    pub fn names(&self, place: &ResourceIdentifier) -> bool {
        let key = place.key();
        self.iter().any(|it| ResourceIdentifier::parse(it).is_ok_and(|it| it.key() == key))
    }

    /// True when it names this server.
    #[must_use]
    pub fn is_here(&self, issuer: &Issuer) -> bool {
        self.iter().any(|place| place == issuer.as_str())
    }
}

/// `cnf` (RFC 7800 §3.1): the keys that a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confirmation {
    /// Proven by DPoP (RFC 9449 §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<Thumbprint>,
    /// A certificate, shown on the connection (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<Thumbprint>,
}

impl Confirmation {
    /// The keys as two columns keep them.
    #[must_use]
    pub fn kept(jkt: Option<String>, x5t: Option<String>) -> Self {
        Self { jkt: jkt.map(Thumbprint::kept), x5t: x5t.map(Thumbprint::kept) }
    }

    /// True for a token that whoever bears it may use.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when whoever shows these keys has all that a token is bound to.
    #[must_use]
    pub fn is_met_by(&self, shown: &Self) -> bool {
        let is_met = |bound: &Option<Thumbprint>, shown: &Option<Thumbprint>| bound.is_none() || bound == shown;
        is_met(&self.jkt, &shown.jkt) && is_met(&self.x5t, &shown.x5t)
    }
}

/// The claims of a JWT access token (RFC 9068 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    /// The user, or the client itself when it acts for itself.
    pub sub: String,
    pub aud: Audience,
    pub client_id: String,
    pub exp: Timestamp,
    pub iat: Timestamp,
    /// Names the grant and its generation: that is all the server keeps of a JWT.
    pub jti: String,
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// RFC 9396 §9.1.
    #[serde(default, skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The client that acts for the subject (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl AccessTokenClaims {
    /// The claims of a token for `scope`, bound to no key and without details.
    #[must_use]
    pub fn new(
        grant: &Grant,
        scope: &Scope,
        audience: &Audience,
        issuer: &Issuer,
        lifetime: i64,
        now: Timestamp,
    ) -> Self {
        let subject = grant.subject.as_ref().map_or_else(|| grant.client_id.to_string(), ToString::to_string);
        Self {
            iss: issuer.to_string(),
            sub: subject,
            aud: audience.clone(),
            client_id: grant.client_id.to_string(),
            exp: now.plus(lifetime),
            iat: now,
            jti: format!("{}.{}", grant.id, grant.generation),
            scope: scope.clone(),
            authorization_details: AuthorizationDetails::default(),
            auth_time: grant.auth_time,
            acr: grant.acr.clone(),
            act: grant.provenance.actor.clone(),
            cnf: None,
        }
    }

    /// The grant and generation that `jti` names.
    #[must_use]
    pub fn origin(&self) -> Option<(GrantId, i64)> {
        let (grant, generation) = self.jti.rsplit_once('.')?;
        Some((GrantId::new(grant), generation.parse().ok()?))
    }
}

/// An access token that is good now: what `/userinfo` and `/introspect` answer from.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessToken {
    pub grant: Grant,
    pub scope: Scope,
    /// `authorization_details`, as far as they are what was agreed to.
    pub details: GrantedDetails,
    pub audience: Audience,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// The keys that it is bound to.
    pub cnf: Confirmation,
}
