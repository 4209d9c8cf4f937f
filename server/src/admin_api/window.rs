//! Lists of the admin API, a part at a time: `limit` rows from the one behind `after` on. While there are more, a header says where the
//! next part is (RFC 8288).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use idp::MOST_LISTED;
use oauth::form::Form;
use oauth::listing::{Cursor, Limits};
use utoipa::IntoParams;

use super::answer::{ApiError, ok};
use crate::http::form::Query;
use crate::state::Signet;

/// Rows that may be asked for.
pub(super) const LIMITS: Limits = Limits::UpTo(MOST_LISTED);

/// Which part of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Rows of the answer at most. While there are more, the header `Link` of the answer says where they are (`rel="next"`).
    #[param(required = false, minimum = 1, maximum = 1000, default = 1000)]
    pub(super) limit: u64,
    /// The ID of the last row of the part before, or the name where rows have names.
    #[param(required = false, min_length = 1)]
    pub(super) after: Option<String>,
}

impl FromRequestParts<Signet> for Window {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let limit = match sent(&query, "limit")? {
            None => LIMITS.usual(),
            Some(text) => read_limit(text)?,
        };
        Ok(Self { limit, after: sent(&query, "after")?.map(str::to_owned) })
    }
}

pub(super) async fn read_query(parts: &mut Parts, signet: &Signet) -> Result<Form, ApiError> {
    let Ok(Query(query)) = Query::from_request_parts(parts, signet).await;
    query.map_err(|error| ApiError::Body(format!("the query cannot be read: {error}")))
}

/// A parameter of a query, which may be sent once.
pub(super) fn sent<'a>(query: &'a Form, name: &str) -> Result<Option<&'a str>, ApiError> {
    query.find(name).map_err(|repeated| ApiError::Body(repeated.to_string()))
}

fn read_limit(text: &str) -> Result<u64, ApiError> {
    LIMITS.read(text).ok_or_else(|| ApiError::Body(format!("limit: expected a whole number from 1 to {MOST_LISTED}")))
}

impl Window {
    /// The place that the part is behind.
    pub(super) fn place(&self) -> Option<Cursor> {
        self.after.clone().map(Cursor::After)
    }

    /// The rows of the list at `path`, which may have a query. `last` is what the next part comes after; `None` at the end of the list.
    pub(super) fn answer(
        &self,
        signet: &Signet,
        path: &str,
        rows: impl serde::Serialize,
        last: Option<&str>,
    ) -> Response {
        let mut answer = ok(rows);
        if let Some(last) = last {
            let query = Form::default().with("limit", &self.limit.to_string()).with("after", last).encode();
            let joined = if path.contains('?') { '&' } else { '?' };
            let link = format!("<{}>; rel=\"next\"", signet.issuer().url(&format!("{path}{joined}{query}")));
            if let Ok(link) = HeaderValue::try_from(link) {
                answer.headers_mut().insert(header::LINK, link);
            }
        }
        answer
    }
}
