//! `/admin/bin`: what was deleted and can be restored.

use axum::extract::State;
use axum::response::Response;
use idp::BinEntry;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::refusals::{BadQuery, Conflicting, Guarded, Missing};
use super::schema::Done;
use super::segment::Segment;
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(restore)).routes(routes!(erase))
}

/// A deleted client, user or scope.
#[derive(Debug, Serialize, ToSchema)]
struct BinEntryAnswer {
    /// Its ID in the bin.
    id: String,
    /// `client`, `user` or `scope`.
    #[schema(example = "client")]
    kind: &'static str,
    /// Client ID, subject or name of the scope.
    #[schema(example = "demo")]
    target: String,
    /// As people know it.
    #[schema(example = "Demo")]
    name: String,
    /// The word for whoever deleted it, as in its history.
    #[schema(example = "admin")]
    actor: String,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    deleted_at: i64,
    /// When it is erased, in seconds since 1970.
    #[schema(example = 1_802_592_000)]
    leaves_at: i64,
}

impl From<BinEntry> for BinEntryAnswer {
    fn from(entry: BinEntry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind.as_str(),
            target: entry.target,
            name: entry.name,
            actor: entry.actor,
            deleted_at: entry.deleted_at.0,
            leaves_at: entry.leaves_at.0,
        }
    }
}

/// List the recycle bin
///
/// Deleted clients, users and scopes, the last one first; `after` goes on behind one, to those that were deleted before.
#[utoipa::path(
    get, path = "/admin/bin", tag = "History", operation_id = "listBin", params(Window),
    responses((status = 200, description = "What lies there", body = Vec<BinEntryAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken, window: Window) -> Result<Response, ApiError> {
    let found = match signet.idp.bin(window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => {
            return Err(ApiError::Body("after: expected the ID of something in the bin".to_owned()));
        }
        found => found?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|entry| entry.id.clone());
    let rows: Vec<_> = found.rows.into_iter().map(BinEntryAnswer::from).collect();
    Ok(window.answer(&signet, "/admin/bin", rows, last.as_deref()))
}

/// Restore
///
/// With its secrets and consents, but without sessions, grants and tokens. If somebody else has its name by now, nothing is done.
#[utoipa::path(
    post, path = "/admin/bin/{bin_id}/restore", tag = "History", operation_id = "restoreFromBin",
    params(("bin_id" = String, Path, description = "Its ID in the bin")),
    responses((status = 200, description = "Restored", body = Done), Missing, Conflicting, Guarded),
)]
async fn restore(State(signet): State<Signet>, admin: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    signet.idp.restore(&admin.actor, &id).await?;
    Ok(ok(Done::saying("Restored")))
}

/// Erase
///
/// For ever, before its time. Of a person there remains the subject alone, so that nobody else gets it.
#[utoipa::path(
    delete, path = "/admin/bin/{bin_id}", tag = "History", operation_id = "eraseFromBin",
    params(("bin_id" = String, Path, description = "Its ID in the bin")),
    responses((status = 200, description = "Erased", body = Done), Missing, Guarded),
)]
async fn erase(State(signet): State<Signet>, admin: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    signet.idp.erase(&admin.actor, &id).await?;
    Ok(ok(Done::saying("Erased")))
}
