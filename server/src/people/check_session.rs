//! `check_session_iframe` (OpenID Connect Session Management 1.0), where the operator wants it: a page that tells those of clients
//! whether the login is still the one that they know, and the cookie by which it knows.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use oauth::id::ClientId;
use oauth::seal::Sealed;
use oauth::secret::Secret;
use oauth::session::Session;
use oauth::session_state::session_state;

use crate::http::cookie::Cookie;
use crate::http::failure;
use crate::http::page::{Policy, page};
use crate::state::Signet;

const SCRIPT: &str = include_str!("check_session.js");

pub(crate) async fn get(State(signet): State<Signet>) -> Response {
    if !signet.session_management {
        return failure::not_found();
    }
    let (nonce, cookie) = (idp::random::nonce(), Cookie::BrowserState.name(signet.issuer()));
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signet</title></head>\
         <body><script nonce=\"{nonce}\" data-cookie=\"{cookie}\">{SCRIPT}</script></body></html>"
    );
    page(StatusCode::OK, &Policy::Framed { nonce }, html)
}

/// The state of a browser in which this session is open: another one for each login.
fn browser_state(signet: &Signet, session: &Session) -> Secret {
    Secret::new(signet.idp.seal().tag(Sealed::BrowserState, &[session.login.as_str()]))
}

/// `session_state` for a page of `origin`.
pub(super) fn state_for(
    signet: &Signet,
    client_id: &ClientId,
    origin: Option<String>,
    session: &Session,
) -> Option<String> {
    let origin = origin.filter(|_| signet.session_management)?;
    let state = browser_state(signet, session);
    Some(session_state(client_id, &origin, state.expose(), &idp::random::nonce()))
}

/// Lets the browser know whose login it is in, if it does not.
pub(super) fn note(signet: &Signet, headers: &HeaderMap, session: Option<&Session>, response: &mut Response) {
    if !signet.session_management {
        return;
    }
    let (known, cookie) = (Cookie::BrowserState.read(headers, signet.issuer()), Cookie::BrowserState);
    let set = match (known, session.map(|session| browser_state(signet, session))) {
        (None, None) => return,
        (Some(known), Some(state)) if known.expose() == state.expose() => return,
        (_, Some(state)) => cookie.set(signet.issuer(), &state, idp::SESSION_LIFETIME),
        (Some(_), None) => cookie.clear(signet.issuer()),
    };
    response.headers_mut().append(header::SET_COOKIE, set);
}
