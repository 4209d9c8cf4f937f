//! `/admin/sessions`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use idp::{ChosenSessions, SessionRow, SessionsOf};
use oauth::form::Form;
use oauth::id::{SessionId, Subject};
use oauth::listing::SessionColumn;
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
    OpenApiRouter::new().routes(routes!(list, end_all)).routes(routes!(end))
}

/// A browser in which somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionAnswer {
    /// Its ID, as `sid` of ID tokens.
    sid: String,
    /// The subject of the user.
    user: String,
    #[schema(example = "alice")]
    username: String,
    /// `User-Agent` at the latest login.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// The IP address of the latest login.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The methods of the latest login (RFC 8176), words in one string.
    #[schema(example = "pwd")]
    amr: String,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    started_at: i64,
    /// When it was last used, to a few minutes, in seconds since 1970.
    #[schema(example = 1_800_000_000)]
    seen_at: i64,
    /// In seconds since 1970.
    #[schema(example = 1_802_592_000)]
    expires_at: i64,
    /// The IDs of the clients that hold a live grant of it.
    clients: Vec<String>,
}

impl From<SessionRow> for SessionAnswer {
    fn from(row: SessionRow) -> Self {
        Self {
            amr: row.session.amr().join(" "),
            sid: row.session.sid.into_string(),
            user: row.session.subject.into_string(),
            username: row.username,
            user_agent: row.user_agent,
            address: row.address,
            started_at: row.started_at.0,
            seen_at: row.seen_at.0,
            expires_at: row.expires_at.0,
            clients: row.clients.into_iter().map(|(id, _)| id.into_string()).collect(),
        }
    }
}

/// Sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
struct Ended {
    /// So many.
    #[schema(example = 3)]
    ended: u64,
}

/// Whose sessions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// The ID of a user; left out, those of everybody.
    #[param(required = false, min_length = 1)]
    user: Option<String>,
}

impl FromRequestParts<Signet> for Whose {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        Ok(Self { user: sent(&query, "user")?.map(str::to_owned) })
    }
}

/// List sessions
///
/// Open ones, the last one used first; `after` goes on behind a part of the list.
#[utoipa::path(
    get, path = "/admin/sessions", tag = "Sessions", operation_id = "listSessions", params(Whose, Window),
    responses((status = 200, description = "The sessions", body = Vec<SessionAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), Missing, BadQuery, Guarded),
)]
async fn list(State(signet): State<Signet>, _: AdminToken, whose: Whose, window: Window) -> Result<Response, ApiError> {
    let of = match &whose.user {
        Some(user) => SessionsOf::User(signet.idp.get_user(&Subject::new(user.as_str())).await?.user.subject),
        None => SessionsOf::Everybody,
    };
    let found = match signet.idp.list_sessions(&of, SessionColumn::USUAL, window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => {
            return Err(ApiError::Body("after: expected what the Link of an answer says".to_owned()));
        }
        other => other?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(|row| row.place(SessionColumn::Seen));
    let path = match &whose.user {
        Some(user) => format!("/admin/sessions?{}", Form::default().with("user", user).encode()),
        None => "/admin/sessions".to_owned(),
    };
    let rows: Vec<_> = found.rows.into_iter().map(SessionAnswer::from).collect();
    Ok(window.answer(&signet, &path, rows, last.as_deref()))
}

/// The sessions that are to be ended.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct EndedSessions {
    /// The ID of a user.
    #[param(required = false, min_length = 1)]
    user: Option<String>,
    /// `true`, and no user: those of everybody.
    #[param(required = false, pattern = "^true$", example = "true")]
    all: Option<String>,
}

impl FromRequestParts<Signet> for EndedSessions {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let read = |name| Ok::<_, ApiError>(sent(&query, name)?.map(str::to_owned));
        Ok(Self { user: read("user")?, all: read("all")? })
    }
}

/// End sessions
///
/// All of a user, or of everybody. What was granted in them ends, but for what was granted to go on while people are away. The call says
/// whose: one that names nobody is refused.
#[utoipa::path(
    delete, path = "/admin/sessions", tag = "Sessions", operation_id = "endSessions", params(EndedSessions),
    responses((status = 200, description = "Ended", body = Ended), Missing, BadQuery, Guarded),
)]
async fn end_all(State(signet): State<Signet>, admin: AdminToken, which: EndedSessions) -> Result<Response, ApiError> {
    let chosen = match (which.user, which.all.as_deref()) {
        (Some(user), None) => ChosenSessions::User(signet.idp.get_user(&Subject::new(user)).await?.user.subject),
        (None, Some("true")) => ChosenSessions::Everybody,
        _ => return Err(ApiError::Body("expected user, or all=true".to_owned())),
    };
    Ok(ok(Ended { ended: signet.idp.end_chosen_sessions(&admin.actor, &chosen).await? }))
}

/// End a session
///
/// Whoever is signed in there has to sign in again. What was granted in it ends, but for what was granted to go on while they are away.
#[utoipa::path(
    delete, path = "/admin/sessions/{sid}", tag = "Sessions", operation_id = "endSession",
    params(("sid" = String, Path, description = "The ID of the session")),
    responses((status = 200, description = "Ended", body = Done), Missing, Guarded),
)]
async fn end(State(signet): State<Signet>, admin: AdminToken, Segment(sid): Segment) -> Result<Response, ApiError> {
    let chosen = ChosenSessions::These(vec![SessionId::new(sid)]);
    match signet.idp.end_chosen_sessions(&admin.actor, &chosen).await? {
        0 => Err(ApiError::NotFound),
        _ => Ok(ok(Done::saying("Session ended"))),
    }
}
