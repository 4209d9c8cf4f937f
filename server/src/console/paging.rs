//! Lists in pages, as the address says.

use axum::response::Response;
use idp::{Page, PageRequest};
use oauth::form::Form;
use oauth::listing::{Column, Sorting};

use crate::http::see_other;

/// Rows on a page.
pub(crate) const PER_PAGE: u64 = 25;

/// The page that `?page=` names; the first when it names none.
pub(crate) fn page_request(query: &Form) -> PageRequest {
    PageRequest::new(query.text("page").parse().unwrap_or(1), PER_PAGE)
}

/// From a page past the end, as one is after its last row was deleted, to the last one.
pub(crate) fn past_the_end<T>(path: &str, query: &Form, found: &Page<T>) -> Option<Response> {
    let last = found.total.number().div_ceil(PER_PAGE);
    (found.rows.is_empty() && last > 0)
        .then(|| see_other(&format!("{path}?{}", query.with("page", &last.to_string()).encode())))
}

/// The order that `?sort=` names, or else the usual one; the second part names what could not be read.
pub(crate) fn order<C: Column>(query: &Form, usual: Sorting<C>) -> (Sorting<C>, Vec<String>) {
    let said = query.text("sort");
    match Sorting::find(&said) {
        Some(order) => (order, Vec::new()),
        None => (usual, if said.is_empty() { Vec::new() } else { vec!["sort".to_owned()] }),
    }
}

/// The rows that were ticked, each once; no more than a page has.
pub(crate) fn chosen(form: &Form) -> Vec<String> {
    let mut ids = form.all("id");
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    ids
}
