//! The endpoints that clients call.

pub(crate) mod backchannel;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod health;
pub(crate) mod introspect;
pub(crate) mod par;
pub(crate) mod register;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp::{RegisteredClient, activity};
use oauth::client_auth::PresentedClient;
use oauth::dpop::{self, Possession, Proven};
use oauth::error::{ErrorCode, OAuthError, TokenError};
use oauth::form::Form;
use oauth::refusal::Reason;
use serde_json::{Value, json};

use crate::guard::CallerAddress;
use crate::http::headers::single;
use crate::state::Signet;

/// RFC 9449 §8.1.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The number of times that a client is judged that is changed while it asks.
const TRIES: u32 = 3;

/// The answer to a client that was changed as often.
fn always_changing() -> TokenError {
    TokenError::new(Reason::ClientChanging)
}

/// The client behind a request to a neighbour of the token endpoint.
async fn authenticate(
    signet: &Signet,
    caller: CallerAddress,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Arc<RegisteredClient>, TokenError> {
    Authenticated::new(signet, caller, headers, form)?.get().await
}

/// The client behind a request that may be judged more than once: its proof counts, and is spent, the first time.
struct Authenticated<'a> {
    signet: &'a Signet,
    caller: CallerAddress,
    presented: PresentedClient,
    before: bool,
    /// Nobody here has to know the client.
    visits: bool,
}

impl<'a> Authenticated<'a> {
    fn new(signet: &'a Signet, caller: CallerAddress, headers: &HeaderMap, form: &Form) -> Result<Self, TokenError> {
        let presented = presented(signet, headers, form)?;
        activity::about_client(&presented.client_id);
        Ok(Self { signet, caller, presented, before: false, visits: false })
    }

    /// The same at the beginning of an authorization.
    fn visiting(self) -> Self {
        Self { visits: true, ..self }
    }

    /// The client as it is now.
    async fn get(&mut self) -> Result<Arc<RegisteredClient>, TokenError> {
        let idp = &self.signet.idp;
        if self.before {
            return idp.authenticate_again(&self.presented).await;
        }
        let caller = self.signet.guard.counts(self.caller);
        let client = if self.visits {
            idp.authenticate_visitor(&self.presented, caller).await?
        } else {
            idp.authenticate_client(&self.presented, caller).await?
        };
        self.before = true;
        Ok(client)
    }

    /// True after a try that may have spent the assertion, or not.
    fn is_in_doubt(&self) -> bool {
        !self.before && self.presented.is_good_once()
    }
}

fn presented(signet: &Signet, headers: &HeaderMap, form: &Form) -> Result<PresentedClient, TokenError> {
    let presented = PresentedClient::read(single(headers, header::AUTHORIZATION), form)?;
    Ok(presented.with_certificate(signet.guard.certificate(headers)))
}

/// The key that a request proves to have, if it comes with a proof (RFC 9449 §4.1).
fn shown_key(signet: &Signet, headers: &HeaderMap, request: &Proven<'_>) -> Result<Option<Possession>, OAuthError> {
    let proof = single(headers, dpop::HEADER);
    proof.map(|proof| signet.idp.judge_possession(proof, request)).transpose()
}

/// An endpoint of this server, as the proof in a request to it names it.
fn place<'a>(method: &'a Method, path: &'static str) -> Proven<'a> {
    Proven { method: method.as_str(), path, access_token: None }
}

/// Puts the nonce beside an answer that asks for it (RFC 9449 §8).
fn offer_nonce(signet: &Signet, code: ErrorCode, response: &mut Response) {
    if code == ErrorCode::UseDpopNonce
        && let Ok(nonce) = HeaderValue::from_str(&signet.idp.dpop_nonce())
    {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
}

/// JSON that no cache keeps (RFC 6749 §5.1).
fn no_store(value: Value) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(value)).into_response()
}

/// A JWT that no cache keeps.
fn signed(media_type: &'static str, jwt: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, jwt).into_response()
}

/// `TokenError` as JSON where a proof of possession may come with the request.
fn proof_error(signet: &Signet, error: &TokenError) -> Response {
    let mut response = token_error(error);
    offer_nonce(signet, error.0.code, &mut response);
    response
}

/// `TokenError` as JSON (RFC 6749 §5.2).
fn token_error(error: &TokenError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = no_store(json!({ "error": error.0.code.as_str(), "error_description": error.0.description }));
    *response.status_mut() = status;
    if let Some(seconds) = error.0.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"signet\", charset=\"UTF-8\""));
    }
    response
}
