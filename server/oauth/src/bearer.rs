//! Access tokens at a protected resource (RFC 6750, RFC 9449 §7); `/userinfo` is one.

use crate::access_token::Confirmation;
use crate::error::OAuthError;
use crate::form::Form;
use crate::holder::Holder;
use crate::jose::VerifyingAlg;
use crate::refusal::Reason;
use crate::secret::Secret;

/// A scheme by which a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever bears it.
    Bearer,
    /// With a proof of the key that it is bound to.
    Dpop,
}

/// A token as it came.
#[derive(Debug, Clone)]
pub struct ShownToken {
    pub token: Secret,
    pub scheme: Scheme,
}

/// Why a resource does not answer (RFC 6750 §3.1, RFC 9449 §7.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// No token at all: the answer names the scheme and nothing else.
    #[error("a bearer token is needed")]
    Missing,
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("the access token is not known, has expired or was revoked")]
    InvalidToken,
    #[error("the access token was not granted the scope {0}")]
    InsufficientScope(&'static str),
    /// The token is of a client that acts for itself.
    #[error("{}", Reason::TokenOfNobody.description())]
    NoPerson,
    /// The proof of possession is not good.
    #[error("{}", .0.description)]
    Proof(OAuthError),
    #[error("{}", Reason::TokenBound.description())]
    Bound,
    #[error("{}", Reason::TokenUnbound.description())]
    Unbound,
    #[error("{}", Reason::TokenCertificate.description())]
    Certificate,
}

impl Scheme {
    fn find(name: &str) -> Option<Self> {
        [("bearer", Self::Bearer), ("dpop", Self::Dpop)]
            .into_iter()
            .find_map(|(known, scheme)| name.eq_ignore_ascii_case(known).then_some(scheme))
    }
}

impl BearerError {
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::InvalidToken | Self::Proof(_) | Self::Bound | Self::Unbound | Self::Certificate => {
                401
            }
            Self::InvalidRequest(_) => 400,
            Self::InsufficientScope(_) | Self::NoPerson => 403,
        }
    }

    /// The check that refused.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Missing => Reason::TokenMissing,
            Self::InvalidRequest(_) => Reason::TokenMalformed,
            Self::InvalidToken => Reason::TokenRefused,
            Self::InsufficientScope(_) => Reason::TokenScope,
            Self::NoPerson => Reason::TokenOfNobody,
            Self::Proof(error) => error.reason,
            Self::Bound => Reason::TokenBound,
            Self::Unbound => Reason::TokenUnbound,
            Self::Certificate => Reason::TokenCertificate,
        }
    }

    /// `error`, or nothing where the request carried no token.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        (*self != Self::Missing).then(|| self.reason().code().as_str())
    }

    /// The value of `WWW-Authenticate` in answer to a token that came by `scheme`.
    #[must_use]
    pub fn challenge(&self, scheme: Scheme) -> String {
        let scheme = if *self == Self::Bound { Scheme::Dpop } else { scheme };
        let (name, algs) = match scheme {
            Scheme::Bearer => ("Bearer", String::new()),
            Scheme::Dpop => ("DPoP", format!(", algs=\"{}\"", VerifyingAlg::names().collect::<Vec<_>>().join(" "))),
        };
        let scope = match self {
            Self::InsufficientScope(scope) => format!(", scope=\"{scope}\""),
            _ => String::new(),
        };
        match self.code() {
            None => format!("{name} realm=\"signet\"{algs}"),
            Some(code) => {
                format!("{name} realm=\"signet\", error=\"{code}\", error_description=\"{self}\"{scope}{algs}")
            }
        }
    }
}

/// Makes sure that a token is shown by its holder: one that is bound to a key with a proof of that key, any other one without; one that is
/// bound to a certificate on a connection with that certificate.
///
/// # Errors
/// When it is not.
pub fn check_holder(bound_to: &Confirmation, holder: &Holder) -> Result<(), BearerError> {
    let shown = holder.shown();
    match (&bound_to.jkt, &shown.jkt) {
        (None, Some(_)) => Err(BearerError::Unbound),
        (bound, shown) if bound != shown => Err(BearerError::Bound),
        _ if !bound_to.is_met_by(&shown) => Err(BearerError::Certificate),
        _ => Ok(()),
    }
}

