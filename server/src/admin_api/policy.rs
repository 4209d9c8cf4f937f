//! `/admin/clients/{client_id}/policy`.

use axum::extract::State;
use axum::response::Response;
use idp::{ClientChange, UnknownScopes};
use oauth::client::{ClientPolicy, ConsentPolicy, PolicyDraft};
use oauth::fields::Fields as _;
use oauth::id::ClientId;

use super::answer::{ApiError, ok};
use super::body::Body;
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
/// Members that are not sent, or null, stay as they are. An empty string goes back to what applies to all clients.
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
    let mut draft = PolicyDraft::from(&current.client.policy);
    draft.take(&body.without_nulls())?;
    let change = ClientChange { policy: Some(draft), unknown_scopes: UnknownScopes::Create, ..ClientChange::default() };
    signet.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    Ok(ok(Done::new()))
}

/// The policy that the body of a client asks for; `None` when it asks for no change.
///
/// `require_consent` is an older name for a part of it: false says `consent_policy: skip`, true says anything else. A script may
/// send both as it read them and change one, so the one that differs from what is there counts.
pub(super) fn of_client(body: &Body, current: &ClientPolicy) -> Result<Option<PolicyDraft>, ApiError> {
    let before = PolicyDraft::from(current);
    let mut draft = before.clone();
    if let Some(policy) = body.object("policy")? {
        draft.take(&policy.without_nulls())?;
    }
    let skip = ConsentPolicy::Skip.as_str();
    let was_asked = before.consent_policy != skip;
    match body.flag("require_consent")? {
        Some(false) if was_asked => skip.clone_into(&mut draft.consent_policy),
        Some(true) if !was_asked && draft.consent_policy == skip => draft.consent_policy.clear(),
        _ => {}
    }
    Ok((draft != before).then_some(draft))
}
