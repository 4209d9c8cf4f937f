//! `/admin/history`: who changed what, and the way back.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use idp::{Recordable, SaveError, Target};
use oauth::difference::{ChangeRecord, Difference};
use oauth::form::Form;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::refusals::{BadQuery, Conflicting, Guarded, Missing};
use super::schema::Done;
use super::segment::Segment;
use super::token::AdminToken;
use super::window::{Window, read_query, sent};
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(revert))
}

/// A change that was made here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
struct ChangeAnswer {
    id: String,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    at: i64,
    /// The word for its author, such as `admin` or `system`.
    #[schema(example = "admin")]
    actor: String,
    #[schema(example = "client.update")]
    action: String,
    /// The ID or name of what was changed.
    #[schema(example = "demo")]
    target: String,
    /// The fields that it changed. Secrets are not among them.
    differences: Vec<DifferenceAnswer>,
    /// The IP address that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The request that made it, as its answer and the log name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The change that going back to its state would make now. Only where one change is read, and not if there is no way back: the thing
    /// is gone, or the change made no state that can be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revert: Option<ReversalAnswer>,
}

/// A field that changes. No value: there is none, or it is empty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
struct DifferenceAnswer {
    /// With dots where it is inside another one.
    #[schema(example = "client_name")]
    field: String,
    /// As text; lists have a line for each.
    #[schema(example = "Demo")]
    before: Option<String>,
    #[schema(example = "The demo")]
    after: Option<String>,
}

/// The change that reverting would make.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reversal)]
struct ReversalAnswer {
    /// The version that the thing has now.
    #[schema(example = 3)]
    version: i64,
    differences: Vec<DifferenceAnswer>,
}

impl From<ChangeRecord> for ChangeAnswer {
    fn from(change: ChangeRecord) -> Self {
        Self {
            differences: answers(change.differences()),
            id: change.id,
            at: change.at.0,
            actor: change.actor,
            action: change.action,
            target: change.target,
            address: change.address,
            request_id: change.request_id,
            revert: None,
        }
    }
}

fn answers(differences: Vec<Difference>) -> Vec<DifferenceAnswer> {
    let answer = |it: Difference| DifferenceAnswer { field: it.field, before: it.before, after: it.after };
    differences.into_iter().map(answer).collect()
}

/// Of what.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// The kind of thing.
    #[param(
        example = "client",
        pattern = "^(client|scope|resource|trust|user|key|registration|client_hosts|settings)$"
    )]
    kind: String,
    /// The ID of one, or the name of a scope; left out, all of the kind.
    #[param(required = false, min_length = 1)]
    id: Option<String>,
}

impl FromRequestParts<Signet> for Of {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let kind = sent(&query, "kind")?.unwrap_or_default().to_owned();
        Ok(Self { kind, id: sent(&query, "id")?.map(str::to_owned) })
    }
}

impl Of {
    fn target(&self) -> Result<Target, ApiError> {
        let kind = Recordable::find(&self.kind).ok_or_else(|| {
            let words: Vec<&str> = Recordable::ALL.iter().map(|kind| kind.as_str()).collect();
            ApiError::Body(format!("kind: expected one of {}", words.join(", ")))
        })?;
        Ok(Target { kind, id: self.id.clone() })
    }

    fn address(&self) -> String {
        let query = Form::default().with("kind", &self.kind);
        let query = self.id.iter().fold(query, |query, id| query.with("id", id));
        format!("/admin/history?{}", query.encode())
    }
}

/// List changes
///
/// Of one thing or of all of a kind, the newest first, also of things that were deleted; `after` goes on behind a change, to older ones.
#[utoipa::path(
    get, path = "/admin/history", tag = "History", operation_id = "listChanges", params(Of, Window),
    responses((status = 200, description = "The changes", body = Vec<ChangeAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken, of: Of, window: Window) -> Result<Response, ApiError> {
    let found = match signet.idp.history(&of.target()?, window.after.as_deref(), window.limit).await {
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a change".to_owned())),
        found => found?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|change| change.id.clone());
    let rows: Vec<_> = found.rows.into_iter().map(ChangeAnswer::from).collect();
    Ok(window.answer(&signet, &of.address(), rows, last.as_deref()))
}

/// Read a change
///
/// With what reverting to it would do now.
#[utoipa::path(
    get, path = "/admin/history/{change_id}", tag = "History", operation_id = "getChange",
    params(("change_id" = String, Path, description = "The ID of the change")),
    responses((status = 200, description = "The change", body = ChangeAnswer), Missing, Guarded),
)]
async fn get(State(signet): State<Signet>, _: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    let (target, change) = signet.idp.find_change(&id).await?;
    let back = match signet.idp.reversal(&target, &change).await {
        Err(idp::Error::NotFound) => None,
        back => back?,
    };
    let revert = back.map(|back| ReversalAnswer { version: back.version, differences: answers(back.differences) });
    Ok(ok(ChangeAnswer { revert, ..ChangeAnswer::from(change) }))
}

/// The version that may be changed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Expected {
    /// The version that the change was read with. If the thing has another one by now, the answer is 409. Left out: whatever it has.
    #[param(required = false)]
    version: Option<i64>,
}

impl FromRequestParts<Signet> for Expected {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let version = sent(&query, "version")?.map(str::parse).transpose();
        Ok(Self { version: version.map_err(|_| ApiError::Body("version: expected a whole number".to_owned()))? })
    }
}

/// Revert to a change
///
/// Brings back the state that it made, by a new change, which the same rules judge as any other: what is not right any more is refused,
/// member by member.
#[utoipa::path(
    post, path = "/admin/history/{change_id}/revert", tag = "History", operation_id = "revertToChange",
    params(("change_id" = String, Path, description = "The ID of the change"), Expected),
    responses((status = 200, description = "Reverted", body = Done), Missing, BadQuery, Conflicting, Guarded),
)]
async fn revert(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    expected: Expected,
) -> Result<Response, ApiError> {
    let (target, change) = signet.idp.find_change(&id).await?;
    let back = signet.idp.reversal(&target, &change).await?.ok_or(SaveError::NotFound)?;
    let version = expected.version.unwrap_or(back.version);
    signet.idp.revert(&admin.actor, &target, version, &back.to).await?;
    Ok(ok(Done::saying("Reverted")))
}
