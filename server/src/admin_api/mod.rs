//! The admin API: JSON under `/admin`, for scripts that hold the admin token. It calls the same functions of the provider as the
//! console does. What it takes and answers is a contract that older scripts rely on: lists are taken as arrays or as words in
//! one string, and answered as words in one string.

pub(crate) mod answer;
mod body;
mod clients;
mod policy;
mod scopes;
pub(crate) mod token;
mod users;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{delete, get, post};
use oauth::jose::SigningAlg;
use serde_json::json;

use crate::state::App;
use answer::{ApiError, ok};
use token::AdminToken;

/// The routes of the admin API.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/clients", get(clients::list).post(clients::create))
        .route(
            "/admin/clients/{client_id}",
            get(clients::get).put(clients::update).patch(clients::update).delete(clients::delete),
        )
        .route("/admin/clients/{client_id}/policy", get(policy::get).post(policy::post))
        .route("/admin/users", get(users::list).post(users::create))
        .route("/admin/users/{id}", get(users::get).patch(users::update).delete(users::delete))
        .route("/admin/scopes", get(scopes::list).post(scopes::save))
        .route("/admin/scopes/{*name}", delete(scopes::delete))
        .route("/admin/rotate_jwk", post(rotate))
}

/// `POST /admin/rotate_jwk`: replaces the key that signs with RS256.
async fn rotate(State(app): State<App>, admin: AdminToken) -> Result<Response, ApiError> {
    let kid = app.idp.rotate_key(&admin.actor, SigningAlg::RS256).await?;
    Ok(ok(json!({ "rotated": true, "kid": kid })))
}
