//! Errors as the specifications name them. Four families reach the wire: [`Problem`] (an HTML page), an error sent back to the
//! client by redirection ([`OAuthError`] through `Redirection::error`), [`TokenError`] (JSON) and `BearerError`
//! (`WWW-Authenticate`).

use std::borrow::Cow;

use crate::registration::Program;
use crate::words::words;

words! {
    /// `error` (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 7009 §2.2.1, RFC 7591 §3.2.2, RFC 8628
    /// §3.5, RFC 8707 §2).
    ErrorCode {
        #[default]
        InvalidRequest = "invalid_request",
        InvalidClient = "invalid_client",
        InvalidGrant = "invalid_grant",
        UnauthorizedClient = "unauthorized_client",
        UnsupportedGrantType = "unsupported_grant_type",
        UnsupportedResponseType = "unsupported_response_type",
        InvalidScope = "invalid_scope",
        InvalidTarget = "invalid_target",
        AccessDenied = "access_denied",
        ServerError = "server_error",
        TemporarilyUnavailable = "temporarily_unavailable",
        LoginRequired = "login_required",
        ConsentRequired = "consent_required",
        RequestNotSupported = "request_not_supported",
        RequestUriNotSupported = "request_uri_not_supported",
        RegistrationNotSupported = "registration_not_supported",
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
        AuthorizationPending = "authorization_pending",
        SlowDown = "slow_down",
        ExpiredToken = "expired_token",
        InvalidRedirectUri = "invalid_redirect_uri",
        InvalidClientMetadata = "invalid_client_metadata",
    }
}

/// An error with a description that a developer can act on. The description is ASCII without quotation marks and
/// backslashes (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    pub code: ErrorCode,
    pub description: Cow<'static, str>,
    /// Seconds after which the same request may be answered otherwise (RFC 9110 §10.2.3).
    pub retry_after: Option<i64>,
}

impl OAuthError {
    /// An error; characters that the grammar of descriptions forbids become `?`.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        let allowed = |c: char| matches!(c, '\u{20}'..='\u{21}' | '\u{23}'..='\u{5b}' | '\u{5d}'..='\u{7e}');
        let description = if description.chars().all(allowed) {
            description
        } else {
            description.chars().map(|c| if allowed(c) { c } else { '?' }).collect::<String>().into()
        };
        Self { code, description, retry_after: None }
    }

    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
}

impl From<crate::form::Repeated> for OAuthError {
    fn from(repeated: crate::form::Repeated) -> Self {
        Self::invalid_request(repeated.to_string())
    }
}

impl From<crate::form::FormError> for OAuthError {
    fn from(error: crate::form::FormError) -> Self {
        Self::invalid_request(format!("the request is not well encoded: {error}"))
    }
}

/// An error of the token endpoint and its neighbours (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct TokenError(#[from] pub OAuthError);

impl TokenError {
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self(OAuthError::new(code, description))
    }

    /// A request that came too soon, and may be sent again after `seconds`.
    pub fn too_soon(description: impl Into<Cow<'static, str>>, seconds: i64) -> Self {
        let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, description);
        Self(OAuthError { retry_after: Some(seconds), ..error })
    }

    /// The HTTP status: 401 when the client failed to say who it is, 429 when it came too soon (RFC 6585 §4), 503 while the
    /// database is away, else 400.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.0.code {
            ErrorCode::InvalidClient => 401,
            ErrorCode::TemporarilyUnavailable if self.0.retry_after.is_some() => 429,
            ErrorCode::TemporarilyUnavailable => 503,
            ErrorCode::ServerError => 500,
            _ => 400,
        }
    }
}

impl From<crate::form::Repeated> for TokenError {
    fn from(repeated: crate::form::Repeated) -> Self {
        Self(repeated.into())
    }
}

impl From<crate::form::FormError> for TokenError {
    fn from(error: crate::form::FormError) -> Self {
        Self(error.into())
    }
}

/// A request that cannot be answered by redirection, because where to is not certain: a page for the person in front of the
/// browser (RFC 6749 §4.1.2.1). Carries what was sent, so that the page can name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    ClientIdMissing,
    UnknownClient {
        client_id: String,
    },
    /// The client is known by a document elsewhere, and that cannot be used; with the reason.
    ClientDocument {
        client_id: String,
        reason: String,
    },
    /// Clients of this host are not allowed here. `asks`: not yet; an administrator hears of it.
    ClientHost {
        client_id: String,
        host: String,
        asks: bool,
    },
    /// One that seems to come from a program that registers itself, and does not do so again by itself.
    ForgottenClient {
        client_id: String,
        program: Program,
    },
    RedirectUriMissing {
        client_id: String,
    },
    RedirectUriUnregistered {
        client_id: String,
        redirect_uri: String,
    },
    /// Not well formed, with a description for the developer.
    Malformed(String),
    /// A link to sign out that is not valid, with a description for the developer.
    Logout(String),
}

impl Problem {
    /// A word for it, for whoever looks for its like.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientIdMissing => "client_id_missing",
            Self::UnknownClient { .. } => "unknown_client",
            Self::ClientDocument { .. } => "client_document",
            Self::ClientHost { .. } => "client_host",
            Self::ForgottenClient { .. } => "forgotten_client",
            Self::RedirectUriMissing { .. } => "redirect_uri_missing",
            Self::RedirectUriUnregistered { .. } => "redirect_uri_unregistered",
            Self::Malformed(_) => "malformed",
            Self::Logout(_) => "logout",
        }
    }

    /// The parameters that were sent and tell what is wrong, by name.
    #[must_use]
    pub fn sent(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::UnknownClient { client_id }
            | Self::ClientDocument { client_id, .. }
            | Self::ClientHost { client_id, .. }
            | Self::ForgottenClient { client_id, .. }
            | Self::RedirectUriMissing { client_id } => vec![("client_id", client_id)],
            Self::RedirectUriUnregistered { client_id, redirect_uri } => {
                vec![("client_id", client_id), ("redirect_uri", redirect_uri)]
            }
            Self::ClientIdMissing | Self::Malformed(_) | Self::Logout(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_stays_inside_the_grammar() {
        let error = OAuthError::invalid_request("a \"quoted\"\nline with ä");
        assert_eq!(error.description, "a ?quoted??line with ?");
    }
}
