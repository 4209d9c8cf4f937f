//! Bearer tokens at a protected resource (RFC 6750); `/userinfo` is one.

use crate::form::Form;
use crate::refusal::Reason;
use crate::secret::Secret;

/// Why a resource does not answer (RFC 6750 §3.1).
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
}

impl BearerError {
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::InvalidToken => 401,
            Self::InvalidRequest(_) => 400,
            Self::InsufficientScope(_) => 403,
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
        }
    }

    /// `error`, or nothing where the request carried no token.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        (*self != Self::Missing).then(|| self.reason().code().as_str())
    }

    /// The value of `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(&self) -> String {
        let scope = match self {
            Self::InsufficientScope(scope) => format!(", scope=\"{scope}\""),
            _ => String::new(),
        };
        match self.code() {
            None => "Bearer realm=\"signet\"".to_owned(),
            Some(code) => format!("Bearer realm=\"signet\", error=\"{code}\", error_description=\"{self}\"{scope}"),
        }
    }
}

/// The token of a request: in the `Authorization` header or, in a form body, as `access_token`; never in the query
/// (RFC 6750 §2.3 advises against it, RFC 9700 §4.3.2 forbids it).
///
/// # Errors
/// When there is none, or two.
pub fn read_token(authorization: Option<&str>, body: Option<&Form>) -> Result<Secret, BearerError> {
    let in_body = match body.map(|form| form.find("access_token")) {
        Some(Err(_)) => return Err(BearerError::InvalidRequest("access_token was sent more than once")),
        Some(Ok(token)) => token,
        None => None,
    };
    let in_header = authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(BearerError::InvalidRequest("the token was sent in two ways at once")),
        (Some((_, token)), None) if is_b64token(token.trim()) => Ok(Secret::new(token.trim())),
        (Some(_), None) => Err(BearerError::InvalidRequest("the Authorization header is not well formed")),
        (None, Some(token)) => Ok(Secret::new(token)),
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
        assert_eq!(read_token(Some("bearer a"), None).unwrap().expose(), "a");
        assert_eq!(read_token(None, Some(&body)).unwrap().expose(), "b");
        assert!(matches!(read_token(Some("Bearer a"), Some(&body)), Err(BearerError::InvalidRequest(_))));
        assert_eq!(read_token(None, None).unwrap_err(), BearerError::Missing);
        assert_eq!(read_token(Some("Basic a"), None).unwrap_err(), BearerError::Missing);
        assert!(matches!(read_token(Some("Bearer a b"), None), Err(BearerError::InvalidRequest(_))));
    }

    #[test]
    fn the_challenge_names_the_error() {
        assert_eq!(BearerError::Missing.challenge(), "Bearer realm=\"signet\"");
        assert!(BearerError::InsufficientScope("openid").challenge().ends_with("scope=\"openid\""));
    }
}
