//! Request objects: an authorization request as a JWT that the client signed (RFC 9101, OpenID Connect Core §6).
//!
//! Judged here is what one says. The signature is for whoever holds keys.

mod backchannel;

use serde_json::{Map, Value};

pub use backchannel::backchannel_refusal;

use crate::client::Client;
use crate::error::OAuthError;
use crate::form::Form;
use crate::id::Issuer;
use crate::jose::VerifyingAlg;
use crate::jwt::{Audience, ForeignJwt, JwtProblem, NumericDate, SKEW};
use crate::refusal::Reason;
use crate::time::Timestamp;

/// The types of a request object, where it says one (RFC 9101 §10.8).
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];

/// Claims that speak of the JWT, and are no parameters of the request.
const OF_THE_JWT: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// Seconds from `nbf` to `exp`, and from `nbf` to now, where messages are signed.
const LONGEST: i64 = 3_600;

/// A request object as it came.
#[derive(Debug, Clone)]
pub struct RequestObject {
    pub jwt: ForeignJwt,
    claims: Map<String, Value>,
}

impl RequestObject {
    /// # Errors
    /// `invalid_request_object` for what is no signed JWT.
    pub fn parse(compact: &str) -> Result<Self, OAuthError> {
        let jwt = ForeignJwt::parse(compact.trim()).map_err(|problem| match problem {
            JwtProblem::Algorithm if says_none(compact) => OAuthError::new(Reason::RequestObjectUnsigned),
            other => refused(&other.to_string()),
        })?;
        if jwt.typ.as_deref().is_some_and(|typ| !TYPES.contains(&typ)) {
            return Err(refused("its typ is that of something else"));
        }
        let claims = jwt.claims::<UniqueMembers>().map_err(|_| refused("its claims cannot be read"))?.0;
        Ok(Self { jwt, claims })
    }

    /// Judges the object as one of `client`, at `now`. An object that was there before, when somebody began to sign in, may have
    /// expired since: `begun`.
    ///
    /// # Errors
    /// `invalid_request_object`.
    pub fn verify(&self, client: &Client, issuer: &Issuer, now: Timestamp, begun: bool) -> Result<(), OAuthError> {
        self.check_alg(client, client.request_object_signing_alg)?;
        self.check_owner(client, issuer)?;
        if client.rules().demands.signed_requests {
            self.check_message(now, begun)?;
        }
        self.check_times(now, begun)
    }

    fn check_alg(&self, client: &Client, registered: Option<VerifyingAlg>) -> Result<(), OAuthError> {
        if registered.is_some_and(|alg| alg != self.jwt.alg) {
            return Err(refused("it is signed by another algorithm than the client is registered for"));
        }
        if !client.rules().demands.client_algs.contains(&self.jwt.alg) {
            return Err(refused("it is signed by an algorithm that the client's security profile does not allow"));
        }
        Ok(())
    }

    /// Makes sure that the object is the client's, and for this server.
    fn check_owner(&self, client: &Client, issuer: &Issuer) -> Result<(), OAuthError> {
        let client_id = client.client_id.as_str();
        for name in ["iss", "client_id"] {
            if self.claims.get(name).is_some_and(|value| value.as_str() != Some(client_id)) {
                return Err(refused(&format!("its {name} is not the client_id of the request")));
            }
        }
        // Two clients may have the same keys.
        if !["iss", "client_id"].iter().any(|name| self.claims.contains_key(*name)) {
            return Err(refused("it does not say whose it is: it has neither client_id nor iss"));
        }
        // It could be shown as the client's proof of itself (RFC 9101 section 10.8).
        if self.claims.get("sub").is_some_and(|sub| sub.as_str() == Some(client_id)) {
            return Err(refused("its sub is the client"));
        }
        if let Some(aud) = self.claims.get("aud") {
            let audience: Audience = serde_json::from_value(aud.clone()).map_err(|_| refused("its aud is no text"))?;
            if !audience.all().iter().any(|audience| audience == issuer.as_str()) {
                return Err(refused("its aud is not the issuer of this server"));
            }
        }
        Ok(())
    }

