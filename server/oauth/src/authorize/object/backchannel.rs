//! A request object at the backchannel authentication endpoint (CIBA §7.1.1): it says all about itself, and is good once.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{RequestObject, refused};
use crate::client::Client;
use crate::client_auth::SingleUse;
use crate::error::OAuthError;
use crate::id::Issuer;
use crate::jwt::SKEW;
use crate::refusal::Reason;
use crate::time::Timestamp;

/// The longest `jti`, in bytes.
const MAX_JTI: usize = 1_024;

impl RequestObject {
    /// Parses a signed authentication request.
    ///
    /// # Errors
    /// `invalid_request` for what is no signed JWT.
    pub fn parse_backchannel(compact: &str) -> Result<Self, OAuthError> {
        Self::parse(compact).map_err(backchannel_refusal)
    }

    /// Judges the object as a signed authentication request of `client`, at `now`: `iss`, `aud`, `exp`, `iat`, `nbf` and `jti` are in it,
    /// and it is good for an hour at most (FAPI: CIBA §5.2.2).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn verify_backchannel(
        &self,
        client: &Client,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<SingleUse, OAuthError> {
        self.judge_backchannel(client, issuer, now).map_err(backchannel_refusal)
    }

    fn judge_backchannel(&self, client: &Client, issuer: &Issuer, now: Timestamp) -> Result<SingleUse, OAuthError> {
        self.check_alg(client, client.ciba.request_signing_alg)?;
        if !self.claims.contains_key("iss") {
            return Err(refused("it has no iss"));
        }
        self.check_owner(client, issuer)?;
        self.check_message(now, false)?;
        let exp = self.time("exp")?.ok_or_else(|| refused("it has no exp"))?;
        self.time("iat")?.ok_or_else(|| refused("it has no iat"))?;
        self.check_times(now, false)?;
        let jti = self.claims.get("jti").and_then(Value::as_str).filter(|jti| !jti.is_empty());
        let jti = jti.ok_or_else(|| refused("it has no jti"))?;
        if jti.len() > MAX_JTI {
            return Err(refused("its jti is too long"));
        }
        let named = serde_json::json!(["backchannel", client.client_id.as_str(), jti]).to_string();
        Ok(SingleUse { digest: Sha256::digest(named).into(), until: Timestamp(exp.saturating_add(SKEW)) })
    }
}

/// A refusal of a request object, in the one word that the backchannel authentication endpoint has for it (CIBA §13).
#[must_use]
pub fn backchannel_refusal(error: OAuthError) -> OAuthError {
    if error.code == Reason::RequestObjectRefused.code() {
        OAuthError { evidence: error.evidence, ..OAuthError::because(Reason::BackchannelRefused, error.description) }
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn judge(alg: &str, change: impl FnOnce(&mut Value)) -> Result<SingleUse, OAuthError> {
        let client = ClientDraft {
            client_id: "bank".into(),
            client_name: "Bank".into(),
            grant_types: vec!["urn:openid:params:grant-type:ciba".to_owned()],
            jwks_uri: "https://bank.example/jwks".into(),
            backchannel_authentication_request_signing_alg: "ES256".into(),
            ..ClientDraft::preset(ClientKind::Web)
        };
        let mut claims = json!({ "iss": "bank", "aud": "https://id.example", "exp": NOW.0 + 300, "iat": NOW.0, "nbf": NOW.0,
            "jti": "j", "scope": "openid", "login_hint": "alice", "requested_expiry": 30 });
        change(&mut claims);
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let compact = format!("{}.{}.AAAA", part(json!({ "alg": alg }).to_string()), part(claims.to_string()));
        let object = RequestObject::parse_backchannel(&compact)?;
        let issuer = Issuer::parse("https://id.example").unwrap();
        object.verify_backchannel(&client.check(None).unwrap(), &issuer, NOW)
    }

    #[test]
    fn a_request_says_all_about_itself_and_is_good_for_an_hour() {
        let once = judge("ES256", |_| {}).unwrap();
        assert_eq!(once.until, NOW.plus(360));
        assert_ne!(once.digest, judge("ES256", |claims| claims["jti"] = json!("k")).unwrap().digest);
        assert!(judge("ES256", |claims| claims["aud"] = json!(["https://id.example", "https://b.example"])).is_ok());
        for name in ["iss", "aud", "exp", "iat", "nbf", "jti"] {
            let error = judge("ES256", |claims| drop(claims.as_object_mut().unwrap().remove(name))).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidRequest, "{name}");
            assert!(error.description.contains(name), "{name}: {}", error.description);
        }
        for (name, value) in [
            ("iss", json!("other")),
            ("client_id", json!("other")),
            ("aud", json!("https://evil.example")),
            ("exp", json!(NOW.0 - 60)),
            ("exp", json!(NOW.0 + 4_200)),
            ("nbf", json!(NOW.0 + 600)),
            ("nbf", json!(NOW.0 - 4_200)),
            ("iat", json!(NOW.0 + 600)),
            ("iat", json!("now")),
            ("jti", json!("")),
            ("jti", json!(7)),
            ("jti", json!("x".repeat(1_025))),
            ("sub", json!("bank")),
        ] {
            let error = judge("ES256", |claims| claims[name] = value.clone()).unwrap_err();
            assert_eq!(error.reason, Reason::BackchannelRefused, "{name} {value}: {}", error.description);
        }
    }

    #[test]
    fn a_request_is_signed_as_it_was_registered() {
        for alg in ["PS256", "RS256", "none", "HS256"] {
            assert_eq!(judge(alg, |_| {}).unwrap_err().code, ErrorCode::InvalidRequest, "{alg}");
        }
    }
}
