//! Errors as the specifications name them. Four families reach the wire: [`Problem`] (an HTML page), an error sent back to the
//! client by redirection ([`OAuthError`] through `Redirection::error`), [`TokenError`] (JSON) and `BearerError`
//! (`WWW-Authenticate`).

use std::borrow::Cow;

use crate::refusal::{Evidence, Reason};
use crate::registration::Program;
use crate::words::words;

words! {
    /// `error` (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 7591 §3.2.2, RFC 8628
    /// §3.5, CIBA §13, RFC 8707 §2, RFC 9396 §5, RFC 9449 §5 and §8).
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
        InvalidRequestUri = "invalid_request_uri",
        InvalidRequestObject = "invalid_request_object",
        RegistrationNotSupported = "registration_not_supported",
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
        AuthorizationPending = "authorization_pending",
        SlowDown = "slow_down",
        ExpiredToken = "expired_token",
        UnknownUserId = "unknown_user_id",
        InvalidBindingMessage = "invalid_binding_message",
        InvalidRedirectUri = "invalid_redirect_uri",
        InvalidClientMetadata = "invalid_client_metadata",
        InvalidToken = "invalid_token",
        InsufficientScope = "insufficient_scope",
        InvalidDpopProof = "invalid_dpop_proof",
        UseDpopNonce = "use_dpop_nonce",
        InvalidAuthorizationDetails = "invalid_authorization_details",
    }
}

impl ErrorCode {
    /// Refusals that a client gets which is at work as it should be: it waits for somebody (RFC 8628 §3.5), asks silently (OpenID Connect
    /// Core §3.1.2.6), or fetches a nonce (RFC 9449 §8).
    pub const ROUTINE: [Self; 5] =
        [Self::AuthorizationPending, Self::SlowDown, Self::LoginRequired, Self::ConsentRequired, Self::UseDpopNonce];

    /// True for the word of one of these.
    #[must_use]
    pub fn is_routine(word: &str) -> bool {
        Self::ROUTINE.iter().any(|code| code.as_str() == word)
    }
}

/// A refusal, by the check that refuses, with a description that a developer can act on. The description is ASCII without quotation
/// marks and backslashes (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    pub reason: Reason,
    /// That of the reason.
    pub code: ErrorCode,
    pub description: Cow<'static, str>,
    /// Seconds after which the same request may be answered otherwise (RFC 9110 §10.2.3).
    pub retry_after: Option<i64>,
    pub evidence: Option<Box<Evidence>>,
}

impl OAuthError {
    /// A refusal, in the words of its check.
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self::because(reason, reason.description())
    }

    /// A refusal, in words that are more exact. Characters that the grammar of descriptions forbids become `?`.
    pub fn because(reason: Reason, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        let allowed = |c: char| matches!(c, '\u{20}'..='\u{21}' | '\u{23}'..='\u{5b}' | '\u{5d}'..='\u{7e}');
        let description = if description.chars().all(allowed) {
            description
        } else {
            description.chars().map(|c| if allowed(c) { c } else { '?' }).collect::<String>().into()
        };
        Self { reason, code: reason.code(), description, retry_after: None, evidence: None }
    }

    /// The same, with the value that was sent as `parameter`. Never a secret or a token.
    #[must_use]
    pub fn sent(mut self, parameter: &'static str, value: impl Into<String>) -> Self {
        let evidence = self.evidence.get_or_insert_default();
        (evidence.parameter, evidence.sent) = (parameter, value.into());
        self
    }

    /// The same, with what would have been right.
    #[must_use]
    pub fn expected(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.evidence.get_or_insert_default().expected = values.into_iter().map(|value| value.to_string()).collect();
        self
    }
}

/// The same finding for a client that asks by itself, with nobody before a browser.
impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> Self {
        if let Problem::Unread { error, .. } = problem {
            return *error;
        }
        let error = Self::because(problem.reason(), problem.detail());
        match problem.sent().last() {
            Some((name, value)) => error.sent(name, *value),
            None => error,
        }
    }
}

