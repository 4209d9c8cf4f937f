//! `/admin/resources`.

use axum::extract::State;
use axum::response::Response;
use oauth::client::SecretDraft;
use oauth::id::ResourceId;
use oauth::resource::ResourceDraft;

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::refusals::{BadBody, BadQuery, Guarded, Missing};
use super::resource_schema::ResourceAnswer;
use super::schema::{Done, SecretMade};
use super::segment::{Segment, Segments};
use super::sent::{ResourceBody, SecretBody};
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

/// List resources
///
/// In the order in which they were created; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/resources", tag = "Resources", operation_id = "listResources", params(Window),
    responses((status = 200, description = "The resources", body = Vec<ResourceAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(State(signet): State<Signet>, _: AdminToken, window: Window) -> Result<Response, ApiError> {
    let after = window.after.as_deref().map(ResourceId::new);
    let resources = match signet.idp.resources_after(after.as_ref(), window.limit).await {
        // Nothing comes after what is no ID.
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a resource".to_owned())),
        other => other?,
    };
    let last = resources.rows.last().filter(|_| resources.is_more).map(|row| row.resource.id.to_string());
    let rows = resources.rows.iter().map(|row| ResourceAnswer::of(&row.resource, row.is_default));
    Ok(window.answer(&signet, "/admin/resources", rows.collect::<Vec<_>>(), last.as_deref()))
}

/// Read a resource
///
/// Never with its secrets, of which only digests are kept.
#[utoipa::path(
    get, path = "/admin/resources/{resource_id}", tag = "Resources", operation_id = "getResource", params(("resource_id" = String, Path, description = "The ID of the resource at this server")),
    responses((status = 200, description = "The resource", body = ResourceAnswer), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    let record = signet.idp.get_resource(&ResourceId::new(id)).await?;
    Ok(ok(ResourceAnswer::of(&record.resource, record.is_default)))
}

/// Create a resource
///
/// Clients can ask for it at once.
#[utoipa::path(
    post, path = "/admin/resources", tag = "Resources", operation_id = "createResource",
    request_body(content = ResourceBody, example = json!({
        "identifier": "https://mcp.example/mcp", "name": "Notes",
        "scopes": [{ "name": "notes:read", "description": "Read your notes", "default": true }],
        "authorization_details_types": [{ "type": "note_share", "description": "Share notes", "fields": ["actions required = read comment"] }],
    })),
    responses((status = 201, description = "Created", body = ResourceAnswer), BadBody, Guarded),
)]
pub(super) async fn create(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let mut draft = ResourceDraft::preset();
    draft.take(&body)?;
    if draft.name.trim().is_empty() {
        draft.name = draft.identifier.trim().chars().take(oauth::resource::MAX_RESOURCE_NAME).collect();
    }
    let resource = signet.idp.create_resource(&admin.actor, &draft).await?;
    Ok(created(ResourceAnswer::of(&resource, draft.default)))
}

/// Change a resource, by PUT
///
/// The same as PATCH: members that are not sent stay as they are.
#[utoipa::path(
    put, path = "/admin/resources/{resource_id}", tag = "Resources", operation_id = "putResource", params(("resource_id" = String, Path, description = "The ID of the resource at this server")),
    request_body(content = ResourceBody, example = json!({ "name": "Notes, renamed" })),
    responses((status = 200, description = "Changed", body = ResourceAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn put_resource(
    state: State<Signet>,
    admin: AdminToken,
    path: Segment,
    body: Body,
) -> Result<Response, ApiError> {
    update(state, admin, path, body).await
}

/// Change a resource
///
/// Members that are not sent stay as they are. `scopes` and `authorization_details_types`, when sent, are all that it has from now on;
/// one that keeps its name stays what people agreed to.
#[utoipa::path(
    patch, path = "/admin/resources/{resource_id}", tag = "Resources", operation_id = "changeResource", params(("resource_id" = String, Path, description = "The ID of the resource at this server")),
    request_body(content = ResourceBody, example = json!({ "access_token_lifetime": 600 })),
    responses((status = 200, description = "Changed", body = ResourceAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn update(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let id = ResourceId::new(id);
    let current = signet.idp.get_resource(&id).await?;
    let mut draft = ResourceDraft::of(&current.resource, current.is_default);
    draft.take(&body)?;
    signet.idp.update_resource(&admin.actor, &id, Some(current.version), &draft).await?;
    let changed = signet.idp.get_resource(&id).await?;
    Ok(ok(ResourceAnswer::of(&changed.resource, changed.is_default)))
}

/// Delete a resource
///
/// With it go its secrets. Its tokens are not known any more, and what was granted for it gives no further ones. It is
/// not found again by its own metadata, but may be created.
#[utoipa::path(
    delete, path = "/admin/resources/{resource_id}", tag = "Resources", operation_id = "deleteResource", params(("resource_id" = String, Path, description = "The ID of the resource at this server")),
    responses((status = 200, description = "Deleted", body = Done), Missing, Guarded),
)]
pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_resource(&admin.actor, &ResourceId::new(id)).await?;
    Ok(ok(Done::saying("Resource deleted")))
}

/// Make a secret for a resource
///
/// With it and its ID the resource asks `/introspect` about its own tokens, by HTTP Basic.
#[utoipa::path(
    post, path = "/admin/resources/{resource_id}/secrets", tag = "Resources", operation_id = "addResourceSecret", params(("resource_id" = String, Path, description = "The ID of the resource at this server")),
    request_body(content = SecretBody, example = json!({ "name": "production" })),
    responses((status = 201, description = "Made", body = SecretMade), Missing, BadBody, Guarded),
)]
pub(super) async fn add_secret(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let mut draft = SecretDraft::default();
    draft.take(&body)?;
    let (secret_id, secret) = signet.idp.add_resource_secret(&admin.actor, &ResourceId::new(id), &draft).await?;
    Ok(created(SecretMade { secret_id, secret: secret.expose().to_owned() }))
}

/// Revoke a secret of a resource
///
/// Whoever uses it is refused from now on.
#[utoipa::path(
    delete, path = "/admin/resources/{resource_id}/secrets/{secret_id}", tag = "Resources", operation_id = "revokeResourceSecret",
    params(("resource_id" = String, Path, description = "The ID of the resource at this server"), ("secret_id" = String, Path, description = "The ID of the secret")),
    responses((status = 200, description = "Revoked", body = Done), Missing, Guarded),
)]
pub(super) async fn revoke_secret(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segments(id, secret_id): Segments,
) -> Result<Response, ApiError> {
    signet.idp.revoke_resource_secret(&admin.actor, &ResourceId::new(id), &secret_id).await?;
    Ok(ok(Done::saying("Secret revoked")))
}