    fn time(&self, name: &str) -> Result<Option<i64>, OAuthError> {
        let value = self.claims.get(name).map(|value| serde_json::from_value::<NumericDate>(value.clone()));
        let date = value.transpose().map_err(|_| refused(&format!("its {name} is no time")))?;
        Ok(date.map(|date| date.0))
    }

    /// Makes sure that the object is for this server and for an hour (FAPI 2.0 Message Signing §5.3.1).
    fn check_message(&self, now: Timestamp, begun: bool) -> Result<(), OAuthError> {
        if !self.claims.contains_key("aud") {
            return Err(refused("it has no aud"));
        }
        let nbf = self.time("nbf")?.ok_or_else(|| refused("it has no nbf"))?;
        let exp = self.time("exp")?.ok_or_else(|| refused("it has no exp"))?;
        if exp.saturating_sub(nbf) > LONGEST {
            return Err(refused("it is good for too long: exp is more than an hour after nbf"));
        }
        if !begun && nbf.saturating_add(LONGEST + SKEW) < now.0 {
            return Err(refused("it is too old: nbf is more than an hour ago"));
        }
        Ok(())
    }

    fn check_times(&self, now: Timestamp, begun: bool) -> Result<(), OAuthError> {
        let (exp, nbf, iat) = (self.time("exp")?, self.time("nbf")?, self.time("iat")?);
        if !begun && exp.is_some_and(|exp| exp.saturating_add(SKEW) <= now.0) {
            return Err(refused("it has expired"));
        }
        if nbf.is_some_and(|nbf| nbf > now.0.saturating_add(SKEW)) {
            return Err(refused("it is not good yet: nbf is ahead"));
        }
        if iat.is_some_and(|iat| iat > now.0.saturating_add(SKEW)) {
            return Err(refused("it was made in the future: iat is ahead"));
        }
        Ok(())
    }

    /// The parameters of the request of `client`: those that are signed, and nothing else (RFC 9101 §6.3).
    ///
    /// # Errors
    /// `invalid_request_object` when one cannot be a parameter.
    pub fn parameters(&self, client: &Client) -> Result<Form, OAuthError> {
        let mut pairs = vec![("client_id".to_owned(), client.client_id.to_string())];
        for (name, value) in &self.claims {
            match name.as_str() {
                "request" | "request_uri" => return Err(refused("it holds another request object")),
                name if name == "client_id" || OF_THE_JWT.contains(&name) => continue,
                _ => {}
            }
            let texts = match value {
                Value::Null => continue,
                Value::Array(values) if name == "resource" => values.iter().map(text).collect(),
                other => vec![text(other)],
            };
            pairs.extend(texts.into_iter().map(|text| (name.clone(), text)));
        }
        // Databases differ in what they make of it.
        if pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(refused("it holds a NUL character"));
        }
        Ok(Form::from_pairs(pairs))
    }
}

/// A value as the parameter that it stands for: a text as it is, all else in JSON, as `claims` is sent in a query.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// True for a JWT that says it has no signature.
fn says_none(compact: &str) -> bool {
    use base64::Engine as _;
    let header = compact.trim().split('.').next().unwrap_or_default();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Option<Value> = serde_json::from_slice(&header).ok();
    header.is_some_and(|header| header.get("alg").and_then(Value::as_str) == Some("none"))
}

fn refused(why: &str) -> OAuthError {
    OAuthError::because(Reason::RequestObjectRefused, format!("the request object is refused: {why}"))
}

/// An object none of whose members comes twice: two readers must not see two requests in one.
struct UniqueMembers(Map<String, Value>);

