//! Lists in pages, as the address says.

use idp::PageRequest;
use oauth::form::Form;

/// Rows on a page.
pub(crate) const PER_PAGE: u64 = 25;

/// The page that `?page=` names; the first when it names none.
pub(crate) fn page_request(query: &Form) -> PageRequest {
    PageRequest::new(query.text("page").parse().unwrap_or(1), PER_PAGE)
}
