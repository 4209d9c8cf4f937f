//! `GET /`: what this is, who is signed in, and where to go.

use app::pages::home::HomePage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::page::{Policy, page};
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, headers: HeaderMap) -> Result<Response, Failure> {
    let signed_in = match Cookie::Session.read(&headers, signet.issuer()) {
        Some(cookie) => signet.idp.find_session(&cookie).await?,
        None => None,
    };
    let home = HomePage {
        issuer: signet.issuer().to_string(),
        is_set_up: signet.idp.is_set_up().await?,
        username: signed_in.map(|signed_in| signed_in.user.username.clone()),
    };
    Ok(page(StatusCode::OK, &Policy::NoScript, home.render(&crate::assets::pkg())))
}
