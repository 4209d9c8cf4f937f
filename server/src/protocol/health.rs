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
/// 200 while the server can write to its database, 503 while it cannot: the database is away, its disk is full, or it is a standby. The
/// answer may be a second old.
#[utoipa::path(
    get, path = "/health", tag = "Health", operation_id = "getHealth", security(()),
    responses(
        (status = 200, description = "It does", body = Health),
        (status = 503, description = "It cannot write to its database", body = Health),
    ),
)]
pub(crate) async fn get(State(signet): State<Signet>) -> Response {
    if signet.idp.is_well().await {
        Json(Health { status: "ok" }).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "unavailable" })).into_response()
    }
}
