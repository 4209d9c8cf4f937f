//! `POST /register` (RFC 7591 §3), and a registration in the hands of its client (RFC 7592 §2).

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::{RegisterError, Registered, activity};
use oauth::activity::EventKind;
use oauth::bearer::{BearerError, Scheme, read_token};
use oauth::error::TokenError;
use oauth::id::ClientId;
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::registration::{MAX_REGISTRATION, Management, Registration, RegistrationResponse};
use oauth::secret::Secret;
use serde_json::{Value, json};

use super::{no_store, token_error};
use crate::http::headers::single;
use crate::state::Signet;

pub(crate) async fn post(State(signet): State<Signet>, headers: HeaderMap, request: Request) -> Response {
    let registered = async {
        let rules = signet.idp.admit_registration(presented(&headers)).await?;
        let registration = read(request).await?;
        let registered = signet.idp.register(&rules, &registration).await?;
        note_dropped(&registered, &registration);
        Ok((registered, registration))
    };
    match registered.await {
        Ok((registered, registration)) => {
            activity::happened(EventKind::Registration);
            activity::about_client(&registered.client.client_id);
            let mut response = no_store(answer(&signet, &registered, registration.redirect_uris()));
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Err(error) => refused(error),
    }
}

pub(crate) async fn get(State(signet): State<Signet>, Path(client_id): Path<String>, headers: HeaderMap) -> Response {
    let read = async {
        let token = presented(&headers)?;
        signet.idp.read_registration(&ClientId::new(client_id), &token).await
    };
    current(&signet, read.await)
}

pub(crate) async fn put(
    State(signet): State<Signet>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let updated = async {
        let (client_id, token) = (ClientId::new(client_id), presented(&headers)?);
        // Whoever has no token learns nothing of what would be wrong.
        signet.idp.read_registration(&client_id, &token).await?;
        let registration = read(request).await?;
        signet.idp.update_registration(&client_id, &token, &registration).await
    };
    current(&signet, updated.await)
}

pub(crate) async fn delete(
    State(signet): State<Signet>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let deleted = async {
        let token = presented(&headers)?;
        signet.idp.delete_registration(&ClientId::new(client_id), &token).await
    };
    match deleted.await {
        Ok(()) => {
            (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
        }
        Err(error) => refused(error),
    }
}

/// The token of a request: an initial access token, or that of a registration.
fn presented(headers: &HeaderMap) -> Result<Secret, BearerError> {
    let shown = read_token(single(headers, header::AUTHORIZATION), None)?;
    if shown.scheme == Scheme::Bearer { Ok(shown.token) } else { Err(BearerError::Unbound) }
}

async fn read(request: Request) -> Result<Registration, TokenError> {
    let body = axum::body::to_bytes(request.into_body(), MAX_REGISTRATION).await;
    let bytes = body.map_err(|_| {
        TokenError::because(Reason::RegistrationMetadata, "the body is larger than 16 KiB, or broke off")
    })?;
    Registration::read(&bytes)
}

fn note_dropped(registered: &Registered, registration: &Registration) {
    let client_id = registered.client.client_id.as_str();
    tracing::info!(client_id, "a client registered itself");
    for dropped in registration.dropped() {
        tracing::debug!(client_id, dropped, "a part of a registration was left out");
    }
}

/// The registration as it is now.
fn current(signet: &Signet, found: Result<Registered, RegisterError>) -> Response {
    match found {
        Ok(found) => no_store(answer(signet, &found, &found.client.redirect_uris)),
        Err(error) => refused(error),
    }
}

fn answer(signet: &Signet, registered: &Registered, redirect_uris: &[oauth::redirect_uri::RedirectUri]) -> Value {
    let Registered { client, issued_at, secret, access_token } = registered;
    let management = access_token.as_ref().map(|access_token| Management {
        access_token: access_token.clone(),
        client_uri: signet.issuer().url(&format!("{}/{}", path::REGISTER, client.client_id)),
    });
    let response = RegistrationResponse::new(client, redirect_uris, *issued_at, secret.as_ref(), management.as_ref());
    json!(response)
}

fn refused(error: RegisterError) -> Response {
    match error {
        RegisterError::Refused(error) => {
            activity::refused_by(EventKind::Registration, &error.0);
            token_error(&error)
        }
        RegisterError::Off => {
            activity::refused(EventKind::Registration, Reason::RegistrationOff);
            let words = "clients cannot register themselves at this server: an administrator registers them";
            let mut response = no_store(json!({ "error": "access_denied", "error_description": words }));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        RegisterError::Bearer(error) => {
            let reason = match &error {
                BearerError::Missing | BearerError::InvalidToken => Reason::RegistrationToken,
                other => other.reason(),
            };
            activity::refused(EventKind::Registration, reason);
            let code = error.code().unwrap_or("invalid_token");
            let mut response = no_store(json!({ "error": code, "error_description": error.to_string() }));
            *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            if let Ok(challenge) = HeaderValue::from_str(&error.challenge(Scheme::Bearer)) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}
