//! `POST /token` (RFC 6749 §3.2).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use oauth::error::TokenError;
use oauth::grant::{TokenRequest, TokenResponse};

use super::{TRIES, always_changing, authenticate, no_store, token_error};
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::metrics;
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    let grant_type = body.as_ref().map_or("other", metrics::grant_type_of);
    let result = exchange(&signet, caller, &headers, body).await;
    signet.metrics.count_tokens(grant_type, result.as_ref().err().map(|error| &error.0));
    match result {
        Ok(tokens) => no_store(tokens.to_json()),
        Err(error) => token_error(&error),
    }
}

async fn exchange(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<oauth::form::Form, BodyError>,
) -> Result<TokenResponse, TokenError> {
    let form = body?;
    for _ in 0..TRIES {
        let client = authenticate(signet, caller, headers, &form).await?;
        let request = TokenRequest::read(&form, &client)?;
        if let Some(tokens) = signet.idp.grant_tokens(&client, &request).await? {
            return Ok(tokens);
        }
    }
    Err(always_changing())
}
