//! JWTs that others made (RFC 7519), taken apart. Nothing in them is believed before the signature was verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::jose::VerifyingAlg;
use crate::secret::Secret;
use crate::time::Timestamp;

/// The longest JWT, in bytes.
pub const MAX_JWT: usize = 8 << 10;

/// Seconds that the clock of whoever made a JWT may differ from ours.
pub const SKEW: i64 = 60;

/// Why a JWT is not looked at any further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtProblem {
    #[error("it is longer than {} KiB", MAX_JWT >> 10)]
    TooLong,
    #[error("it is not a signed JWT in compact form")]
    Malformed,
    #[error("its header has {0}, which is not accepted")]
    Header(&'static str),
    #[error("it is signed by an algorithm that is not accepted")]
    Algorithm,
}

/// The protected header (RFC 7515 §4.1), as far as it is looked at. A member that comes twice makes it unreadable.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
    jku: Option<Value>,
    x5u: Option<Value>,
    crit: Option<Value>,
    b64: Option<Value>,
}

impl Header {
    /// `typ` in lower case, without `application/` (RFC 7515 §4.1.9).
    pub(crate) fn media_type(&self) -> Option<String> {
        let typ = self.typ.as_ref()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned))
    }
}

/// A JWT in compact form, decoded.
pub(crate) struct Parts {
    pub(crate) header: Header,
    pub(crate) claims: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Parts {
    /// # Errors
    /// When it is no JWT, says where its keys are to be fetched, or has extensions.
    pub(crate) fn of(compact: &str) -> Result<Self, JwtProblem> {
        if compact.len() > MAX_JWT {
            return Err(JwtProblem::TooLong);
        }
        let mut parts = compact.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
        let (Some(Ok(header)), Some(Ok(claims)), Some(Ok(signature)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwtProblem::Malformed);
        };
        let header: Header = serde_json::from_slice(&header).map_err(|_| JwtProblem::Malformed)?;
        let refused = [("jku", &header.jku), ("x5u", &header.x5u), ("crit", &header.crit), ("b64", &header.b64)];
        if let Some((name, _)) = refused.into_iter().find(|(_, value)| value.is_some()) {
            return Err(JwtProblem::Header(name));
        }
        Ok(Self { header, claims, signature })
    }
}

/// A JWT that somebody else made.
#[derive(Debug, Clone)]
pub struct ForeignJwt {
    compact: Secret,
    pub alg: VerifyingAlg,
    pub kid: Option<String>,
    /// In lower case, without `application/` (RFC 7515 §4.1.9).
    pub typ: Option<String>,
    /// The key in it, which nobody vouches for (RFC 7515 §4.1.3).
    pub jwk: Option<Value>,
    claims: Vec<u8>,
}

impl ForeignJwt {
    /// # Errors
    /// When it is no JWT, says where its keys are to be fetched, has extensions, or its algorithm is not one of the asymmetric
    /// ones that are accepted here.
    pub fn parse(compact: &str) -> Result<Self, JwtProblem> {
        let Parts { header, claims, .. } = Parts::of(compact)?;
        let alg = VerifyingAlg::read(&header.alg).ok_or(JwtProblem::Algorithm)?;
        let typ = header.media_type();
        Ok(Self { compact: Secret::new(compact), alg, kid: header.kid, typ, jwk: header.jwk, claims })
    }

    /// The whole of it, for whoever verifies the signature.
    #[must_use]
    pub fn compact(&self) -> &Secret {
        &self.compact
    }

    /// The claims that `T` names. None of them may come twice.
    ///
    /// # Errors
    /// When one is missing that `T` needs, or is of another type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JwtProblem> {
        serde_json::from_slice(&self.claims).map_err(|_| JwtProblem::Malformed)
    }
}

/// `aud`: a text, or a list of texts (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// The audience, if there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<&str> {
        match self {
            Self::One(audience) => Some(audience),
            Self::Several(audiences) => match audiences.as_slice() {
                [audience] => Some(audience),
                _ => None,
            },
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(audience) => std::slice::from_ref(audience),
            Self::Several(audiences) => audiences,
        }
    }
}

/// Seconds since 1970, whole or not (RFC 7519 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumericDate(pub i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let whole = number.as_i64().or_else(|| {
            // Beyond 2^53 it would not be exact, and is no time of anybody's.
            let seconds = number.as_f64().filter(|seconds| seconds.abs() < 9e15)?;
            #[expect(clippy::cast_possible_truncation, reason = "it is small, and the fraction is meant to go")]
            Some(seconds.floor() as i64)
        });
        whole.map(Self).ok_or_else(|| serde::de::Error::custom("no time"))
    }
}

/// The times of a JWT that is used at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub exp: Option<NumericDate>,
    pub nbf: Option<NumericDate>,
    pub iat: Option<NumericDate>,
}

