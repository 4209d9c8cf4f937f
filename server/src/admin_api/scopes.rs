//! `/admin/scopes`.

use axum::extract::State;
use axum::response::Response;
use oauth::fields::Fields as _;
use oauth::scope::ScopeDefinition;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::refusals::{BadBody, BadQuery, Guarded, Missing};
use super::schema::{Done, ScopeAnswer, ScopeSaved};
use super::segment::Segment;
use super::sent::ScopeBody;
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

/// List scopes
///
/// With the claims that each one opens, in the order of their names; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/scopes", tag = "Scopes", operation_id = "listScopes", params(Window),
    responses((status = 200, description = "The scopes", body = Vec<ScopeAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(State(signet): State<Signet>, _: AdminToken, window: Window) -> Result<Response, ApiError> {
    let mut scopes: Vec<ScopeDefinition> = signet.idp.scopes().await?.to_vec();
    scopes.sort_by(|one, other| one.name.cmp(&other.name));
    let after = window.after.as_deref();
    scopes.retain(|scope| after.is_none_or(|after| scope.name.as_str() > after));
    let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let is_more = scopes.len() > limit;
    scopes.truncate(limit);
    let last = scopes.last().filter(|_| is_more).map(|scope| scope.name.as_str());
    Ok(window.answer(&signet, "/admin/scopes", &scopes, last))
}

/// Create or change a scope
///
/// Of a scope that exists, members that are not sent stay as they are.
#[utoipa::path(
    post, path = "/admin/scopes", tag = "Scopes", operation_id = "saveScope",
    request_body(content = ScopeBody, example = json!({
        "name": "photos:read", "description": "See your photos", "claims": ["department"],
    })),
    responses((status = 200, description = "Saved", body = ScopeSaved), BadBody, Guarded),
)]
pub(super) async fn save(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let name = body.text("name")?.unwrap_or_default();
    let description = body.text("description")?.filter(|text| !text.is_empty());
    let claims = body.words("claims")?;
    let sent: Vec<String> = claims.iter().flat_map(|claims| claims.split_whitespace()).map(str::to_owned).collect();
    signet.idp.change_scope(&admin.actor, &name, description, claims).await?;
    let misspelled = signet.idp.misspelled_claims(&sent).await?;
    let warning = |(claim, meant): &(String, &str)| format!("no user has the claim {claim}; is {meant} meant?");
    Ok(ok(ScopeSaved { ok: true, warnings: misspelled.iter().map(warning).collect() }))
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
