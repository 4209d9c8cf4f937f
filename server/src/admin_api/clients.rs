//! `/admin/clients`.

use axum::extract::State;
use axum::response::Response;
use idp::{ClientChange, SaveError, UnknownScopes};
use oauth::client::{ClientAuthMethod, ClientDraft, ClientKind, ClientPolicy, GrantType};
use oauth::field::FieldProblem;
use oauth::fields::Fields as _;
use oauth::id::ClientId;
use oauth::listing::ClientFilter;
use oauth::secret::Secret;

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::listing::{Asked, WhichClients, answer};
use super::policy;
use super::refusals::{BadBody, BadQuery, Guarded, Missing};
use super::schema::{ClientAnswer, ClientSaved, Done};
use super::segment::Segment;
use super::sent::{ClientBody, NewClient};
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

/// List clients
///
/// With their policies; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/clients", tag = "Clients", operation_id = "listClients", params(WhichClients, Window),
    responses((status = 200, description = "The clients", body = Vec<ClientAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    window: Window,
    Asked(listing): Asked<ClientFilter>,
) -> Result<Response, ApiError> {
    let part = signet.idp.list_clients(&listing).await?;
    let rows: Vec<_> = part.rows.iter().map(|row| ClientAnswer::from(&row.client)).collect();
    answer(&signet, &window, "/admin/clients", &listing, (&part, rows))
}

/// Read a client
///
/// Never with its secret, of which only a digest is kept.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}", tag = "Clients", operation_id = "getClient", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "The client", body = ClientAnswer), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(client_id): Segment,
) -> Result<Response, ApiError> {
    Ok(ok(ClientAnswer::from(&signet.idp.get_client(&ClientId::new(client_id)).await?.client)))
}

/// Create a client
///
/// The answer has `client_secret` when it was made here, and nothing else shows it again.
#[utoipa::path(
    post, path = "/admin/clients", tag = "Clients", operation_id = "createClient",
    request_body(content = NewClient, example = json!({
        "client_id": "demo", "client_name": "Demo", "redirect_uris": ["https://app.example/callback"],
        "scope": "openid email", "grant_types": ["authorization_code", "refresh_token"],
    })),
    responses((status = 201, description = "Created", body = ClientSaved), BadBody, Guarded),
)]
pub(super) async fn create(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let mut draft = ClientDraft {
        scope: "openid profile email".to_owned(),
        grant_types: vec!["authorization_code".to_owned()],
        ..ClientDraft::preset(ClientKind::Web)
    };
    draft.take(&body)?;
    if draft.client_id.trim().is_empty() {
        return Err(SaveError::field("client_id", FieldProblem::Missing).into());
    }
    if draft.client_name.is_empty() {
        draft.client_name.clone_from(&draft.client_id);
    }
    if body.text("kind")?.is_none() {
        draft.kind = guess_kind(&draft).to_string();
    }
    let policy = policy::of_client(&body, &ClientPolicy::default())?;
    let chosen = body.text("client_secret")?.filter(|secret| !secret.is_empty());
    let (client, secret) = signet
        .idp
        .create_client(&admin.actor, &draft, policy.as_ref(), chosen.as_deref(), UnknownScopes::Create)
        .await?;
    Ok(created(ClientSaved {
        client_id: client.client_id.to_string(),
        message: "Client created",
        client_secret: secret.filter(|_| chosen.is_none()).map(|secret| secret.expose().to_owned()),
    }))
}

/// Change a client, by PUT
///
/// The same as PATCH: members that are not sent stay as they are.
#[utoipa::path(
    put, path = "/admin/clients/{client_id}", tag = "Clients", operation_id = "putClient", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    request_body(content = ClientBody, example = json!({ "client_name": "Demo, renamed" })),
    responses((status = 200, description = "Changed", body = ClientSaved), Missing, BadBody, Guarded),
)]
pub(super) async fn put_client(
    state: State<Signet>,
    admin: AdminToken,
    path: Segment,
    body: Body,
) -> Result<Response, ApiError> {
    update(state, admin, path, body).await
}

/// Change a client
///
/// Members that are not sent stay as they are. A `client_secret` that is sent takes the place of those that the client has. A
/// client that comes to need a secret and has none gets one, in the answer.
#[utoipa::path(
    patch, path = "/admin/clients/{client_id}", tag = "Clients", operation_id = "changeClient", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    request_body(content = ClientBody, example = json!({ "client_name": "Demo, renamed", "policy": { "token_format": "jwt" } })),
    responses((status = 200, description = "Changed", body = ClientSaved), Missing, BadBody, Guarded),
)]
pub(super) async fn update(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(client_id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let client_id = ClientId::new(client_id);
    let current = signet.idp.get_client(&client_id).await?;
    let mut draft = ClientDraft::from(&current.client);
    let was_guessed = current.client.redirect_uris.is_empty() && current.client.kind == guess_kind(&draft);
    draft.take(&body)?;
    if was_guessed && body.text("kind")?.is_none() {
        draft.kind = guess_kind(&draft).to_string();
    }
    if draft.client_id != client_id.as_str() {
        return Err(ApiError::Body("client_id: a client keeps its ID".to_owned()));
    }
    let policy = policy::of_client(&body, &current.client.policy)?;
    let chosen = body.text("client_secret")?.filter(|secret| !secret.is_empty());
    let method = ClientAuthMethod::find(&draft.token_endpoint_auth_method);
    let lacks_secret = method.is_some_and(ClientAuthMethod::needs_secret) && current.secrets.is_empty();
    let made = (chosen.is_none() && lacks_secret).then(idp::random::token);
    let secret = chosen.or_else(|| made.clone()).map(Secret::new);
    let change = ClientChange { client: Some(draft), policy, secret, unknown_scopes: UnknownScopes::Create };
    signet.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    Ok(ok(ClientSaved { client_id: client_id.to_string(), message: "Client updated", client_secret: made }))
}

/// Delete a client
///
/// With it go its secrets, codes, tokens and consents.
#[utoipa::path(
    delete, path = "/admin/clients/{client_id}", tag = "Clients", operation_id = "deleteClient", params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "Deleted", body = Done), Missing, Guarded),
)]
pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(client_id): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_client(&admin.actor, &ClientId::new(client_id)).await?;
    Ok(ok(Done::saying("Client deleted")))
}

/// True for a program that has no place to send a browser back to, and needs none (RFC 8628).
fn is_device(draft: &ClientDraft) -> bool {
    let device_code = GrantType::DeviceCode.as_str();
    draft.redirect_uris.trim().is_empty() && draft.grant_types.iter().any(|grant| grant == device_code)
}

/// The kind of a client that a script describes without naming one.
fn guess_kind(draft: &ClientDraft) -> ClientKind {
    let web = |uri: &str| uri.starts_with("http://") || uri.starts_with("https://");
    match draft.token_endpoint_auth_method.as_str() {
        "none" if is_device(draft) => ClientKind::Native,
        "none" if draft.redirect_uris.split_whitespace().all(web) => ClientKind::Spa,
        "none" => ClientKind::Native,
        _ if draft.grant_types.iter().all(|grant| grant == "client_credentials") => ClientKind::Machine,
        _ => ClientKind::Web,
    }
}
