//! A JWT that a client signed with a key of its own, or with its secret: `private_key_jwt` and `client_secret_jwt` (RFC 7521 §4.2,
//! RFC 7523 §2.2, OpenID Connect Core §9).
//!
//! Judged here is what it says, and a MAC. The signature of a key, and that its `jti` is new, are for whoever holds keys and rows; the `jti` is
//! spent last.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::other_method;
use crate::client::{Client, ClientAuthMethod, ClientSecret};
use crate::error::{OAuthError, TokenError};
use crate::form::Form;
use crate::id::{ClientId, Hosts};
use crate::jose::AssertionAlg;
use crate::jwt::{Audience, ForeignJwt, JwtProblem, NumericDate, Times};
use crate::mac::MacJwt;
use crate::metadata::path;
use crate::refusal::Reason;
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// `client_assertion_type` (RFC 7523 §2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds that an assertion may be good for. They are made for one request.
const LONGEST: i64 = 600;

/// The longest `jti`, in bytes.
const MAX_JTI: usize = 1_024;

/// The types of an assertion, where it says one.
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

#[derive(Debug, Clone, Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<String>,
}

/// An assertion as it came.
#[derive(Debug, Clone)]
pub struct PresentedAssertion {
    jwt: AssertionJwt,
    claims: Claims,
}

#[derive(Debug, Clone)]
enum AssertionJwt {
    ByKey(ForeignJwt),
    BySecret(MacJwt),
}

/// The place of an assertion among those that were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleUse {
    /// SHA-256 of client and `jti`.
    pub digest: [u8; 32],
    /// The moment from which it is not accepted anyway.
    pub until: Timestamp,
}

impl PresentedAssertion {
    /// The assertion in a body, and the client that it speaks of; `id_in_body`, if it was sent, names the same (RFC 7521 §4.2).
    pub(super) fn read(form: &Form, id_in_body: Option<&str>) -> Result<Option<(ClientId, Self)>, TokenError> {
        let (assertion, kind) = match (form.find("client_assertion")?, form.find("client_assertion_type")?) {
            (None, None) => return Ok(None),
            (Some(assertion), Some(kind)) => (assertion, kind),
            _ => {
                return Err(TokenError::new(Reason::AssertionHalf));
            }
        };
        if kind != JWT_BEARER {
            return Err(TokenError(
                OAuthError::new(Reason::AssertionType).sent("client_assertion_type", kind).expected([JWT_BEARER]),
            ));
        }
        let jwt = match ForeignJwt::parse(assertion) {
            Err(JwtProblem::Algorithm) => MacJwt::parse(assertion).map(AssertionJwt::BySecret),
            by_key => by_key.map(AssertionJwt::ByKey),
        };
        let jwt = jwt.map_err(|problem| refused(&problem.to_string()))?;
        let claims = match &jwt {
            AssertionJwt::ByKey(jwt) => jwt.claims(),
            AssertionJwt::BySecret(jwt) => jwt.claims(),
        };
        let claims: Claims = claims.map_err(|_| refused("its claims cannot be read"))?;
        let subject = claims.sub.as_deref().filter(|sub| !sub.is_empty()).ok_or_else(|| refused("it has no sub"))?;
        if id_in_body.is_some_and(|id| id != subject) {
            return Err(refused("its sub is not the client_id of the request"));
        }
        Ok(Some((ClientId::new(subject), Self { jwt, claims })))
    }

    /// The method of the assertion (OpenID Connect Core §9).
    #[must_use]
    pub fn method(&self) -> ClientAuthMethod {
        match self.jwt {
            AssertionJwt::ByKey(_) => ClientAuthMethod::PrivateKeyJwt,
            AssertionJwt::BySecret(_) => ClientAuthMethod::ClientSecretJwt,
        }
    }

    /// The JWT, where a key signed it.
    #[must_use]
    pub fn by_key(&self) -> Option<&ForeignJwt> {
        match &self.jwt {
            AssertionJwt::ByKey(jwt) => Some(jwt),
            AssertionJwt::BySecret(_) => None,
        }
    }

    /// The whole of it.
    pub(super) fn compact(&self) -> &Secret {
        match &self.jwt {
            AssertionJwt::ByKey(jwt) => jwt.compact(),
            AssertionJwt::BySecret(jwt) => jwt.compact(),
        }
    }

