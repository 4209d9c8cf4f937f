//! The answer to a request that came too soon: 429 with `Retry-After` (RFC 6585 §4, RFC 9110 §10.2.3).

use std::time::Duration;

use app::text::Locale;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use serde_json::json;

use crate::endpoints::Audience;
use crate::http::failure;

/// A request that came too soon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TooSoon {
    pub(super) audience: Audience,
    pub(super) wait: Duration,
}

impl TooSoon {
    pub(crate) fn into_answer(self) -> Response {
        // Rounded up: whoever waits that long is let in.
        activity::refused(EventKind::Limit, oauth::refusal::Reason::TooSoon);
        let seconds = i64::try_from(self.wait.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX).max(1);
        let answer = match self.audience {
            Audience::Client | Audience::Script | Audience::Routine => {
                too_many_calls("temporarily_unavailable", "too many requests", seconds)
            }
            Audience::Person => failure::too_many(seconds),
        };
        delayed_answer(answer, seconds)
    }
}

/// The same answer, as one to a request that came too soon: it says when to come back, in whole seconds.
pub(crate) fn delayed_answer(mut answer: Response, seconds: i64) -> Response {
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

/// The same answer, as one to a request for which there was no place: it says when to come back, in whole seconds.
pub(crate) fn busy_answer(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(2));
    answer
}

fn too_many_calls(code: &str, reason: &str, seconds: i64) -> Response {
    let description = format!("{reason} from this address; try again in {}", Locale::En.text().wait(seconds));
    let body = Json(json!({ "error": code, "error_description": description }));
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], body).into_response()
}
