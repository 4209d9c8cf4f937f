//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::{Envelope, activity};
use oauth::activity::EventKind;
use oauth::bearer::{BearerError, Scheme, ShownToken, check_holder, read_token};
use oauth::claims;
use oauth::client::{Client, Encrypted};
use oauth::dpop::{Possession, Proven};
use oauth::error::{OAuthError, TokenError};
use oauth::form::Form;
use oauth::holder::Holder;
use oauth::introspection::LiveToken;
use oauth::metadata::path;
use oauth::refusal::Reason;
use oauth::signed_answer::{USERINFO_TYPE, userinfo_claims};
use serde_json::{Map, Value, json};

use super::{no_store, offer_nonce, place, shown_key, signed, token_error};
use crate::http::failure::Failure;
use crate::http::form::{BodyError, BodyForm};
use crate::http::headers::single;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, method: Method, headers: HeaderMap) -> Result<Response, Failure> {
    answer(&signet, &method, &headers, None).await
}

pub(crate) async fn post(
    State(signet): State<Signet>,
    method: Method,
    headers: HeaderMap,
    BodyForm(body): BodyForm,
) -> Result<Response, Failure> {
    // A body that is no form carries no token, whatever it carries; one that is a form must be one.
    match body {
        Ok(form) => answer(&signet, &method, &headers, Some(&form)).await,
        Err(BodyError::MediaType) => answer(&signet, &method, &headers, None).await,
        Err(BodyError::Form(_)) => {
            let error = BearerError::InvalidRequest("the body is not a well-encoded form");
            activity::refused(EventKind::Userinfo, Reason::BodyMalformed);
            Ok(bearer_error(&error, Scheme::Bearer))
        }
    }
}

async fn answer(
    signet: &Signet,
    method: &Method,
    headers: &HeaderMap,
    body: Option<&Form>,
) -> Result<Response, Failure> {
    match respond(signet, method, headers, body).await {
        Err(Failure::Provider(idp::Error::NoRecipient(reason))) => {
            activity::refused(EventKind::Userinfo, reason);
            Ok(token_error(&TokenError::new(reason)))
        }
        answered => answered,
    }
}

async fn respond(
    signet: &Signet,
    method: &Method,
    headers: &HeaderMap,
    body: Option<&Form>,
) -> Result<Response, Failure> {
    let shown = read_token(single(headers, header::AUTHORIZATION), body);
    let scheme = shown.as_ref().map_or(Scheme::Bearer, |shown| shown.scheme);
    let answered = match shown {
        Ok(shown) => userinfo(signet, method, headers, &shown).await?,
        Err(error) => Err(error),
    };
    Ok(match answered {
        Ok(Told { claims, client, envelope }) => match client.userinfo_signed_response_alg {
            None => match envelope.seal_claims(&claims)? {
                None => no_store(Value::Object(claims)),
                Some(jwe) => signed(JWT, jwe),
            },
            Some(alg) => {
                let claims = userinfo_claims(claims, signet.issuer(), &client.client_id);
                signed(JWT, envelope.seal(signet.idp.sign_answer(alg, USERINFO_TYPE, &claims)?)?)
            }
        },
        Err(BearerError::Proof(error)) => {
            activity::refused_by(EventKind::Userinfo, &error);
            let code = error.code;
            // The challenge of the scheme by which the token could be shown (RFC 9449 §7.1).
            let mut response = bearer_error(&BearerError::Proof(error), Scheme::Dpop);
            offer_nonce(signet, code, &mut response);
            response
        }
        Err(error) => {
            activity::refused(EventKind::Userinfo, error.reason());
            bearer_error(&error, scheme)
        }
    })
}

/// The media type of an answer that is signed, encrypted, or both (OpenID Connect Core §5.3.2).
const JWT: &str = "application/jwt";

/// An answer, before it is signed or encrypted.
struct Told {
    claims: Map<String, Value>,
    client: Arc<Client>,
    envelope: Envelope,
}

async fn userinfo(
    signet: &Signet,
    method: &Method,
    headers: &HeaderMap,
    shown: &ShownToken,
) -> Result<Result<Told, BearerError>, Failure> {
    let key = match prove(signet, method, headers, shown) {
        Ok(key) => key,
        Err(error) => return Ok(Err(error)),
    };
    let holder = Holder { key, certificate: signet.guard.certificate(headers) };
    let (token, user) = match signet.idp.find_live_token(&shown.token).await? {
        Some((LiveToken::Access(token), user)) => (token, user),
        _ => return Ok(Err(BearerError::InvalidToken)),
    };
    activity::about_registered(&token.grant.client_id);
    if let Some(user) = &user {
        activity::about_user(&user.subject);
    }
    if let Err(error) = check_holder(&token.cnf, &holder) {
        return Ok(Err(error));
    }
    if !token.audience.is_here(signet.issuer()) {
        return Ok(Err(BearerError::InvalidToken));
    }
    if token.grant.subject.is_none() {
        return Ok(Err(BearerError::NoPerson));
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
    if let Err(error) = client.check_possession(holder.key.as_ref()) {
        return Ok(Err(BearerError::Proof(error)));
    }
    if !client.rules().allow_token(&token.cnf) {
        return Ok(Err(BearerError::Certificate));
    }
    let scopes = signet.idp.scopes().await?;
    let opened = token.grant.agreement.opened(&token.scope, &scopes);
    let single = client.allowed_claims(token.grant.claims, &scopes);
    let envelope = signet.idp.envelope(&client, Encrypted::Userinfo).await?;
    if let Some(key) = &holder.key {
        match signet.idp.spend_possession(key).await {
            Err(idp::Error::ProofUsed) => return Ok(Err(BearerError::Proof(OAuthError::new(Reason::DpopUsed)))),
            spent => spent?,
        }
    }
    let mut claims = claims::userinfo(&user, &opened, &single);
    claims.insert("sub".to_owned(), json!(client.known_subject(&user.subject, signet.idp.pairwise())));
    Ok(Ok(Told { claims, client, envelope }))
}

/// The key of whoever shows a token by the scheme DPoP. A proof beside a bearer token says nothing.
fn prove(
    signet: &Signet,
    method: &Method,
    headers: &HeaderMap,
    shown: &ShownToken,
) -> Result<Option<Possession>, BearerError> {
    if shown.scheme == Scheme::Bearer {
        return Ok(None);
    }
    let here = Proven { access_token: Some(&shown.token), ..place(method, path::USERINFO) };
    let key = shown_key(signet, headers, &here).map_err(BearerError::Proof)?;
    let missing = || BearerError::Proof(OAuthError::because(Reason::DpopMissing, "the request has no DPoP header"));
    key.map(Some).ok_or_else(missing)
}

fn bearer_error(error: &BearerError, scheme: Scheme) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = match error.code() {
        None => status.into_response(),
        Some(code) => (status, Json(json!({ "error": code, "error_description": error.to_string() }))).into_response(),
    };
    let challenge =
        HeaderValue::from_str(&error.challenge(scheme)).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
