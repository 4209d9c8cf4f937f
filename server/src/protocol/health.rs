//! `GET /health`: whether this server can do its work now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::Signet;

/// The health of the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Ask whether the server works
///
/// 200 while the database answers, 503 while it does not.
#[utoipa::path(
    get, path = "/health", tag = "Health", operation_id = "getHealth", security(()),
    responses(
        (status = 200, description = "The database answers", body = Health),
        (status = 503, description = "It does not", body = Health),
    ),
)]
pub(crate) async fn get(State(signet): State<Signet>) -> Response {
    match signet.idp.ping().await {
        Ok(()) => Json(Health { status: "ok" }).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "unavailable" })).into_response(),
    }
}
