//! `POST /par`: pushed authorization requests (RFC 9126).

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use idp::{RegisteredClient, activity};
use oauth::activity::EventKind;
use oauth::authorize::{Asked, PUSHED_REQUEST_LIFETIME, Redirection};
use oauth::error::{OAuthError, TokenError};
use oauth::form::Form;
use oauth::metadata::path;
use oauth::refusal::Reason;
use serde_json::json;

use super::{Authenticated, TRIES, always_changing, no_store, place, proof_error, shown_key};
use crate::authorization;
use crate::guard::CallerAddress;
use crate::http::form::{BodyError, BodyForm};
use crate::state::Signet;

pub(crate) async fn post(
    State(signet): State<Signet>,
    caller: CallerAddress,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Response {
    match push(&signet, caller, &headers, body).await {
        Ok(request_uri) => {
            let mut response = no_store(json!({ "request_uri": request_uri, "expires_in": PUSHED_REQUEST_LIFETIME }));
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Err(error) => {
            activity::refused_by(EventKind::Authorization, &error.0);
            proof_error(&signet, &error)
        }
    }
}

async fn push(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    body: Result<Form, BodyError>,
) -> Result<String, TokenError> {
    let form = body?;
    let mut authenticated = Authenticated::new(signet, caller, headers, &form)?.visiting();
    let here = place(&Method::POST, path::PUSHED_AUTHORIZATION);
    let key = shown_key(signet, headers, &here)?;
    for _ in 0..TRIES {
        let client = authenticated.get().await?;
        let mut asked = read(signet, &client, &form).await?;
        if let Some(key) = &key {
            asked = asked.bound_to(&key.jkt)?;
        }
        if let Some(request_uri) = signet.idp.push_request(&client, &asked, key.as_ref()).await? {
            return Ok(request_uri);
        }
    }
    Err(always_changing())
}

/// The request, judged as one that comes from a browser.
async fn read(signet: &Signet, client: &RegisteredClient, form: &Form) -> Result<Asked, TokenError> {
    form.check_unrepeated()?;
    if form.find("request_uri")?.is_some() {
        return Err(TokenError::new(Reason::RequestUriPushed));
    }
    let asked = match form.find("request")? {
        Some(object) => signet.idp.read_request_object(client, object, false).await?,
        None => Asked::plainly(&form.with("client_id", client.client_id.as_str())),
    };
    let asked = Asked { is_pushed: true, ..asked };
    asked.check_way(client)?;
    let redirection = Redirection::verify(&asked.parameters, client, signet.issuer()).map_err(OAuthError::from)?;
    authorization::judge(signet, &asked.parameters, client, &redirection).await??;
    Ok(asked)
}
