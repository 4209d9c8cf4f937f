//! `/admin/clients/{client_id}/secrets`.

use axum::extract::State;
use axum::response::Response;
use idp::SecretRow;
use oauth::client::SecretDraft;
use oauth::id::ClientId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded, Missing};
use super::schema::{Done, SecretMade};
use super::segment::{Segment, Segments};
use super::sent::SecretBody;
use super::token::AdminToken;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(revoke))
}

/// A secret of a client, without the secret itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientSecret)]
struct SecretAnswer {
    secret_id: String,
    #[schema(example = "production")]
    name: String,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    created_at: i64,
    /// In seconds since 1970. Absent: it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    /// To the minute, in seconds since 1970. Absent: it was never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<i64>,
    /// `client_secret_basic`, `client_secret_post` or `client_secret_jwt`: the way in which it came then.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_by: Option<&'static str>,
}

impl From<SecretRow> for SecretAnswer {
    fn from(row: SecretRow) -> Self {
        Self {
            secret_id: row.id,
            name: row.name,
            created_at: row.created_at.0,
            expires_at: row.expires_at.map(|at| at.0),
            last_used_at: row.last_used_at.map(|at| at.0),
            last_used_by: row.last_used_by.map(oauth::client::ClientAuthMethod::as_str),
        }
    }
}

/// List the secrets of a client
///
/// The oldest first. None is shown: only digests are kept.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}/secrets", tag = "Clients", operation_id = "listClientSecrets",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "The secrets", body = Vec<SecretAnswer>), Missing, Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    let secrets = signet.idp.get_client(&ClientId::new(id)).await?.secrets;
    Ok(ok(secrets.into_iter().map(SecretAnswer::from).collect::<Vec<_>>()))
}

/// Make a secret for a client
///
/// Those that it has stay valid, so that it can go over to the new one without a gap. A client that needs none is a conflict.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/secrets", tag = "Clients", operation_id = "addClientSecret",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    request_body(content = SecretBody, example = json!({ "name": "production", "lifetime_days": 90 })),
    responses((status = 201, description = "Made", body = SecretMade), Missing, BadBody, Guarded),
)]
async fn add(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let mut draft = SecretDraft::default();
    draft.take(&body)?;
    let (secret_id, secret) = signet.idp.add_client_secret(&admin.actor, &ClientId::new(id), &draft).await?;
    Ok(created(SecretMade { secret_id, secret: secret.expose().to_owned() }))
}

/// Revoke a secret of a client
///
/// Whoever presents it is refused from now on. Tokens that the client has stay valid.
#[utoipa::path(
    delete, path = "/admin/clients/{client_id}/secrets/{secret_id}", tag = "Clients", operation_id = "revokeClientSecret",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo"), ("secret_id" = String, Path, description = "The ID of the secret")),
    responses((status = 200, description = "Revoked", body = Done), Missing, Guarded),
)]
async fn revoke(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segments(id, secret_id): Segments,
) -> Result<Response, ApiError> {
    signet.idp.revoke_client_secret(&admin.actor, &ClientId::new(id), &secret_id).await?;
    Ok(ok(Done::saying("Secret revoked")))
}