impl Times {
    /// Judges the times at `now`; gives the moment until which the JWT is accepted. It may be good for `most` seconds from now.
    ///
    /// # Errors
    /// A description.
    pub fn check(&self, now: Timestamp, most: i64) -> Result<Timestamp, &'static str> {
        let latest = now.0.saturating_add(SKEW);
        let exp = self.exp.ok_or("it has no exp")?.0;
        let end = exp.saturating_add(SKEW);
        if end <= now.0 {
            return Err("it has expired");
        }
        if exp > latest.saturating_add(most) {
            return Err("it is good for too long: exp is too far ahead");
        }
        if self.nbf.is_some_and(|nbf| nbf.0 > latest) {
            return Err("it is not good yet: nbf is ahead");
        }
        if self.iat.is_some_and(|iat| iat.0 > latest) {
            return Err("it was made in the future: iat is ahead");
        }
        Ok(Timestamp(end))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compact(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    fn parse(header: &Value) -> Result<ForeignJwt, JwtProblem> {
        ForeignJwt::parse(&compact(&header.to_string(), "{}"))
    }

    #[test]
    fn a_header_says_little() {
        let jwt = parse(&json!({ "alg": "PS256", "kid": "k", "typ": "application/JWT", "x5t": "…" })).unwrap();
        assert_eq!((jwt.alg, jwt.kid.as_deref(), jwt.typ.as_deref()), (VerifyingAlg::PS256, Some("k"), Some("jwt")));
        for name in ["jku", "x5u", "crit", "b64"] {
            let refused = parse(&json!({ "alg": "ES256", name: "https://evil.example" }));
            assert_eq!(refused.unwrap_err(), JwtProblem::Header(name));
        }
        assert_eq!(parse(&json!({ "alg": "Ed25519" })).unwrap().alg, VerifyingAlg::EdDsa);
        for alg in ["none", "HS256", "ES384", "RS512", "es256", ""] {
            assert_eq!(parse(&json!({ "alg": alg })).unwrap_err(), JwtProblem::Algorithm, "{alg}");
        }
    }

    #[test]
    fn what_is_no_jwt_is_not_read() {
        let good = compact("{\"alg\":\"ES256\"}", "{}");
        assert!(ForeignJwt::parse(&good).is_ok());
        for text in [
            String::new(),
            "a.b".to_owned(),
            format!("{good}.{good}"),
            format!("{good}="),
            good.replace('.', ". "),
            compact("[]", "{}"),
            compact("{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{}"),
        ] {
            assert_eq!(ForeignJwt::parse(&text).unwrap_err(), JwtProblem::Malformed, "{text}");
        }
        assert_eq!(ForeignJwt::parse(&"a".repeat(MAX_JWT + 1)).unwrap_err(), JwtProblem::TooLong);
    }

    #[test]
    fn dates_are_numbers_and_claims_come_once() {
        #[derive(Debug, Deserialize)]
        struct Claims {
            exp: NumericDate,
        }
        let claims = |text: &str| {
            let jwt = ForeignJwt::parse(&compact("{\"alg\":\"ES256\"}", text)).unwrap();
            jwt.claims::<Claims>().map(|claims| claims.exp.0)
        };
        assert_eq!((claims("{\"exp\":7}"), claims("{\"exp\":7.9}"), claims("{\"exp\":-1}")), (Ok(7), Ok(7), Ok(-1)));
        for text in ["{}", "{\"exp\":\"7\"}", "{\"exp\":1e300}", "{\"exp\":7,\"exp\":8}", "{\"exp\":null}", "7"] {
            assert!(claims(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_may_differ_a_little() {
        let now = Timestamp(1_000);
        let times = |exp: i64| Times { exp: Some(NumericDate(exp)), nbf: None, iat: None };
        let check = |times: Times| times.check(now, 600).map(|end| end.0);
        assert!(check(times(940)).is_err());
        assert_eq!((check(times(941)), check(times(1_660))), (Ok(1_001), Ok(1_720)));
        assert!(check(times(1_661)).is_err() && check(times(i64::MAX)).is_err() && check(times(i64::MIN)).is_err());
        assert!(check(Times { exp: None, ..times(0) }).is_err());
        for ahead in [1_060, 1_061] {
            let date = Some(NumericDate(ahead));
            assert_eq!(check(Times { nbf: date, ..times(1_100) }).is_ok(), ahead == 1_060);
            assert_eq!(check(Times { iat: date, ..times(1_100) }).is_ok(), ahead == 1_060);
        }
    }

    #[test]
    fn an_audience_is_one() {
        let only = |value: Value| serde_json::from_value::<Audience>(value).unwrap().only().map(str::to_owned);
        assert_eq!((only(json!("a")), only(json!(["a"]))), (Some("a".to_owned()), Some("a".to_owned())));
        assert_eq!((only(json!([])), only(json!(["a", "b"])), only(json!(["a", "a"]))), (None, None, None));
    }
}