impl<'de> serde::Deserialize<'de> for UniqueMembers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a member comes twice"));
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::error::ErrorCode;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn client() -> Client {
        ClientDraft {
            client_id: "app".into(),
            client_name: "App".into(),
            redirect_uris: "https://a.example/cb".into(),
            ..ClientDraft::preset(ClientKind::Web)
        }
        .check(None)
        .unwrap()
    }

    fn compact(header: &Value, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.AAAA", part(&header.to_string()), part(claims))
    }

    fn judge(header: &Value, claims: &Value, begun: bool) -> Result<Form, OAuthError> {
        let object = RequestObject::parse(&compact(header, &claims.to_string()))?;
        let issuer = Issuer::parse("https://id.example").unwrap();
        object.verify(&client(), &issuer, NOW, begun)?;
        object.parameters(&client())
    }

    #[test]
    fn what_is_signed_is_the_request() {
        let claims = json!({
            "iss": "app", "aud": ["https://id.example", "https://other.example"], "exp": NOW.0 + 60, "nbf": NOW.0, "iat": NOW.0,
            "jti": "j", "client_id": "app", "scope": "openid", "max_age": 10, "state": null,
            "claims": { "userinfo": { "name": { "essential": true } } }, "resource": ["https://a.example/", "https://b.example/"],
        });
        let form = judge(&json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt" }), &claims, false).unwrap();
        let pairs: Vec<_> = form.pairs().collect();
        assert_eq!(pairs.len(), 6);
        assert_eq!((form.find("client_id"), form.find("max_age")), (Ok(Some("app")), Ok(Some("10"))));
        assert_eq!(form.find("claims"), Ok(Some(r#"{"userinfo":{"name":{"essential":true}}}"#)));
        assert_eq!(form.all("resource"), ["https://a.example/", "https://b.example/"]);
        assert_eq!((form.find("iss"), form.find("state")), (Ok(None), Ok(None)));
        assert!(judge(&json!({ "alg": "RS256" }), &json!({ "iss": "app", "scope": "openid" }), false).is_ok());
    }

    #[test]
    fn what_is_wrong_in_it_is_refused_for_its_reason() {
        let header = json!({ "alg": "ES256" });
        for (claims, reason) in [
            (json!({ "iss": "other" }), "iss"),
            (json!({ "client_id": "other" }), "client_id"),
            (json!({ "client_id": ["app"] }), "client_id"),
            (json!({ "iss": "app", "sub": "app" }), "sub"),
            (json!({ "iss": "app", "aud": "https://evil.example" }), "aud"),
            (json!({ "iss": "app", "aud": 7 }), "aud"),
            (json!({ "iss": "app", "exp": NOW.0 - 60 }), "expired"),
            (json!({ "iss": "app", "exp": "soon" }), "exp is no time"),
            (json!({ "iss": "app", "nbf": NOW.0 + 61 }), "nbf"),
            (json!({ "iss": "app", "iat": NOW.0 + 61 }), "iat"),
            (json!({ "iss": "app", "request": "a.b.c" }), "another request object"),
            (json!({ "iss": "app", "request_uri": "https://a.example" }), "another request object"),
            (json!({ "iss": "app", "state": "a\0b" }), "NUL"),
            (json!({ "scope": "openid" }), "whose"),
            (json!([]), "cannot be read"),
        ] {
            let error = judge(&header, &claims, false).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidRequestObject, "{claims}");
            assert!(error.description.contains(reason), "{claims}: {}", error.description);
        }
        assert!(RequestObject::parse(&compact(&header, r#"{"scope":"a","scope":"b"}"#)).is_err());
        assert!(
            judge(&header, &json!({ "client_id": "app", "exp": NOW.0 - 600 }), true).is_ok(),
            "it expired while somebody signed in"
        );
        let other = judge(&json!({ "alg": "ES256", "typ": "at+jwt" }), &json!({}), false).unwrap_err();
        assert!(other.description.contains("typ"));
    }

    #[test]
    fn one_that_nobody_signed_has_a_reason_of_its_own() {
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        for text in [compact(&json!({ "alg": "none" }), "{}"), format!("{none}.e30.")] {
            assert_eq!(RequestObject::parse(&text).unwrap_err().reason, Reason::RequestObjectUnsigned, "{text}");
        }
        for alg in ["HS256", "None", ""] {
            let refused = RequestObject::parse(&compact(&json!({ "alg": alg }), "{}")).unwrap_err();
            assert_eq!(refused.reason, Reason::RequestObjectRefused, "{alg}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_too_odd(claims in ".{0,200}", text in "[A-Za-z0-9._=-]{0,300}") {
            for text in [text, compact(&json!({ "alg": "ES256" }), &claims)] {
                if let Ok(object) = RequestObject::parse(&text) {
                    let _ = object.parameters(&client());
                }
            }
        }
    }
}
