//! `GET /explain/{request_id}`: the page that the answer to an application leads to (`error_uri`, RFC 6749 §4.1.2.1).

use app::pages::explained::ExplainedPage;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::explain;
use crate::http::failure::Failure;
use crate::http::page::{Policy, page};
use crate::state::Signet;

/// The longest ID that is shown again.
const MAX_ID: usize = 64;

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Path(request_id): Path<String>,
) -> Result<Response, Failure> {
    let explained = match explain::find_event(&signet.idp, &request_id).await? {
        Some(event) => explain::of_event_for(&signet, &headers, &event).await?,
        None => None,
    };
    let request_id = request_id.chars().take(MAX_ID).collect();
    let html = ExplainedPage { request_id, explained }.render(&crate::assets::pkg());
    Ok(page(StatusCode::OK, &Policy::NoScript, html))
}
