//! The lists of clients and users, searched, filtered and sorted as those of the console.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use idp::Part;
use oauth::form::Form;
use oauth::listing::{Filter, Listing};
use serde::Serialize;
use utoipa::IntoParams;

use super::answer::ApiError;
use super::window::{LIMITS, Window, read_query};
use crate::state::Signet;

/// Which clients, and in which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the description; what is sent is read by `Listing`")]
pub(super) struct WhichClients {
    /// The beginning of a word of the name, the ID or a redirect URI. Of more than a thousand that begin so, the first thousand are looked
    /// at.
    q: Option<String>,
    #[param(pattern = "^(web|spa|native|machine)$")]
    kind: Option<String>,
    #[param(pattern = "^(active|disabled)$")]
    status: Option<String>,
    /// When it last got a code or a token.
    #[param(pattern = "^(24h|7d|30d|90d|never)$")]
    used: Option<String>,
    /// The consent policy of its own; `default`: that of the server.
    #[param(pattern = "^(always|once|skip|default)$")]
    policy: Option<String>,
    /// Created since then: seconds since 1970, or a date of RFC 3339 that may lack its end (`2026-11-28`, `2026-11-28T12:00`).
    since: Option<String>,
    /// The column to sort by; with `-` before it, the other way round. Without it the order is that of the IDs, and of a search what is called
    /// exactly so comes first.
    #[param(pattern = "^-?(name|id|kind|status|used|created)$")]
    sort: Option<String>,
}

/// Which users, and in which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the description; what is sent is read by `Listing`")]
pub(super) struct WhichUsers {
    /// The beginning of a word of the username, the name or the email address, or the ID. Of more than a thousand that begin so, the first
    /// thousand are looked at.
    q: Option<String>,
    #[param(pattern = "^(active|disabled)$")]
    status: Option<String>,
    /// When they signed in last.
    #[param(pattern = "^(24h|7d|30d|90d|never)$")]
    signed_in: Option<String>,
    /// Created since then: seconds since 1970, or a date of RFC 3339 that may lack its end (`2026-11-28`, `2026-11-28T12:00`).
    since: Option<String>,
    /// The column to sort by; with `-` before it, the other way round. Without it the order is that in which they were created, and of a search
    /// who is called exactly so comes first.
    #[param(pattern = "^-?(name|email|status|signed_in|created)$")]
    sort: Option<String>,
}

/// The part of a list that a request asks for.
pub(super) struct Asked<F: Filter>(pub(super) Listing<F>);

impl<F: Filter> FromRequestParts<Signet> for Asked<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, signet: &Signet) -> Result<Self, Self::Rejection> {
        let query = read_query(parts, signet).await?;
        let (listing, mut unread) = Listing::read(&query, LIMITS, &[]);
        // A script goes from part to part by what the header Link says.
        unread.extend(["page", "before"].into_iter().filter(|name| query.is_set(name)).map(str::to_owned));
        if unread.is_empty() {
            return Ok(Self(listing));
        }
        Err(ApiError::Body(format!("{}: not a parameter, or not a value of it", unread.join(", "))))
    }
}

/// The answer with a part of the list at `path`, whose rows are described.
pub(super) fn answer<F: Filter, T>(
    signet: &Signet,
    window: &Window,
    path: &str,
    listing: &Listing<F>,
    (part, rows): (&Part<T>, impl Serialize),
) -> Result<Response, ApiError> {
    if part.is_lost {
        let said = "after: expected the ID of the last row of the part before, or what the header Link says";
        return Err(ApiError::Body(said.to_owned()));
    }
    let query = listing.pairs().into_iter().fold(Form::default(), |form, (name, value)| form.with(name, &value));
    let query = query.encode();
    let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    Ok(window.answer(signet, &path, rows, part.next.as_deref()))
}
