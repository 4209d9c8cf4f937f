//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::activity;
use oauth::activity::EventKind;
use oauth::bearer::{BearerError, read_token};
use oauth::claims;
use oauth::client::Client;
use oauth::form::Form;
use oauth::introspection::LiveToken;
use oauth::signed_answer::{USERINFO_TYPE, userinfo_claims};
use serde_json::{Map, Value, json};

use super::{no_store, signed};
use crate::http::failure::Failure;
use crate::http::form::{BodyError, BodyForm};
use crate::http::headers::single;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    answer(&signet, &headers, None).await
}

pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Result<Response, Failure> {
    // A body that is no form carries no token, whatever it carries; one that is a form must be one.
    match body {
        Ok(form) => answer(&signet, &headers, Some(&form)).await,
        Err(BodyError::MediaType) => answer(&signet, &headers, None).await,
        Err(BodyError::Form(_)) => {
            Ok(bearer_error(&BearerError::InvalidRequest("the body is not a well-encoded form")))
        }
    }
}

async fn answer(signet: &Signet, headers: &HeaderMap, body: Option<&Form>) -> Result<Response, Failure> {
    Ok(match userinfo(signet, headers, body).await? {
        Ok((claims, client)) => match client.userinfo_signed_response_alg {
            None => no_store(Value::Object(claims)),
            Some(alg) => {
                let claims = userinfo_claims(claims, signet.issuer(), &client.client_id);
                signed("application/jwt", signet.idp.sign_answer(alg, USERINFO_TYPE, &claims)?)
            }
        },
        Err(error) => {
            activity::refused(EventKind::Userinfo, error.reason());
            bearer_error(&error)
        }
    })
}

async fn userinfo(
    signet: &Signet,
    headers: &HeaderMap,
    body: Option<&Form>,
) -> Result<Result<(Map<String, Value>, Arc<Client>), BearerError>, Failure> {
    let authorization = single(headers, header::AUTHORIZATION);
    let token = match read_token(authorization, body) {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    let (token, user) = match signet.idp.find_live_token(&token).await? {
        Some((LiveToken::Access(token), user)) => (token, user),
        _ => return Ok(Err(BearerError::InvalidToken)),
    };
    activity::about_client(&token.grant.client_id);
    if !token.audience.is_here(signet.issuer()) {
        return Ok(Err(BearerError::InvalidToken));
    }
    if !token.scope.is_openid() {
        return Ok(Err(BearerError::InsufficientScope("openid")));
    }
    let Some(user) = user else {
        return Ok(Err(BearerError::InvalidToken));
    };
    let Some(client) = signet.idp.find_client(&token.grant.client_id).await? else {
        return Ok(Err(BearerError::InvalidToken));
    };
    let scopes = signet.idp.scopes().await?;
    let opened = token.grant.agreement.opened(&token.scope, &scopes);
    let single = client.allowed_claims(token.grant.claims, &scopes);
    Ok(Ok((claims::userinfo(&user, &opened, &single), client)))
}

fn bearer_error(error: &BearerError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = match error.code() {
        None => status.into_response(),
        Some(code) => (status, Json(json!({ "error": code, "error_description": error.to_string() }))).into_response(),
    };
    let challenge = HeaderValue::from_str(&error.challenge()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
