//! `/admin/users/{id}/consents`.

use axum::extract::State;
use axum::response::Response;
use idp::ConsentRecord;
use oauth::id::{ClientId, Subject};
use oauth::scope::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, ok};
use super::refusals::{Guarded, Missing};
use super::schema::Done;
use super::segment::{Segment, Segments};
use super::token::AdminToken;
use crate::state::Signet;

/// The agreement of a user with one client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub(super) struct ConsentAnswer {
    #[schema(example = "demo")]
    client_id: String,
    #[schema(example = "Demo")]
    client_name: String,
    /// Words in one string, separated by spaces. A scope that was deleted since is not among them.
    #[schema(example = "openid profile email")]
    scope: String,
    /// When the user last agreed, in seconds since 1970.
    #[schema(example = 1_800_000_000)]
    granted_at: i64,
}

impl From<ConsentRecord> for ConsentAnswer {
    fn from(record: ConsentRecord) -> Self {
        let scope: Scope = record.scopes.into_iter().map(|definition| definition.name).collect();
        Self {
            client_id: record.client_id.into_string(),
            client_name: record.client_name,
            scope: scope.to_string(),
            granted_at: record.granted_at.0,
        }
    }
}

/// List the consents of a user
///
/// The agreements of the user, client by client.
#[utoipa::path(
    get, path = "/admin/users/{id}/consents", tag = "Users", operation_id = "listConsents",
    params(("id" = String, Path, description = "The ID of the user")),
    responses((status = 200, description = "The consents", body = Vec<ConsentAnswer>), Missing, Guarded),
)]
pub(super) async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    let subject = Subject::new(id);
    signet.idp.get_user(&subject).await?;
    let consents = signet.idp.list_consents(&subject).await?;
    Ok(ok(consents.into_iter().map(ConsentAnswer::from).collect::<Vec<_>>()))
}

/// Withdraw a consent
///
/// With it end all codes and tokens that the client has of the user. The user is asked again next time.
#[utoipa::path(
    delete, path = "/admin/users/{id}/consents/{client_id}", tag = "Users", operation_id = "withdrawConsent",
    params(
        ("id" = String, Path, description = "The ID of the user"),
        ("client_id" = String, Path, description = "The ID of the client"),
    ),
    responses((status = 200, description = "Withdrawn", body = Done), Missing, Guarded),
)]
pub(super) async fn withdraw(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segments(id, client_id): Segments,
) -> Result<Response, ApiError> {
    signet.idp.withdraw_consent(&admin.actor, &Subject::new(id), &ClientId::new(client_id)).await?;
    Ok(ok(Done::new()))
}
