//! `GET /`: what this is, who is signed in, and where to go.

pub(crate) mod setup;

use app::pages::home::HomePage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::http::cookie::Cookie;
use crate::http::failure::Failure;
use crate::http::page::{Policy, page};
use crate::state::App;

pub(crate) async fn get(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let signed_in = match Cookie::Session.read(&headers, app.issuer()) {
        Some(cookie) => app.idp.find_session(&cookie).await?,
        None => None,
    };
    let home = HomePage {
        issuer: app.issuer().to_string(),
        is_set_up: app.idp.is_set_up().await?,
        username: signed_in.map(|signed_in| signed_in.user.username.clone()),
    };
    Ok(page(StatusCode::OK, &Policy::NoScript, home.render(&crate::assets::pkg())))
}
