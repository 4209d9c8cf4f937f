//! Lists in pages, as the address says.

use app::console::Flash;
use axum::response::Response;
use idp::{Page, PageRequest};
use oauth::activity::clip;
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

/// The order that `?sort=` names, or else the usual one. The second part names what could not be read, or is none of the parameters
/// that the list has besides.
pub(crate) fn order<C: Column>(query: &Form, usual: Sorting<C>, besides: &[&str]) -> (Sorting<C>, Vec<String>) {
    let said = query.text("sort");
    let order = Sorting::find(&said);
    let mut unread = Vec::new();
    if order.is_none() && !said.is_empty() {
        unread.push("sort".to_owned());
    }
    let is_known = |name: &str| name == "sort" || name == Flash::PARAMETER || besides.contains(&name);
    unread.extend(query.pairs().map(|(name, _)| name).filter(|name| !is_known(name)).map(clip));
    (order.unwrap_or(usual), unread)
}

/// The rows that were ticked, each once; no more than a page has.
pub(crate) fn chosen(form: &Form) -> Vec<String> {
    let mut ids = form.all("id");
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    ids
}
