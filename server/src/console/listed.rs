//! Lists that are searched, filtered and sorted, as the address says.

use app::console::Flash;
use app::console::listed::{ListPage, Place};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use idp::Part;
use oauth::form::Form;
use oauth::listing::{Filter, Limits, Listing, pressed};

use super::paging::PageQuery;
use crate::http::see_other;
use crate::state::Signet;

/// The layer that follows a button of a filter to the address that it means, which says nothing twice and nothing empty.
pub(super) async fn press(request: Request, next: Next) -> Response {
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    match query.ok().filter(|_| request.method().is_safe()).as_ref().and_then(pressed) {
        Some(form) => see_other(format!("{}?{}", request.uri().path(), form.encode()).trim_end_matches('?')),
        None => next.run(request).await,
    }
}

/// Reads which part of a list is asked for; the second part names what could not be read.
pub(super) fn ask<F: Filter>(query: PageQuery) -> (Listing<F>, Vec<String>) {
    let (listing, unread) = Listing::read(&query.form, Limits::PAGES, &[Flash::PARAMETER]);
    (listing, [query.unread, unread].concat())
}

/// The page of a part. `row` makes its rows of those that were found.
pub(super) fn page<F: Filter, T, R>(
    signet: &Signet,
    (listing, unread): (Listing<F>, Vec<String>),
    part: Part<T>,
    row: impl Fn(T) -> R,
) -> ListPage<F, R> {
    let Part { rows, total, page, previous, next, is_lost } = part;
    ListPage {
        rows: rows.into_iter().map(row).collect(),
        listing,
        place: Place { page, previous, next, is_lost },
        total,
        unread,
        now: signet.idp.now(),
    }
}

/// From a part without rows, as one is after its last row was deleted, to one that has some.
pub(super) fn elsewhere<F: Filter, T>(path: &str, listing: &Listing<F>, part: &Part<T>) -> Option<Response> {
    if !part.rows.is_empty() || part.total.number() == 0 {
        return None;
    }
    let mut pairs = listing.sized(Limits::PAGES);
    if listing.cursor.is_none() {
        let last = part.total.number().div_ceil(listing.limit);
        if last == part.page {
            return None;
        }
        pairs.push(("page", last.to_string()));
    }
    Some(see_other(&address(path, pairs)))
}

/// The address of a list, with the part of it that parameters name.
pub(super) fn address(path: &str, pairs: Vec<(&'static str, String)>) -> String {
    let query = Form::from_pairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).encode();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
