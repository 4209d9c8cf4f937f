//! `GET /`: what this is, who is signed in, and where to go.

use app::pages::home::HomePage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use oauth::logout::LogoutRequest;
use oauth::seal::Sealed;

use super::logout;
use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::page::{Policy, page};
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    let signed_in = match Cookie::Session.read(&headers, signet.issuer()) {
        Some(cookie) => signet.idp.find_session(&cookie).await?,
        None => None,
    };
    let is_administrator = match Cookie::Admin.read(&headers, signet.issuer()) {
        Some(cookie) => signet.idp.find_admin(&cookie).await?.is_some(),
        None => false,
    };
    let waiting = match &signed_in {
        Some(signed_in) => signet.idp.list_backchannel(&signed_in.session).await?.len(),
        None => 0,
    };
    let home = HomePage {
        waiting,
        is_administrator,
        issuer: signet.issuer().to_string(),
        is_set_up: signet.idp.is_set_up().await?,
        signed_in: signed_in.map(|signed_in| {
            let request = LogoutRequest::default();
            let shown = logout::shown(Some(&signed_in.session), None, &request);
            (signed_in.user.username.clone(), signet.idp.seal().tag(Sealed::SignOut, &shown))
        }),
    };
    Ok(page(StatusCode::OK, &Policy::NoScript, home.render(&crate::assets::pkg())))
}
