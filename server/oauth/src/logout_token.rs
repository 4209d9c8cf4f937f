//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::id::{ClientId, Issuer, SessionId, Subject};
use crate::time::Timestamp;

/// `typ` of a logout token.
pub const JWT_TYPE: &str = "logout+jwt";

/// Seconds a logout token is good for.
pub const LIFETIME: i64 = 120;

/// The member of `events` that makes a JWT a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of a logout token. There never is a `nonce`, so that nobody takes it for an ID token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogoutTokenClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: Timestamp,
    exp: Timestamp,
    jti: &'a str,
    events: Map<String, Value>,
    /// None in a test, which is about nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    sid: &'a str,
}

impl<'a> LogoutTokenClaims<'a> {
    /// The claims about the end of a session, for one client.
    #[must_use]
    pub fn new(
        issuer: &'a Issuer,
        client_id: &'a ClientId,
        subject: Option<&'a Subject>,
        sid: &'a SessionId,
        jti: &'a str,
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer.as_str(),
            aud: client_id.as_str(),
            iat: now,
            exp: now.plus(LIFETIME),
            jti,
            events: Map::from_iter([(EVENT.to_owned(), Value::Object(Map::new()))]),
            sub: subject.map(Subject::as_str),
            sid: sid.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_logout_token_says_what_the_specification_asks_and_nothing_else() {
        let issuer = Issuer::parse("https://id.example").unwrap();
        let (client, subject, sid) = (ClientId::new("app"), Subject::new("alice"), SessionId::new("s"));
        let claims = |subject| LogoutTokenClaims::new(&issuer, &client, subject, &sid, "j", Timestamp(1_000));
        let mut expected = json!({
            "iss": "https://id.example", "aud": "app", "iat": 1_000, "exp": 1_120, "jti": "j", "sub": "alice", "sid": "s",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(serde_json::to_value(claims(Some(&subject))).unwrap(), expected);
        expected.as_object_mut().unwrap().remove("sub");
        assert_eq!(serde_json::to_value(claims(None)).unwrap(), expected);
    }
}
