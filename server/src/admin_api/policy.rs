//! `/admin/clients/{client_id}/policy`.

use axum::extract::State;
use axum::response::Response;
use idp::{ClientChange, UnknownScopes};
use oauth::client::PolicyDraft;
use oauth::id::ClientId;

use super::answer::{ApiError, ok};
use super::body::{Body, put};
use super::refusals::{BadBody, Guarded, Missing};
use super::schema::{Done, OwnPolicy, PolicyAnswer};
use super::segment::Segment;
use super::sent::PolicyBody;
use super::token::AdminToken;
use crate::state::Signet;

/// Read the policy of a client
///
/// The client's own policy, or `{}` if it has none and the defaults apply.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}/policy", tag = "Clients", operation_id = "getPolicy", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "The policy", body = OwnPolicy), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(client_id): Segment,
) -> Result<Response, ApiError> {
    Ok(ok(PolicyAnswer::of(&signet.idp.get_client(&ClientId::new(client_id)).await?.client)))
}

/// Change the policy of a client
///
/// Members that are not sent, or null, stay as they are.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/policy", tag = "Clients", operation_id = "changePolicy", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    request_body(content = PolicyBody, example = json!({ "require_pkce": true, "access_token_lifetime": 600 })),
    responses((status = 200, description = "Changed", body = Done), Missing, BadBody, Guarded),
)]
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(client_id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let client_id = ClientId::new(client_id);
    let current = signet.idp.get_client(&client_id).await?;
    let draft = apply(&body, PolicyDraft::from(&current.client.effective_policy()))?;
    let change = ClientChange { policy: Some(draft), unknown_scopes: UnknownScopes::Create, ..ClientChange::default() };
    signet.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    Ok(ok(Done::new()))
}

/// The draft with what was sent in place; null counts as not sent.
pub(super) fn apply(body: &Body, mut draft: PolicyDraft) -> Result<PolicyDraft, ApiError> {
    let body = &body.without_nulls();
    put(&mut draft.allowed_scopes, body.words("allowed_scopes")?);
    put(&mut draft.default_scopes, body.words("default_scopes")?);
    put(&mut draft.post_logout_redirect_uris, body.words("post_logout_redirect_uris")?);
    put(&mut draft.require_pkce, body.flag("require_pkce")?);
    put(&mut draft.consent_policy, body.text("consent_policy")?);
    put(&mut draft.access_token_lifetime, body.number("access_token_lifetime")?);
    put(&mut draft.refresh_token_ttl_days, body.number("refresh_token_ttl_days")?);
    put(&mut draft.token_format, body.text("token_format")?);
    Ok(draft)
}
