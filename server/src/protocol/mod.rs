//! The endpoints that clients call.

pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod health;
pub(crate) mod introspect;
pub(crate) mod register;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::RegisteredClient;
use oauth::client_auth::PresentedClient;
use oauth::error::{ErrorCode, TokenError};
use oauth::form::Form;
use serde_json::{Value, json};

use crate::guard::CallerAddress;
use crate::http::headers::single;
use crate::state::Signet;

/// The number of times that a client is judged that is changed while it asks.
const TRIES: u32 = 3;

/// The answer to a client that was changed as often.
fn always_changing() -> TokenError {
    TokenError::new(ErrorCode::TemporarilyUnavailable, "the client is being changed all the time")
}

/// The client behind a request to the token endpoint or one of its neighbours.
async fn authenticate(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Arc<RegisteredClient>, TokenError> {
    signet.idp.authenticate_client(&presented(headers, form)?, signet.guard.counts(caller)).await
}

fn presented(headers: &HeaderMap, form: &Form) -> Result<PresentedClient, TokenError> {
    PresentedClient::read(single(headers, header::AUTHORIZATION), form)
}

/// JSON that no cache keeps (RFC 6749 §5.1).
fn no_store(value: Value) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(value)).into_response()
}

/// `TokenError` as JSON (RFC 6749 §5.2).
fn token_error(error: &TokenError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = no_store(json!({ "error": error.0.code.as_str(), "error_description": error.0.description }));
    *response.status_mut() = status;
    if let Some(seconds) = error.0.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"signet\", charset=\"UTF-8\""));
    }
    response
}
