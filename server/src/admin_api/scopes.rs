//! `/admin/scopes`.

use axum::extract::State;
use axum::response::Response;
use oauth::fields::Fields as _;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded, Missing};
use super::schema::{Done, ScopeAnswer};
use super::segment::Segment;
use super::sent::ScopeBody;
use super::token::AdminToken;
use crate::state::Signet;

/// List scopes
///
/// With the claims that each one opens.
#[utoipa::path(
    get, path = "/admin/scopes", tag = "Scopes", operation_id = "listScopes",
    responses((status = 200, description = "All scopes", body = Vec<ScopeAnswer>), Guarded),
)]
pub(super) async fn list(State(signet): State<Signet>, _: AdminToken) -> Result<Response, ApiError> {
    Ok(ok(&*signet.idp.scopes().await?))
}

/// Create or change a scope
///
/// Of a scope that exists, members that are not sent stay as they are.
#[utoipa::path(
    post, path = "/admin/scopes", tag = "Scopes", operation_id = "saveScope",
    request_body(content = ScopeBody, example = json!({
        "name": "photos:read", "description": "See your photos", "claims": ["department"],
    })),
    responses((status = 200, description = "Saved", body = Done), BadBody, Guarded),
)]
pub(super) async fn save(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let name = body.text("name")?.unwrap_or_default();
    let description = body.text("description")?.filter(|text| !text.is_empty());
    signet.idp.change_scope(&admin.actor, &name, description, body.words("claims")?).await?;
    Ok(ok(Done::new()))
}

/// Delete a scope
///
/// `openid` cannot be deleted: the protocol needs it.
#[utoipa::path(
    delete, path = "/admin/scopes/{*name}", tag = "Scopes", operation_id = "deleteScope",
    params(("name" = String, Path, description = "The name of the scope", example = "photos:read")),
    responses((status = 200, description = "Deleted", body = Done), Missing, BadBody, Guarded),
)]
pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(name): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_scope(&admin.actor, &name).await?;
    Ok(ok(Done::new()))
}