impl From<crate::form::Repeated> for OAuthError {
    fn from(repeated: crate::form::Repeated) -> Self {
        Self::because(Reason::ParameterRepeated, repeated.to_string()).sent("parameter", repeated.0)
    }
}

impl From<crate::form::FormError> for OAuthError {
    fn from(error: crate::form::FormError) -> Self {
        Self::because(Reason::BodyMalformed, format!("the request is not well encoded: {error}"))
    }
}

impl From<crate::form::Repeated> for Problem {
    fn from(repeated: crate::form::Repeated) -> Self {
        Self::Malformed(Reason::ParameterRepeated, repeated.to_string())
    }
}

/// An error of the token endpoint and its neighbours (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct TokenError(#[from] pub OAuthError);

impl TokenError {
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self(OAuthError::new(reason))
    }

    pub fn because(reason: Reason, description: impl Into<Cow<'static, str>>) -> Self {
        Self(OAuthError::because(reason, description))
    }

    /// A request that came too soon, and may be sent again after `seconds`.
    pub fn too_soon(reason: Reason, description: impl Into<Cow<'static, str>>, seconds: i64) -> Self {
        Self(OAuthError { retry_after: Some(seconds), ..OAuthError::because(reason, description) })
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
    /// It is not known either, and seems to come from a program that registers itself, and does not do so again by itself.
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
    /// The request was pushed before, and is not here any more.
    PushedRequestGone {
        client_id: String,
    },
    /// The request cannot be read, and says nowhere else where the answer goes.
    Unread {
        client_id: String,
        error: Box<OAuthError>,
    },
    /// The answer is to be encrypted for the client, and cannot be.
    Unanswerable {
        client_id: String,
        reason: Reason,
    },
    /// Not well formed: the check that found it, and a description for the developer.
    Malformed(Reason, String),
    /// A link to sign out that is not valid.
    Logout(Box<OAuthError>),
}

impl Problem {
    /// The check that found it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::ClientIdMissing => Reason::ClientIdMissing,
            // Whether the registration was forgotten or somebody mistyped the ID is for whoever looks.
            Self::UnknownClient { .. } | Self::ForgottenClient { .. } => Reason::UnknownClient,
            Self::ClientDocument { .. } => Reason::ClientDocument,
            Self::ClientHost { .. } => Reason::ClientHost,
            Self::RedirectUriMissing { .. } => Reason::RedirectUriMissing,
            Self::RedirectUriUnregistered { .. } => Reason::RedirectUriUnregistered,
            Self::PushedRequestGone { .. } => Reason::PushedRequestGone,
            Self::Unread { error, .. } | Self::Logout(error) => error.reason,
            Self::Unanswerable { reason, .. } => *reason,
            Self::Malformed(reason, _) => *reason,
        }
    }

    /// The finding, for a developer.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::ClientDocument { reason, .. } => reason.clone(),
            Self::Unread { error, .. } | Self::Logout(error) => error.description.clone().into_owned(),
            Self::Malformed(_, what) => what.clone(),
            other => other.reason().description().to_owned(),
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
            | Self::PushedRequestGone { client_id }
            | Self::Unread { client_id, .. }
            | Self::Unanswerable { client_id, .. }
            | Self::RedirectUriMissing { client_id } => vec![("client_id", client_id)],
            Self::RedirectUriUnregistered { client_id, redirect_uri } => {
                vec![("client_id", client_id), ("redirect_uri", redirect_uri)]
            }
            Self::Logout(error) => {
                error.evidence.iter().map(|evidence| (evidence.parameter, evidence.sent.as_str())).collect()
            }
            Self::ClientIdMissing | Self::Malformed(..) => Vec::new(),
        }
    }

    /// Values that would have been right.
    #[must_use]
    pub fn expected(&self) -> &[String] {
        match self {
            Self::Logout(error) => {
                error.evidence.as_ref().map(|evidence| evidence.expected.as_slice()).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_stays_inside_the_grammar() {
        let error = OAuthError::because(Reason::Malformed, "a \"quoted\"\nline with ä");
        assert_eq!(error.description, "a ?quoted??line with ?");
    }
}
