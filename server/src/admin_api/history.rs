//! `/admin/history`: who changed what, and the way back.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use idp::{Recordable, Reversal, SaveError, Side, Target};
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
    /// The word for its author: `admin` (somebody in the console), `admin_api`, `command_line`, `system` (the server
    /// by itself), `user` or `client`.
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
    /// The same for the state that it found. Not if there was none: it made the thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    undo: Option<ReversalAnswer>,
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

impl From<Reversal> for ReversalAnswer {
    fn from(back: Reversal) -> Self {
        Self { version: back.version, differences: answers(back.differences) }
    }
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
            undo: None,
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
    let found = match signet.idp.history(&of.target()?, window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a change".to_owned())),
        found => found?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|change| change.id.clone());
    let rows: Vec<_> = found.rows.into_iter().map(ChangeAnswer::from).collect();
    Ok(window.answer(&signet, &of.address(), rows, last.as_deref()))
}

/// Read a change
///
/// With what going back to the state after it, or before it, would do now.
#[utoipa::path(
    get, path = "/admin/history/{change_id}", tag = "History", operation_id = "getChange",
    params(("change_id" = String, Path, description = "The ID of the change")),
    responses((status = 200, description = "The change", body = ChangeAnswer), Missing, Guarded),
)]
async fn get(State(signet): State<Signet>, _: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    let (target, change) = signet.idp.find_change(&id).await?;
    let way_back = async |side| match signet.idp.reversal_to(&target, &change, side).await {
        Err(idp::Error::NotFound) => Ok(None),
        back => back.map(|back| back.map(ReversalAnswer::from)),
    };
    let (revert, undo) = (way_back(Side::After).await?, way_back(Side::Before).await?);
    Ok(ok(ChangeAnswer { revert, undo, ..ChangeAnswer::from(change) }))
}

/// The way back.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// The side of the change: `after` for the state that it made, `before` for the one that it found, which undoes it.
    #[param(required = false, example = "after", pattern = "^(before|after)$", value_type = String)]
    to: Side,
    /// The version that the change was read with. If the thing has another one by now, the answer is 409. Left out: whatever it has.
    #[param(required = false)]
    version: Option<i64>,
}

impl FromRequestParts<Signet> for Back {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let to = match sent(&query, "to")? {
            None if !query.is_set("to") => Side::After,
            Some("after") => Side::After,
            Some("before") => Side::Before,
            _ => return Err(ApiError::Body("to: expected before or after".to_owned())),
        };
        let version = sent(&query, "version")?.map(str::parse).transpose();
        Ok(Self { to, version: version.map_err(|_| ApiError::Body("version: expected a whole number".to_owned()))? })
    }
}

/// Revert a change, or to it
///
/// Brings back the state that it made, or with `to=before` the one that it found, by a new change, which the same rules judge as any
/// other: what is not right any more is refused, member by member.
#[utoipa::path(
    post, path = "/admin/history/{change_id}/revert", tag = "History", operation_id = "revertToChange",
    params(("change_id" = String, Path, description = "The ID of the change"), Back),
    responses((status = 200, description = "Reverted", body = Done), Missing, BadQuery, Conflicting, Guarded),
)]
async fn revert(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    Back { to, version }: Back,
) -> Result<Response, ApiError> {
    let (target, change) = signet.idp.find_change(&id).await?;
    let back = signet.idp.reversal_to(&target, &change, to).await?.ok_or(SaveError::NotFound)?;
    signet.idp.revert(&admin.actor, &target, version.unwrap_or(back.version), &back.to).await?;
    Ok(ok(Done::saying("Reverted")))
}
