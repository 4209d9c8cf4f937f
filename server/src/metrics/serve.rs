//! The two places of the metrics: an address of their own that asks for no token, and the main one, which wants the admin token.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use oauth::metadata::path;

use super::scrape::render;
use crate::admin_api::answer::ApiError;
use crate::admin_api::token::AdminToken;
use crate::guard::CallerAddress;
use crate::http::headers::single;
use crate::protocol::health;
use crate::state::Signet;

/// The router behind `METRICS_ADDR`: `/metrics` and `/health`, and nothing else.
pub fn metrics_router(signet: Signet) -> Router {
    Router::new().route(path::METRICS, get(open)).route(path::HEALTH, get(health::get)).with_state(signet)
}

async fn open(State(signet): State<Signet>) -> Response {
    match render(&signet).await {
        Ok(text) => {
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `GET /metrics` at the main address: with the admin token, in `X-Admin-Token` or as a bearer token, as Prometheus sends it.
pub(crate) async fn closed(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let bearer = single(&headers, "authorization").and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    let presented = single(&headers, "x-admin-token").or(bearer).unwrap_or_default();
    match AdminToken::check(&signet, presented, caller).await {
        Ok(_) => Ok(open(State(signet)).await),
        Err(ApiError::Unauthorized) => {
            let challenge = HeaderValue::from_static("Bearer realm=\"signet\"");
            Ok(([(header::WWW_AUTHENTICATE, challenge)], ApiError::Unauthorized).into_response())
        }
        Err(error) => Err(error),
    }
}
