//! `/admin/events`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use oauth::activity::{Event, EventFilter};
use oauth::form::Form;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::answer::ApiError;
use super::refusals::{BadQuery, Guarded};
use super::token::AdminToken;
use super::window::{Window, read_query, sent};
use crate::export::{self, Format};
use crate::state::Signet;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventAnswer {
    /// Later events have greater IDs.
    id: String,
    /// Seconds since 1970.
    #[schema(example = 1_800_000_000)]
    at: i64,
    #[schema(example = "authorization")]
    kind: &'static str,
    /// `ok` or `refused`.
    #[schema(example = "refused")]
    outcome: &'static str,
    /// The code of a refusal, as the specification names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The request that it happened in, as its answer and the log name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The subject of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// An IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// Like events that it stands for, within its minute.
    #[schema(example = 1)]
    count: i64,
    /// Things that were sent, and that were said to them. Never a secret or a token.
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
}

impl From<Event> for EventAnswer {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at.0,
            kind: event.kind.as_str(),
            outcome: event.outcome.as_str(),
            error: event.error,
            request_id: event.request_id,
            user: event.user.map(oauth::id::Subject::into_string),
            client_id: event.client.map(oauth::id::ClientId::into_string),
            scope: event.scope,
            address: event.address,
            user_agent: event.agent,
            count: event.count,
            facts: event.facts,
        }
    }
}

/// Which events.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the description; what is sent is read by `EventFilter`")]
pub(super) struct Filter {
    /// Not before this: seconds since 1970, or a date of RFC 3339 that may lack its end (`2026-11-28`, `2026-11-28T12:00`).
    since: Option<String>,
    /// Before this, written as `since`.
    until: Option<String>,
    /// A range of time that ends now.
    #[param(pattern = "^(1h|24h|7d|30d)$")]
    within: Option<String>,
    /// `sign_in`, `sign_out`, `consent`, `authorization`, `token`, `refresh_replay`, `revocation`, `introspection`, `userinfo`,
    /// `registration`, `request`, `limit`, `admin`, `change` or `lost`.
    kind: Option<String>,
    #[param(pattern = "^(ok|refused)$")]
    outcome: Option<String>,
    /// The code of a refusal, for example `invalid_client`.
    error: Option<String>,
    /// The subject, user name or email address of a user.
    user: Option<String>,
    /// The ID of a client.
    client: Option<String>,
    /// An IP address.
    address: Option<String>,
    request_id: Option<String>,
    /// The whole list as a file, as CSV or as an object in each line: it has no `limit`.
    #[param(pattern = "^(csv|jsonl)$")]
    format: Option<String>,
}

/// The filter of a request, and the form of the file that is asked for.
pub(super) struct Asked(EventFilter, Option<Format>);

impl FromRequestParts<Signet> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        query.check_unrepeated().map_err(|repeated| ApiError::Body(repeated.to_string()))?;
        let filter = EventFilter::read_strictly(&query, &["limit", "after", "format"], signet.idp.now());
        let filter = filter.map_err(ApiError::Body)?;
        let Some(word) = sent(&query, "format")? else { return Ok(Self(filter, None)) };
        let format = Format::find(word).ok_or_else(|| ApiError::Body("format: expected csv or jsonl".to_owned()))?;
        if sent(&query, "limit")?.is_some() {
            return Err(ApiError::Body("limit: a file has none".to_owned()));
        }
        Ok(Self(filter, Some(format)))
    }
}

/// List events
///
/// Everything that happened, the newest first; `after` goes on behind an event, to older ones. With `format` the whole list is one
/// answer, sent as it is read: if the server fails meanwhile, it breaks off.
#[utoipa::path(
    get, path = "/admin/events", tag = "Activity", operation_id = "listEvents", params(Filter, Window),
    responses((status = 200, description = "The events", content((Vec<EventAnswer> = "application/json"), (EventAnswer = "application/x-ndjson"), (String = "text/csv")), headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    Asked(filter, format): Asked,
    window: Window,
) -> Result<Response, ApiError> {
    let refuse = |error| match error {
        idp::Error::NotFound => ApiError::Body("after: expected the ID of an event".to_owned()),
        other => other.into(),
    };
    let which = signet.idp.by_subject(&filter).await?;
    if let Some(format) = format {
        return export::file(&signet.idp, which, window.place().as_ref(), format).await.map_err(refuse);
    }
    let found = signet.idp.events(&which, window.place().as_ref(), window.limit).await.map_err(refuse)?;
    let last = found.rows.last().filter(|_| found.is_more).map(|event| event.id.clone());
    let filter = filter.pairs().into_iter().fold(Form::default(), |form, (name, value)| form.with(name, &value));
    let path = if filter.encode().is_empty() {
        "/admin/events".to_owned()
    } else {
        format!("/admin/events?{}", filter.encode())
    };
    let rows: Vec<_> = found.rows.into_iter().map(EventAnswer::from).collect();
    Ok(window.answer(&signet, &path, rows, last.as_deref()))
}
