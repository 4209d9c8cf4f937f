//! The admin API: JSON under `/admin`, for scripts that hold the admin token. It calls the same functions of the provider as the
//! console does. What it takes and answers is a contract that older scripts rely on: lists are taken as arrays or as words in
//! one string, and answered as words in one string.

pub(crate) mod answer;
mod body;
mod clients;
pub(crate) mod openapi;
mod policy;
pub(crate) mod refusals;
pub(crate) mod schema;
mod scopes;
mod segment;
mod sent;
pub(crate) mod token;
mod users;

use axum::extract::State;
use axum::response::Response;
use oauth::jose::SigningAlg;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Signet;
use answer::{ApiError, ok};
use refusals::Guarded;
use schema::Rotated;
use token::AdminToken;

/// The routes of the admin API, each with its description.
pub(crate) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new()
        .routes(routes!(clients::list, clients::create))
        .routes(routes!(clients::get, clients::put_client, clients::update, clients::delete))
        .routes(routes!(policy::get, policy::post))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::get, users::update, users::delete))
        .routes(routes!(scopes::list, scopes::save))
        .routes(routes!(scopes::delete))
        .routes(routes!(rotate))
}

/// Replace the signing key
///
/// A new key signs with RS256 from now on. The one before stays published for as long as what it signed is valid.
#[utoipa::path(
    post, path = "/admin/rotate_jwk", tag = "Keys", operation_id = "rotateKey",
    responses((status = 200, description = "Replaced", body = Rotated), Guarded),
)]
async fn rotate(State(signet): State<Signet>, admin: AdminToken) -> Result<Response, ApiError> {
    let kid = signet.idp.rotate_key(&admin.actor, SigningAlg::RS256).await?;
    Ok(ok(Rotated { rotated: true, kid: kid.to_string() }))
}
