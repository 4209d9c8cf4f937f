//! Answers that are signed: JWTs in place of parameters or JSON. Each says in `typ` what it is, so that none is taken for an ID token.

use serde_json::{Map, Value, json};

use crate::id::{ClientId, Issuer};
use crate::time::Timestamp;

/// `typ` of an authorization response (JARM; the name is this server's, for the specification gives none).
pub const AUTHORIZATION_TYPE: &str = "oauth-authz-resp+jwt";

/// `typ` of a userinfo response (OpenID Connect Core §5.3.2 gives none).
pub const USERINFO_TYPE: &str = "userinfo+jwt";

/// `typ` of an introspection response (RFC 9701 §5).
pub const INTROSPECTION_TYPE: &str = "token-introspection+jwt";

/// Seconds that an authorization response may take on its way (JARM §2.1).
const LIFETIME: i64 = 600;

/// The claims of an authorization response: its parameters, from whom, for whom, and until when (JARM §2.1).
#[must_use]
pub fn authorization_claims(
    fields: &[(&'static str, String)],
    issuer: &Issuer,
    client_id: &ClientId,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    claims.insert("iss".to_owned(), issuer.as_str().into());
    claims.insert("aud".to_owned(), client_id.as_str().into());
    claims.insert("exp".to_owned(), now.plus(LIFETIME).0.into());
    claims
}

/// The claims of a userinfo response: those about the person, from whom, and for whom (OpenID Connect Core §5.3.2).
#[must_use]
pub fn userinfo_claims(claims: Map<String, Value>, issuer: &Issuer, client_id: &ClientId) -> Map<String, Value> {
    let mut claims = claims;
    claims.insert("iss".to_owned(), issuer.as_str().into());
    claims.insert("aud".to_owned(), client_id.as_str().into());
    claims
}

/// The claims of an introspection response for `asker` (RFC 9701 §5).
#[must_use]
pub fn introspection_claims(answer: Value, issuer: &Issuer, asker: &str, now: Timestamp) -> Map<String, Value> {
    let claims = json!({ "iss": issuer.as_str(), "aud": asker, "iat": now.0, "token_introspection": answer });
    claims.as_object().cloned().unwrap_or_default()
}
