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
    let event = explain::find_event(&signet.idp, &request_id).await?;
    let client = match event.as_ref().and_then(|event| event.client.as_ref()) {
        Some(client_id) => explain::find_client(&signet.idp, client_id).await?,
        None => None,
    };
    let explained = match &event {
        Some(event) if explain::may_see(&signet, &headers, client.as_ref()).await? => {
            explain::of_event(&signet.idp, event).await?
        }
        _ => None,
    };
    let request_id = request_id.chars().take(MAX_ID).collect();
    let html = ExplainedPage { request_id, explained }.render(&crate::assets::pkg());
    Ok(page(StatusCode::OK, &Policy::NoScript, html))
}
