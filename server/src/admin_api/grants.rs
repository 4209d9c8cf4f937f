//! `/admin/grants`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use idp::{ChosenGrants, GrantFilter, GrantRow};
use oauth::form::Form;
use oauth::id::{ClientId, GrantId, ResourceId, Subject};
use oauth::listing::GrantColumn;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::refusals::{BadQuery, Guarded, Missing};
use super::schema::Done;
use super::segment::Segment;
use super::token::AdminToken;
use super::window::{Window, read_query, sent};
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(list, revoke_all)).routes(routes!(revoke))
}

/// Something that may act for a user, or by a client for itself, and has tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
struct GrantAnswer {
    /// Later grants have greater IDs.
    id: String,
    #[schema(example = "demo")]
    client_id: String,
    /// The subject of the user. Absent when the client acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Words in one string, separated by spaces.
    #[schema(example = "openid profile email")]
    scope: String,
    /// The IDs of the resources that its tokens may be for; none: this server.
    resources: Vec<String>,
    /// The session in which it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// It goes on after its session has ended.
    outlives_session: bool,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    created_at: i64,
    /// When the client last got a token of it, in seconds since 1970.
    #[schema(example = 1_800_000_000)]
    used_at: i64,
    /// When it ends if it is not used until then, in seconds since 1970.
    #[schema(example = 1_802_592_000)]
    ends_at: i64,
    /// Refresh tokens that were not used yet.
    #[schema(example = 1)]
    refresh_tokens: u64,
    /// Opaque access tokens. JWTs have no row, and are not counted.
    #[schema(example = 1)]
    access_tokens: u64,
}

impl From<GrantRow> for GrantAnswer {
    fn from(row: GrantRow) -> Self {
        let grant = row.grant;
        Self {
            outlives_session: grant.outlives_session(),
            id: grant.id.into_string(),
            client_id: grant.client_id.into_string(),
            user: grant.subject.map(Subject::into_string),
            scope: grant.scope.to_string(),
            resources: grant.resources.into_iter().map(ResourceId::into_string).collect(),
            sid: grant.sid.map(|sid| sid.into_string()),
            created_at: row.created_at.0,
            used_at: row.used_at.0,
            ends_at: row.ends_at.0,
            refresh_tokens: row.refresh_tokens,
            access_tokens: row.access_tokens,
        }
    }
}

/// Grants were revoked.
#[derive(Debug, Serialize, ToSchema)]
struct Revoked {
    /// So many.
    #[schema(example = 3)]
    revoked: u64,
}

/// Which grants.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The ID of a client.
    #[param(required = false, min_length = 1, example = "demo")]
    client: Option<String>,
    /// The ID of a user.
    #[param(required = false, min_length = 1)]
    user: Option<String>,
}

impl FromRequestParts<Signet> for Which {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        // More must not go by a variable that is empty in somebody's script.
        if let Some((name, _)) = query.pairs().find(|(name, text)| ["client", "user"].contains(name) && text.is_empty())
        {
            return Err(ApiError::Body(format!("{name}: it is empty")));
        }
        let read = |name| Ok::<_, ApiError>(sent(&query, name)?.map(str::to_owned));
        Ok(Self { client: read("client")?, user: read("user")? })
    }
}

impl Which {
    /// The filter; 404 when there is no such client or user.
    async fn filter(&self, signet: &Signet) -> Result<GrantFilter, ApiError> {
        let client = match &self.client {
            Some(id) => Some(signet.idp.get_client(&ClientId::new(id.as_str())).await?.client.client_id),
            None => None,
        };
        let user = match &self.user {
            Some(id) => Some(signet.idp.get_user(&Subject::new(id.as_str())).await?.user.subject),
            None => None,
        };
        Ok(GrantFilter { client, user })
    }

    /// The address of the list.
    fn address(&self) -> String {
        let sent = [("client", &self.client), ("user", &self.user)];
        let sent = sent.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| (name, value)));
        let query = sent.fold(Form::default(), |form, (name, value)| form.with(name, value)).encode();
        if query.is_empty() { "/admin/grants".to_owned() } else { format!("/admin/grants?{query}") }
    }
}

/// List grants
///
/// Live ones, the newest first; `after` goes on behind a grant, to older ones.
#[utoipa::path(
    get, path = "/admin/grants", tag = "Grants", operation_id = "listGrants", params(Which, Window),
    responses((status = 200, description = "The grants", body = Vec<GrantAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), Missing, BadQuery, Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken, which: Which, window: Window) -> Result<Response, ApiError> {
    let filter = which.filter(&signet).await?;
    let found = match signet.idp.list_grants(&filter, GrantColumn::USUAL, window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => return Err(ApiError::Body("after: expected the ID of a grant".to_owned())),
        other => other?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|row| row.grant.id.to_string());
    let rows: Vec<_> = found.rows.into_iter().map(GrantAnswer::from).collect();
    Ok(window.answer(&signet, &which.address(), rows, last.as_deref()))
}

/// Revoke grants
///
/// All of a client, of a user, or of a user at a client, with all codes and tokens. A call that names neither is refused. Consents stay.
#[utoipa::path(
    delete, path = "/admin/grants", tag = "Grants", operation_id = "revokeGrants", params(Which),
    responses((status = 200, description = "Revoked", body = Revoked), Missing, BadQuery, Guarded),
)]
async fn revoke_all(State(signet): State<Signet>, admin: AdminToken, which: Which) -> Result<Response, ApiError> {
    if which.client.is_none() && which.user.is_none() {
        return Err(ApiError::Body("expected client, user, or both".to_owned()));
    }
    let chosen = ChosenGrants::All(which.filter(&signet).await?);
    Ok(ok(Revoked { revoked: signet.idp.revoke_chosen_grants(&admin.actor, &chosen).await? }))
}

/// Revoke a grant
///
/// With it go all its codes and tokens.
#[utoipa::path(
    delete, path = "/admin/grants/{grant_id}", tag = "Grants", operation_id = "revokeGrant",
    params(("grant_id" = String, Path, description = "The ID of the grant")),
    responses((status = 200, description = "Revoked", body = Done), Missing, Guarded),
)]
async fn revoke(State(signet): State<Signet>, admin: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    let chosen = ChosenGrants::These(vec![GrantId::new(id)]);
    match signet.idp.revoke_chosen_grants(&admin.actor, &chosen).await? {
        0 => Err(ApiError::NotFound),
        _ => Ok(ok(Done::saying("Grant revoked"))),
    }
}
