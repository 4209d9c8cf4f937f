//! Answers of the admin API.

use app::text::Locale;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::{SaveError, activity};
use oauth::activity::EventKind;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::refusal::Reason;
use serde::Serialize;

use super::schema::ErrorAnswer;

use crate::guard::{busy_answer, delayed_answer};

/// Why a call was not carried out.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// No admin token, or a wrong one: 401.
    Unauthorized,
    /// The admin token was not looked at, after too many wrong ones: 429.
    Delayed {
        /// Seconds until one is.
        wait: i64,
    },
    /// The body is not JSON of the right shape: 400.
    Body(String),
    /// A member is not right: 400; or something of that name exists: 409.
    Fields(FieldErrors),
    /// The body is larger than the server reads: 413.
    TooLarge,
    NotFound,
    Conflict,
    Failed(idp::Error),
}

impl From<idp::Error> for ApiError {
    fn from(error: idp::Error) -> Self {
        match error {
            idp::Error::NotFound => Self::NotFound,
            idp::Error::Stale => Self::Conflict,
            idp::Error::Unauthorized => Self::Unauthorized,
            other => Self::Failed(other),
        }
    }
}

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Invalid(errors) => Self::Fields(errors),
            SaveError::Stale => Self::Conflict,
            SaveError::NotFound => Self::NotFound,
            SaveError::Failed(error) => error.into(),
        }
    }
}

impl ApiError {
    /// Tells the activity of a call that was wrong. No word that was sent is kept: the answer has them.
    fn tell(&self) {
        let refused = |reason, words: &str| activity::refused_early(EventKind::Admin, reason, words);
        match self {
            Self::Body(_) => refused(Reason::AdminCallInvalid, Reason::AdminCallInvalid.description()),
            Self::TooLarge => refused(Reason::BodyTooLarge, Reason::BodyTooLarge.description()),
            Self::Fields(errors) => {
                let taken = errors.iter().any(|(_, problem)| *problem == FieldProblem::Taken);
                let members: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
                let reason = if taken { Reason::AdminNameTaken } else { Reason::AdminCallInvalid };
                refused(reason, &format!("not right: {}", members.join(", ")));
            }
            Self::Conflict => refused(Reason::AdminCallStale, Reason::AdminCallStale.description()),
            Self::Unauthorized | Self::Delayed { .. } | Self::NotFound | Self::Failed(_) => {}
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let plain = |status, code: &'static str, description: &str| {
            let error_description = Some(description.to_owned());
            answer(status, ErrorAnswer { error: code, error_description, ..ErrorAnswer::default() })
        };
        self.tell();
        match self {
            Self::Unauthorized => {
                plain(StatusCode::UNAUTHORIZED, "unauthorized", "send the admin token in the header X-Admin-Token")
            }
            Self::Delayed { wait } => {
                let wait_in_words = Locale::En.text().wait(wait);
                let description =
                    format!("too many wrong admin tokens from this address; try again in {wait_in_words}");
                delayed_answer(plain(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", &description), wait)
            }
            Self::Body(description) => plain(StatusCode::BAD_REQUEST, "invalid_request", &description),
            Self::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is larger than 64 KiB"),
            Self::Fields(errors) => fields(&errors),
            Self::NotFound => plain(StatusCode::NOT_FOUND, "not_found", "there is nothing under that name"),
            Self::Conflict => plain(StatusCode::CONFLICT, "conflict", "it was changed by somebody else meanwhile"),
            Self::Failed(idp::Error::Unavailable) => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "the server cannot reach its database",
            ),
            Self::Failed(idp::Error::Busy) => busy_answer(plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "too many passwords are being checked; try again in a few seconds",
            )),
            Self::Failed(error) => {
                tracing::error!(?error, "a call of the admin API failed");
                let request_id = crate::http::failure::request_id();
                let body = ErrorAnswer { error: "server_error", request_id, ..ErrorAnswer::default() };
                answer(StatusCode::INTERNAL_SERVER_ERROR, body)
            }
        }
    }
}

fn fields(errors: &FieldErrors) -> Response {
    let taken = errors.iter().any(|(_, problem)| *problem == FieldProblem::Taken);
    let (status, code) =
        if taken { (StatusCode::CONFLICT, "conflict") } else { (StatusCode::BAD_REQUEST, "invalid_request") };
    let members = errors.iter().map(|(field, problem)| (field.to_owned(), problem.to_string())).collect();
    let first = errors.iter().next().map(|(field, problem)| format!("{field}: {problem}")).unwrap_or_default();
    answer(
        status,
        ErrorAnswer { error: code, error_description: Some(first), fields: Some(members), ..ErrorAnswer::default() },
    )
}

/// 200 with JSON.
pub(crate) fn ok(value: impl Serialize) -> Response {
    answer(StatusCode::OK, value)
}

/// 201 with JSON.
pub(crate) fn created(value: impl Serialize) -> Response {
    answer(StatusCode::CREATED, value)
}

fn answer(status: StatusCode, value: impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(value)).into_response()
}