    /// The secret that made the MAC. `None`: a key signed.
    ///
    /// # Errors
    /// `invalid_client` when none of those did that have not expired at `now`.
    pub(super) fn check_mac(
        &self,
        secrets: &[ClientSecret],
        now: Timestamp,
    ) -> Result<Option<SecretDigest>, TokenError> {
        let AssertionJwt::BySecret(jwt) = &self.jwt else { return Ok(None) };
        let is_maker = |secret: &&ClientSecret| {
            let lives = secret.expires_at.is_none_or(|at| now < at);
            lives && secret.key.as_ref().is_some_and(|key| jwt.is_made_with(key))
        };
        let maker = secrets.iter().find(is_maker).ok_or_else(|| TokenError::new(Reason::AssertionForged))?;
        Ok(Some(maker.digest))
    }

    /// Judges the claims for `client`, which the assertion names. The audience is this server, by its issuer identifier or the
    /// address of the endpoint for tokens, for pushed requests (RFC 9126 §2), or for authentication requests (CIBA §7.1), at either
    /// host.
    ///
    /// # Errors
    /// `invalid_client`.
    pub(super) fn verify(&self, client: &Client, hosts: Hosts<'_>, now: Timestamp) -> Result<SingleUse, TokenError> {
        if client.token_endpoint_auth_method != self.method() {
            return Err(other_method(client, self.method()));
        }
        let (alg, typ) = match &self.jwt {
            AssertionJwt::ByKey(jwt) => (AssertionAlg::from(jwt.alg), &jwt.typ),
            AssertionJwt::BySecret(jwt) => (jwt.alg, &jwt.typ),
        };
        let claims = &self.claims;
        if client.token_endpoint_auth_signing_alg.is_some_and(|registered| registered != alg) {
            return Err(refused("it is signed by another algorithm than the client is registered for"));
        }
        let demands = client.rules().demands;
        if alg.by_key().is_some_and(|alg| !demands.client_algs.contains(&alg)) {
            return Err(refused("it is signed by an algorithm that the client's security profile does not allow"));
        }
        if typ.as_deref().is_some_and(|typ| !TYPES.contains(&typ)) {
            return Err(refused("its typ is that of something else"));
        }
        let client_id = client.client_id.as_str();
        if claims.iss.as_deref() != Some(client_id) || claims.sub.as_deref() != Some(client_id) {
            return Err(refused("its iss and sub are not both the client_id"));
        }
        let is_one_text = matches!(claims.aud, Some(Audience::One(_)));
        let audience = claims.aud.as_ref().and_then(Audience::only);
        if demands.issuer_as_audience && !(is_one_text && audience == Some(hosts.issuer.as_str())) {
            return Err(refused("its aud is not the issuer of this server, as one string"));
        }
        let endpoints = [path::TOKEN, path::PUSHED_AUTHORIZATION, path::BACKCHANNEL_AUTHENTICATION];
        let is_here = |audience: &str| audience == hosts.issuer.as_str() || hosts.have(&endpoints, audience);
        if !audience.is_some_and(is_here) {
            return Err(refused("its aud is not this server: the issuer, or the URL of the token endpoint"));
        }
        let times = Times { exp: claims.exp, nbf: claims.nbf, iat: claims.iat };
        let until = times.check(now, LONGEST).map_err(refused)?;
        let jti = claims.jti.as_deref().filter(|jti| !jti.is_empty()).ok_or_else(|| refused("it has no jti"))?;
        if jti.len() > MAX_JTI {
            return Err(refused("its jti is too long"));
        }
        let named = serde_json::json!(["client_assertion", client_id, jti]).to_string();
        Ok(SingleUse { digest: Sha256::digest(named).into(), until })
    }
}

fn refused(why: &str) -> TokenError {
    TokenError::because(Reason::AssertionRefused, format!("the client assertion is refused: {why}"))
}

/// The answer to an assertion that came before.
#[must_use]
pub fn used_before() -> TokenError {
    refused("it was used before, and each is good once")
}

