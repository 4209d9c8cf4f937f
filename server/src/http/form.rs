//! Bodies and queries as strict forms.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::form::{Form, FormError};
use oauth::refusal::Reason;
use serde_json::json;

/// The largest body that is read, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// The query of a request; what is wrong with it is for the handler to say.
pub(crate) struct Query(pub(crate) Result<Form, FormError>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Form::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// The body of a request from one of our own pages, or the empty form.
pub(crate) struct PageForm(pub(crate) Form);

impl<S: Send + Sync> FromRequest<S> for PageForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match read(request, state).await {
            Ok(Ok(form)) => Ok(Self(form)),
            Ok(Err(error)) => {
                activity::refused_early(EventKind::Request, Reason::BodyMalformed, &error.to_string());
                Err((StatusCode::BAD_REQUEST, format!("The form is not well encoded: {error}.\n")).into_response())
            }
            Err(unread) => Err(unread.in_words()),
        }
    }
}

/// The body of a request as a form; what is wrong with it is for the handler to say.
pub(crate) struct BodyForm(pub(crate) Result<Form, BodyError>);

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body must be application/x-www-form-urlencoded")]
    MediaType,
    #[error(transparent)]
    Form(#[from] FormError),
}

impl From<BodyError> for oauth::error::TokenError {
    fn from(error: BodyError) -> Self {
        Self(oauth::error::OAuthError::because(Reason::BodyMalformed, format!("the request cannot be read: {error}")))
    }
}

/// Why there is no body to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    #[error("the body broke off")]
    BrokeOff,
}

impl Unread {
    /// The answer to a person.
    pub(crate) fn in_words(self) -> Response {
        (self.status(), format!("The form cannot be read: {self}.\n")).into_response()
    }

    fn status(self) -> StatusCode {
        let (status, reason) = match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Reason::BodyTooLarge),
            Self::BrokeOff => (StatusCode::BAD_REQUEST, Reason::BodyMalformed),
        };
        activity::refused_early(EventKind::Request, reason, &self.to_string());
        status
    }
}

impl IntoResponse for Unread {
    /// JSON, as the endpoints of OAuth answer errors (RFC 6749 §5.2).
    fn into_response(self) -> Response {
        let error = json!({ "error": "invalid_request", "error_description": self.to_string() });
        (self.status(), [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(error)).into_response()
    }
}

impl<S: Send + Sync> FromRequest<S> for BodyForm {
    type Rejection = Unread;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        read(request, state).await.map(Self)
    }
}

/// The whole body.
///
/// # Errors
/// When it is larger than [`MAX_BODY`], or breaks off.
pub(crate) async fn read_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Unread> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Unread::TooLarge,
        _ => Unread::BrokeOff,
    })
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Result<Form, BodyError>, Unread> {
    let media_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is_form = essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded");
    let bytes = read_bytes(request, state).await?;
    Ok(match (is_form, bytes.is_empty()) {
        (_, true) => Ok(Form::default()),
        (true, false) => Form::parse(&bytes).map_err(BodyError::from),
        (false, false) => Err(BodyError::MediaType),
    })
}
