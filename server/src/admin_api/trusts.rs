//! `/admin/trusts`.

use axum::extract::State;
use axum::response::Response;
use oauth::fields::Fields as _;
use oauth::id::TrustId;
use oauth::trust::{LinkDraft, Trust, TrustDraft, TrustKind};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::refusals::{BadBody, BadQuery, Guarded, Missing};
use super::schema::{Done, LinkAnswer, TrustAnswer};
use super::segment::{Segment, Segments};
use super::sent::{LinkBody, TrustBody};
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, put_trust, update, delete))
        .routes(routes!(accounts, link))
        .routes(routes!(unlink))
}

/// List trusts
///
/// In the order in which they were created; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/trusts", tag = "Trusts", operation_id = "listTrusts", params(Window),
    responses((status = 200, description = "The trusts", body = Vec<TrustAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(State(signet): State<Signet>, _: AdminToken, window: Window) -> Result<Response, ApiError> {
    let after = window.after.as_deref().map(TrustId::new);
    let trusts = match signet.idp.trusts_after(after.as_ref(), window.limit).await {
        // Nothing comes after what is no ID.
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a trust".to_owned())),
        other => other?,
    };
    let last = trusts.rows.last().filter(|_| trusts.is_more).map(|row| row.trust.id.to_string());
    let rows = trusts.rows.iter().map(|row| TrustAnswer::from(&row.trust));
    Ok(window.answer(&signet, "/admin/trusts", rows.collect::<Vec<_>>(), last.as_deref()))
}

/// Read a trust
///
/// With the members that its kind has, and no others.
#[utoipa::path(
    get, path = "/admin/trusts/{trust_id}", tag = "Trusts", operation_id = "getTrust", params(("trust_id" = String, Path, description = "The ID of the trust")),
    responses((status = 200, description = "The trust", body = TrustAnswer), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    Ok(ok(TrustAnswer::from(&signet.idp.get_trust(&TrustId::new(id)).await?.trust)))
}

/// Create a trust
///
/// It counts at once, unless `enabled` is false. Members that its kind does not have are not looked at.
#[utoipa::path(
    post, path = "/admin/trusts", tag = "Trusts", operation_id = "createTrust",
    request_body(content = TrustBody, example = json!({
        "kind": "identity_provider", "issuer": "https://idp.example", "name": "Acme", "algs": ["ES256"],
    })),
    responses((status = 201, description = "Created", body = TrustAnswer), BadBody, Guarded),
)]
pub(super) async fn create(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let kind = body.text("kind")?.unwrap_or_default();
    let mut draft = TrustKind::find(&kind).map(TrustDraft::preset).unwrap_or_default();
    draft.take(&body)?;
    let trust = signet.idp.create_trust(&admin.actor, &draft).await?;
    Ok(created(TrustAnswer::from(&trust)))
}

/// Change a trust, by PUT
///
/// The same as PATCH: members that are not sent stay as they are.
#[utoipa::path(
    put, path = "/admin/trusts/{trust_id}", tag = "Trusts", operation_id = "putTrust", params(("trust_id" = String, Path, description = "The ID of the trust")),
    request_body(content = TrustBody, example = json!({ "name": "Acme, renamed" })),
    responses((status = 200, description = "Changed", body = TrustAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn put_trust(
    state: State<Signet>,
    admin: AdminToken,
    path: Segment,
    body: Body,
) -> Result<Response, ApiError> {
    update(state, admin, path, body).await
}

/// Change a trust
///
/// Members that are not sent stay as they are. While a trust is off, the tokens that were given by it count for nothing.
#[utoipa::path(
    patch, path = "/admin/trusts/{trust_id}", tag = "Trusts", operation_id = "changeTrust", params(("trust_id" = String, Path, description = "The ID of the trust")),
    request_body(content = TrustBody, example = json!({ "accounts": "verified_email" })),
    responses((status = 200, description = "Changed", body = TrustAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn update(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let id = TrustId::new(id);
    let current = signet.idp.get_trust(&id).await?;
    let mut draft = TrustDraft::from(&current.trust);
    draft.take(&body)?;
    signet.idp.update_trust(&admin.actor, &id, Some(current.version), &draft).await?;
    Ok(ok(TrustAnswer::from(&signet.idp.get_trust(&id).await?.trust)))
}

/// Delete a trust
///
/// With it go its links to accounts. The tokens that were given by it count for nothing any more.
#[utoipa::path(
    delete, path = "/admin/trusts/{trust_id}", tag = "Trusts", operation_id = "deleteTrust", params(("trust_id" = String, Path, description = "The ID of the trust")),
    responses((status = 200, description = "Deleted", body = Done), Missing, Guarded),
)]
pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_trust(&admin.actor, &TrustId::new(id)).await?;
    Ok(ok(Done::saying("Trust deleted")))
}

/// List the linked accounts of a trust
///
/// Of an identity provider; others have none. In the order in which they were linked; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/trusts/{trust_id}/accounts", tag = "Trusts", operation_id = "listLinkedAccounts", params(("trust_id" = String, Path, description = "The ID of the trust"), Window),
    responses((status = 200, description = "The links", body = Vec<LinkAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Missing, Guarded),
)]
pub(super) async fn accounts(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
    window: Window,
) -> Result<Response, ApiError> {
    let trust = identity_provider(&signet, id).await?;
    let links = match signet.idp.list_links(&trust.id, window.place().as_ref(), window.limit).await {
        // Nothing comes after what is no ID.
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a link".to_owned())),
        other => other?,
    };
    let last = links.rows.last().filter(|_| links.is_more).map(|row| row.id.clone());
    let path = format!("/admin/trusts/{}/accounts", trust.id);
    let rows: Vec<_> = links.rows.into_iter().map(LinkAnswer::from).collect();
    Ok(window.answer(&signet, &path, rows, last.as_deref()))
}

/// Link an account
///
/// Assertions about the subject are for this account from now on.
#[utoipa::path(
    post, path = "/admin/trusts/{trust_id}/accounts", tag = "Trusts", operation_id = "linkAccount", params(("trust_id" = String, Path, description = "The ID of the trust")),
    request_body(content = LinkBody, example = json!({ "subject": "00u1a2b3c4", "user": "dora" })),
    responses((status = 201, description = "Linked", body = LinkAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn link(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let trust = identity_provider(&signet, id).await?;
    let mut draft = LinkDraft::default();
    draft.take(&body)?;
    let link = signet.idp.link_account(&admin.actor, &trust.id, &draft).await?;
    Ok(created(LinkAnswer::from(link)))
}

/// End a link
///
/// Assertions about that person are refused, unless the trust finds the account by itself. Tokens that were given live to their end.
#[utoipa::path(
    delete, path = "/admin/trusts/{trust_id}/accounts/{link_id}", tag = "Trusts", operation_id = "unlinkAccount",
    params(("trust_id" = String, Path, description = "The ID of the trust"), ("link_id" = String, Path, description = "The ID of the link")),
    responses((status = 200, description = "Ended", body = Done), Missing, Guarded),
)]
pub(super) async fn unlink(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segments(id, link_id): Segments,
) -> Result<Response, ApiError> {
    signet.idp.unlink_account(&admin.actor, &TrustId::new(id), &link_id).await?;
    Ok(ok(Done::saying("Link ended")))
}

/// The trust, if it has accounts.
async fn identity_provider(signet: &Signet, id: String) -> Result<Trust, ApiError> {
    let trust = signet.idp.get_trust(&TrustId::new(id)).await?.trust;
    if trust.kind() == TrustKind::IdentityProvider { Ok(trust) } else { Err(ApiError::NotFound) }
}