/// The answer while nobody knows the client's keys. Many clients take `invalid_client` for the end of their registration.
#[must_use]
pub fn keys_unknown() -> TokenError {
    TokenError::new(Reason::AssertionKeysAway)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::client::{ClientDraft, ClientKind};
    use crate::client_auth::{PresentedClient, Proof, Proven};
    use crate::error::ErrorCode;
    use crate::id::Issuer;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn here() -> Issuer {
        Issuer::parse("https://id.example").unwrap()
    }

    fn client(alg: &str) -> Client {
        let draft = ClientDraft {
            client_id: "job".into(),
            client_name: "Job".into(),
            token_endpoint_auth_method: "private_key_jwt".into(),
            jwks_uri: "https://job.example/jwks".into(),
            token_endpoint_auth_signing_alg: alg.into(),
            ..ClientDraft::preset(ClientKind::Machine)
        };
        draft.check(None).unwrap()
    }

    fn claims() -> Value {
        json!({
            "iss": "job", "sub": "job", "aud": "https://id.example", "jti": "one", "iat": NOW.0, "exp": NOW.0 + 300,
        })
    }

    fn form(header: &Value, claims: &Value, more: &[(&str, &str)]) -> Form {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let jwt = format!("{}.{}.AAAA", part(header), part(claims));
        let all = [("client_assertion_type", JWT_BEARER), ("client_assertion", &jwt)].into_iter();
        Form::from_pairs(all.chain(more.iter().copied()).map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The place of the assertion among those that were used, or the refusal.
    fn judge(header: &Value, claims: &Value, client: &Client) -> Result<SingleUse, TokenError> {
        let presented = PresentedClient::read(None, &form(header, claims, &[]))?;
        let mtls = Issuer::parse("https://mtls.id.example").unwrap();
        match presented.verify(client, &[], Hosts { issuer: &here(), mtls: Some(&mtls) }, NOW)? {
            Proven::Assertion(_, once) => Ok(once),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(header: &Value, claims: &Value) -> String {
        let refused = judge(header, claims, &client("")).unwrap_err().0;
        assert_eq!(refused.code, ErrorCode::InvalidClient, "{claims}");
        refused.description.into_owned()
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
        };
        claims
    }

    #[test]
    fn the_audience_is_the_issuer_or_its_token_endpoint() {
        for audience in [
            json!("https://id.example"),
            json!(["https://id.example"]),
            json!("https://id.example/token"),
            json!(["https://id.example/token"]),
            json!("https://id.example/par"),
            json!("https://id.example/bc-authorize"),
            json!("https://mtls.id.example/token"),
            json!("https://mtls.id.example/par"),
        ] {
            let once = judge(&json!({ "alg": "ES256" }), &with(claims(), "aud", audience), &client("")).unwrap();
            assert_eq!(once.until, NOW.plus(360));
        }
    }

    #[test]
    fn every_claim_wrong_in_turn_is_refused_for_its_reason() {
        let header = json!({ "alg": "ES256" });
        for (name, value, reason) in [
            ("iss", Value::Null, "iss and sub"),
            ("iss", json!("other"), "iss and sub"),
            ("iss", json!(["job"]), "cannot be read"),
            ("sub", Value::Null, "no sub"),
            ("sub", json!(""), "no sub"),
            ("sub", json!("other"), "iss and sub"),
            ("aud", Value::Null, "aud"),
            ("aud", json!([]), "aud"),
            ("aud", json!("https://id.example/"), "aud"),
            ("aud", json!("https://id.example/introspect"), "aud"),
            ("aud", json!("https://mtls.id.example"), "aud"),
            ("aud", json!("https://evil.example"), "aud"),
            ("aud", json!(["https://id.example", "https://evil.example"]), "aud"),
            ("aud", json!({ "any": true }), "cannot be read"),
            ("exp", Value::Null, "no exp"),
            ("exp", json!(NOW.0 - 60), "expired"),
            ("exp", json!(NOW.0 + 661), "too long"),
            ("exp", json!("tomorrow"), "cannot be read"),
            ("nbf", json!(NOW.0 + 61), "nbf"),
            ("iat", json!(NOW.0 + 61), "iat"),
            ("jti", Value::Null, "no jti"),
            ("jti", json!(""), "no jti"),
            ("jti", json!(7), "cannot be read"),
            ("jti", json!("x".repeat(MAX_JTI + 1)), "jti is too long"),
        ] {
            let said = refusal(&header, &with(claims(), name, value.clone()));
            assert!(said.contains(reason), "{name} {value}: {said}");
        }
    }

    #[test]
    fn the_header_is_that_of_an_assertion_by_the_registered_algorithm() {
        for typ in ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"] {
            assert!(judge(&json!({ "alg": "ES256", "typ": typ }), &claims(), &client("")).is_ok(), "{typ}");
        }
        for (header, reason) in [
            (json!({ "alg": "ES256", "typ": "at+jwt" }), "typ"),
            (json!({ "alg": "ES256", "typ": "oauth-id-jag+jwt" }), "typ"),
            (json!({ "alg": "none" }), "algorithm"),
            (json!({ "alg": "HS256" }), "method"),
            (json!({ "alg": "ES256", "jku": "https://evil.example" }), "jku"),
            (json!({ "alg": "ES256", "x5u": "https://evil.example" }), "x5u"),
            (json!({ "alg": "ES256", "crit": ["exp"] }), "crit"),
        ] {
            let said = refusal(&header, &claims());
            assert!(said.contains(reason), "{header}: {said}");
        }
        assert!(judge(&json!({ "alg": "PS256" }), &claims(), &client("PS256")).is_ok());
        let other = judge(&json!({ "alg": "RS256" }), &claims(), &client("PS256")).unwrap_err();
        assert!(other.0.description.contains("another algorithm"));
    }

    #[test]
    fn one_jti_is_one_place_for_each_client() {
        let header = json!({ "alg": "ES256" });
        let digest = |claims: &Value| judge(&header, claims, &client("")).unwrap().digest;
        assert_eq!(digest(&claims()), digest(&with(claims(), "exp", json!(NOW.0 + 10))));
        assert_ne!(digest(&claims()), digest(&with(claims(), "jti", json!("two"))));
    }

    #[test]
    fn an_assertion_comes_alone_and_names_the_client() {
        let header = json!({ "alg": "ES256" });
        let read = |authorization: Option<&str>, more: &[(&str, &str)]| {
            PresentedClient::read(authorization, &form(&header, &claims(), more)).map_err(|error| error.0.code)
        };
        let presented = read(None, &[]).unwrap();
        assert_eq!(presented.client_id.as_str(), "job");
        assert!(matches!(presented.proof, Proof::Assertion(_)) && read(None, &[("client_id", "job")]).is_ok());
        assert_eq!((presented.method(), presented.is_good_once()), (ClientAuthMethod::PrivateKeyJwt, true));
        let by_mac = PresentedClient::read(None, &form(&json!({ "alg": "HS256" }), &claims(), &[])).unwrap();
        assert_eq!((by_mac.method(), by_mac.is_good_once()), (ClientAuthMethod::ClientSecretJwt, true));
        assert_eq!(read(None, &[("client_id", "other")]).unwrap_err(), ErrorCode::InvalidClient);
        assert_eq!(read(None, &[("client_secret", "s")]).unwrap_err(), ErrorCode::InvalidRequest);
        assert_eq!(read(Some("Basic am9iOnM="), &[]).unwrap_err(), ErrorCode::InvalidRequest);
        assert_eq!(read(None, &[("client_assertion", "again")]).unwrap_err(), ErrorCode::InvalidRequest);
        for name in ["client_assertion", "client_assertion_type"] {
            let half = PresentedClient::read(None, &form(&header, &claims(), &[]).without(name));
            assert_eq!(half.unwrap_err().0.code, ErrorCode::InvalidRequest);
        }
        let saml = form(&header, &claims(), &[]).with("client_assertion_type", "urn:saml2-bearer");
        assert_eq!(PresentedClient::read(None, &saml).unwrap_err().0.code, ErrorCode::InvalidClient);
    }

    #[test]
    fn a_client_is_believed_by_its_own_method_only() {
        let secret = ClientDraft {
            client_id: "job".into(),
            client_name: "Job".into(),
            ..ClientDraft::preset(ClientKind::Machine)
        };
        let secret = secret.check(None).unwrap();
        assert!(judge(&json!({ "alg": "ES256" }), &claims(), &secret).is_err());
        for body in ["client_id=job", "client_id=job&client_secret=s"] {
            let presented = PresentedClient::read(None, &Form::parse(body.as_bytes()).unwrap()).unwrap();
            assert!(presented.verify(&client(""), &[], (&here()).into(), NOW).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_too_odd(header in ".{0,60}", claims in ".{0,200}", jwt in "[A-Za-z0-9._=-]{0,300}") {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            for jwt in [jwt, format!("{}.{}.AAAA", part(&header), part(&claims))] {
                let form = Form::from_pairs(vec![
                    ("client_assertion_type".into(), JWT_BEARER.into()),
                    ("client_assertion".into(), jwt),
                ]);
                prop_assert!(PresentedClient::read(None, &form).is_err());
            }
        }

        #[test]
        fn only_times_about_now_are_good(exp in -1_000..1_000_i64, nbf in -1_000..1_000_i64, iat in -1_000..1_000_i64) {
            let times = [("exp", exp), ("nbf", nbf), ("iat", iat)];
            let claims = times.iter().fold(claims(), |claims, (name, at)| with(claims, name, json!(NOW.0 + at)));
            let good = exp > -60 && exp <= 660 && nbf <= 60 && iat <= 60;
            prop_assert_eq!(judge(&json!({ "alg": "ES256" }), &claims, &client("")).is_ok(), good);
        }
    }
}