/// The token of a request: in the `Authorization` header or, in a form body, as `access_token`; never in the query
/// (RFC 6750 §2.3 advises against it, RFC 9700 §4.3.2 forbids it). One that comes with a proof is in the header (RFC 9449 §7.1).
///
/// # Errors
/// When there is none, or two.
pub fn read_token(authorization: Option<&str>, body: Option<&Form>) -> Result<ShownToken, BearerError> {
    let in_body = match body.map(|form| form.find("access_token")) {
        Some(Err(_)) => return Err(BearerError::InvalidRequest("access_token was sent more than once")),
        Some(Ok(token)) => token,
        None => None,
    };
    let in_header = authorization
        .and_then(|header| header.split_once(' '))
        .and_then(|(scheme, token)| Some((Scheme::find(scheme)?, token)));
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(BearerError::InvalidRequest("the token was sent in two ways at once")),
        (Some((scheme, token)), None) if is_b64token(token.trim()) => {
            Ok(ShownToken { token: Secret::new(token.trim()), scheme })
        }
        (Some(_), None) => Err(BearerError::InvalidRequest("the Authorization header is not well formed")),
        (None, Some(token)) => Ok(ShownToken { token: Secret::new(token), scheme: Scheme::Bearer }),
        (None, None) => Err(BearerError::Missing),
    }
}

/// `b64token` (RFC 6750 §2.1).
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_in_the_header_or_in_the_body() {
        let body = Form::parse(b"access_token=b").unwrap();
        let read =
            |header: Option<&str>, body| read_token(header, body).map(|it| (it.token.expose().to_owned(), it.scheme));
        assert_eq!(read(Some("bearer a"), None), Ok(("a".to_owned(), Scheme::Bearer)));
        assert_eq!(read(None, Some(&body)), Ok(("b".to_owned(), Scheme::Bearer)));
        for scheme in ["DPoP", "dpop", "DPOP"] {
            let header = format!("{scheme} a");
            assert_eq!(read(Some(&header), None), Ok(("a".to_owned(), Scheme::Dpop)));
        }
        for scheme in ["Bearer a", "DPoP a"] {
            assert!(matches!(read_token(Some(scheme), Some(&body)), Err(BearerError::InvalidRequest(_))));
        }
        assert_eq!(read_token(None, None).unwrap_err(), BearerError::Missing);
        assert_eq!(read_token(Some("Basic a"), None).unwrap_err(), BearerError::Missing);
        assert!(matches!(read_token(Some("Bearer a b"), None), Err(BearerError::InvalidRequest(_))));
    }

    #[test]
    fn the_challenge_names_the_error() {
        assert_eq!(BearerError::Missing.challenge(Scheme::Bearer), "Bearer realm=\"signet\"");
        assert!(BearerError::InsufficientScope("openid").challenge(Scheme::Bearer).ends_with("scope=\"openid\""));
        let algs = ", algs=\"RS256 PS256 ES256 EdDSA Ed25519\"";
        for (error, scheme) in [(BearerError::Bound, Scheme::Bearer), (BearerError::InvalidToken, Scheme::Dpop)] {
            let challenge = error.challenge(scheme);
            assert!(
                challenge.starts_with("DPoP realm=\"signet\", error=\"invalid_token\"") && challenge.ends_with(algs)
            );
        }
    }

    #[test]
    fn a_token_that_is_bound_is_shown_with_its_key_and_any_other_without() {
        let by_key = |key: &str| Confirmation::kept(Some(key.to_owned()), None);
        let once = crate::client_auth::SingleUse { digest: [0; 32], until: crate::time::Timestamp(0) };
        let jkt = crate::jwk::Thumbprint::kept("a".to_owned());
        let key = Some(crate::dpop::Possession { jkt, alg: VerifyingAlg::ES256, once });
        let (nobody, bare) = (Holder::default(), Confirmation::default());
        let holder = Holder { key, certificate: None };
        assert_eq!((check_holder(&bare, &nobody), check_holder(&by_key("a"), &holder)), (Ok(()), Ok(())));
        assert_eq!(check_holder(&bare, &holder), Err(BearerError::Unbound));
        assert_eq!(check_holder(&by_key("a"), &nobody), Err(BearerError::Bound));
        assert_eq!(check_holder(&by_key("b"), &holder), Err(BearerError::Bound));
        let by_certificate = Confirmation::kept(None, Some("c".to_owned()));
        assert_eq!(check_holder(&by_certificate, &nobody), Err(BearerError::Certificate));
    }
}
