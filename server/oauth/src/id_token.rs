//! ID tokens (OpenID Connect Core §2, §3.1.3.6).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::grant::Grant;
use crate::id::{Issuer, Nonce, SessionId, Subject};
use crate::jose::SigningAlg;
use crate::time::Timestamp;

/// Seconds an ID token is good for. It is read once, right after it was issued.
pub const LIFETIME: i64 = 3_600;

/// The claims of an ID token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub exp: Timestamp,
    pub iat: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    /// The grant, where `sub` and `sid` do not say the login: they are names of a sector, or the client is not told of sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// Claims about the person.
    #[serde(flatten)]
    pub extras: Map<String, Value>,
}

/// The facts of an ID token that its grant does not hold.
#[derive(Debug, Clone)]
pub struct IdTokenContext<'a> {
    pub issuer: &'a Issuer,
    /// The names by which the client knows person and session.
    pub subject: &'a Subject,
    pub sid: Option<&'a SessionId>,
    pub jti: Option<&'a str>,
    /// Only in the first ID token of a grant, not after a refresh (OpenID Connect Core §12.2).
    pub nonce: Option<&'a Nonce>,
    /// The access token that comes with it.
    pub access_token: Option<&'a str>,
    /// The code that comes with it (OpenID Connect Core §3.3.2.11).
    pub code: Option<&'a str>,
    pub alg: SigningAlg,
    pub extras: Map<String, Value>,
    pub now: Timestamp,
}

impl<'a> IdTokenClaims<'a> {
    /// The claims about the login behind `grant`.
    #[must_use]
    pub fn new(grant: &'a Grant, context: IdTokenContext<'a>) -> Self {
        Self {
            iss: context.issuer.as_str(),
            sub: context.subject.as_str(),
            aud: grant.client_id.as_str(),
            exp: context.now.plus(LIFETIME),
            iat: context.now,
            auth_time: grant.auth_time,
            nonce: context.nonce.map(Nonce::as_str),
            acr: grant.acr.as_deref(),
            amr: &grant.amr,
            sid: context.sid.map(SessionId::as_str),
            jti: context.jti,
            at_hash: context.access_token.map(|token| context.alg.half_hash(token)),
            c_hash: context.code.map(|code| context.alg.half_hash(code)),
            extras: context.extras,
        }
    }
}
