//! `/admin/clients/{client_id}/logouts`: the messages to a client about sessions that ended.

use axum::extract::State;
use axum::response::Response;
use idp::{Delivery, LogoutRow};
use oauth::form::Form;
use oauth::id::{ClientId, SessionId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{ApiError, ok};
use super::refusals::{BadQuery, Guarded, Missing};
use super::segment::{Segment, Segments};
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

pub(super) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new().routes(routes!(list, test)).routes(routes!(send))
}

/// A message to a client: a logout token about a session that ended, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Logout)]
struct LogoutAnswer {
    /// The session that ended.
    sid: String,
    /// The subject of the user. Absent: it is a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// `delivered`, `waiting` for the next try, or `given_up`.
    #[schema(example = "delivered")]
    state: &'static str,
    /// When the session ended, in seconds since 1970.
    #[schema(example = 1_800_000_000)]
    ended_at: i64,
    /// Tries so far.
    #[schema(example = 1)]
    attempts: i64,
    /// The last try, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    tried_at: Option<i64>,
    /// The next try, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<i64>,
    /// The outcome of the last try, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the answer was 200")]
    answer: Option<String>,
}

impl From<LogoutRow> for LogoutAnswer {
    fn from(row: LogoutRow) -> Self {
        Self {
            sid: row.sid.into_string(),
            user: row.user.map(oauth::id::Subject::into_string),
            state: state(row.delivery),
            ended_at: row.ended_at.0,
            attempts: row.attempts,
            tried_at: row.tried_at.map(|at| at.0),
            next_at: match row.delivery {
                Delivery::Waiting(next) => Some(next.0),
                Delivery::Done | Delivery::GivenUp => None,
            },
            answer: row.answer,
        }
    }
}

fn state(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Done => "delivered",
        Delivery::Waiting(_) => "waiting",
        Delivery::GivenUp => "given_up",
    }
}

/// The state of a message that was sent.
#[derive(Debug, Serialize, ToSchema)]
struct LogoutSent {
    /// `delivered`, `waiting` for the next try, or `given_up`.
    #[schema(example = "delivered")]
    state: &'static str,
}

/// List the logout messages to a client
///
/// Those of the last week, the latest first.
#[utoipa::path(
    get, path = "/admin/clients/{client_id}/logouts", tag = "Clients", operation_id = "listLogouts",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo"), Window),
    responses((status = 200, description = "The messages", body = Vec<LogoutAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), Missing, BadQuery, Guarded),
)]
async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
    window: Window,
) -> Result<Response, ApiError> {
    let client_id = signet.idp.get_client(&ClientId::new(id)).await?.client.client_id;
    let found = match signet.idp.list_logouts(&client_id, window.place().as_ref(), window.limit).await {
        Err(idp::Error::NotFound) => {
            return Err(ApiError::Body("after: expected what the Link of an answer says".to_owned()));
        }
        other => other?,
    };
    let last = found.rows.last().filter(|_| found.is_more).map(LogoutRow::place);
    let client_id = Form::default().with("", client_id.as_str()).encode();
    let path = format!("/admin/clients/{}/logouts", client_id.trim_start_matches('='));
    let rows: Vec<_> = found.rows.into_iter().map(LogoutAnswer::from).collect();
    Ok(window.answer(&signet, &path, rows, last.as_deref()))
}

/// Test the back-channel logout of a client
///
/// Sends a real logout token about nobody, once. A client without a back-channel logout URI is 404.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/logouts", tag = "Clients", operation_id = "testLogout",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo")),
    responses((status = 200, description = "Sent", body = LogoutSent), Missing, Guarded),
)]
async fn test(State(signet): State<Signet>, _: AdminToken, Segment(id): Segment) -> Result<Response, ApiError> {
    Ok(ok(LogoutSent { state: state(signet.idp.test_logout(&ClientId::new(id)).await?) }))
}

/// Send a logout message again
///
/// One that is being sent at the moment is 404.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/logouts/{sid}", tag = "Clients", operation_id = "sendLogout",
    params(("client_id" = String, Path, description = "The ID of the client", example = "demo"), ("sid" = String, Path, description = "The ID of the session that ended")),
    responses((status = 200, description = "Sent", body = LogoutSent), Missing, Guarded),
)]
async fn send(State(signet): State<Signet>, _: AdminToken, Segments(id, sid): Segments) -> Result<Response, ApiError> {
    let sent = signet.idp.send_logout_again(&ClientId::new(id), &SessionId::new(sid)).await?;
    Ok(ok(LogoutSent { state: state(sent) }))
}
