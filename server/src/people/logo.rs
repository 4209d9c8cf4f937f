//! `GET /client-logo`: the logo of a client, as this server fetched it.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oauth::authorize::find_client_id;

use crate::http::failure::{self, Failure};
use crate::http::form::Query;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, Query(query): Query) -> Result<Response, Failure> {
    let client = match find_client_id(&query.unwrap_or_default()) {
        Ok(client_id) => signet.idp.find_face(&client_id).await?,
        Err(_) => None,
    };
    let logo = match client {
        Some(client) => signet.idp.find_logo(&client).await,
        None => None,
    };
    let Some(logo) = logo else { return Ok(failure::not_found()) };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(logo.media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        // Whatever somebody makes of it, it runs nothing and loads nothing.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((StatusCode::OK, headers, logo.bytes).into_response())
}
