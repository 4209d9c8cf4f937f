//! Lists in pages, as the address says.

use app::console::Flash;
use app::console::listed::{Place, Walked};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use idp::{Error, Page, PageRequest, Stretch};
use oauth::activity::clip;
use oauth::count::Count;
use oauth::form::Form;
use oauth::listing::{Column, Cursor, Sorting};

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

/// The place in a list that an address names: behind or before a row, in the part of this number. By default its beginning.
#[derive(Default)]
pub(crate) struct Spot {
    cursor: Option<Cursor>,
    page: u64,
    is_lost: bool,
}

/// The parameters of it.
pub(crate) const SPOT: [&str; 3] = ["after", "before", "page"];

impl Spot {
    pub(crate) fn read(query: &Form) -> Self {
        Self { cursor: Cursor::read(query), page: query.text("page").parse().unwrap_or(1), is_lost: false }
    }

    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// True when there is no such place, or nothing is left there: from now on it is the beginning of the list.
    pub(crate) fn is_left<T>(&mut self, found: &Result<Stretch<T>, Error>) -> bool {
        let is_lost = matches!(found, Err(Error::NotFound));
        let is_empty = found.as_ref().is_ok_and(|found| found.rows.is_empty());
        let is_left = (is_lost || is_empty) && self.cursor.take().is_some();
        self.is_lost = is_left && is_lost;
        is_left
    }

    /// The foot of the list at this place. `name` names the place of a row.
    pub(crate) fn walked<T>(&self, found: &Stretch<T>, total: Count, name: impl Fn(&T) -> String) -> Walked {
        let place = Place {
            page: if found.is_later { self.page.max(2) } else { 1 },
            previous: found.rows.first().filter(|_| found.is_later).map(&name),
            next: found.rows.last().filter(|_| found.is_more).map(&name),
            is_lost: self.is_lost,
        };
        Walked { place, total, per_page: PER_PAGE }
    }
}

/// The query of a page of the console. Whatever cannot be read is left out, and named, so that the rest still leads somewhere.
#[derive(Default)]
pub(super) struct PageQuery {
    pub(super) form: Form,
    /// The parameters that have no effect.
    pub(super) unread: Vec<String>,
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl PageQuery {
    pub(super) fn parse(query: &str) -> Self {
        let (form, broken) = Form::parse_in_part(query.as_bytes());
        let name =
            |name: String| if name.is_empty() { "a part that is not well encoded".to_owned() } else { clip(&name) };
        Self { form, unread: broken.into_iter().map(name).collect() }
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.form.text(name)
    }

    /// The order that `sort` names, or else the usual one.
    pub(super) fn order<C: Column>(&mut self, usual: Sorting<C>) -> Sorting<C> {
        let said = self.text("sort");
        let order = Sorting::find(&said);
        if order.is_none() && !said.is_empty() {
            self.unread.push("sort".to_owned());
        }
        order.unwrap_or(usual)
    }

    /// Names what the page has no use for: whatever is none of these parameters.
    pub(super) fn only(&mut self, known: &[&str]) {
        let is_known = |name: &str| name == Flash::PARAMETER || known.contains(&name);
        self.unread.extend(self.form.pairs().map(|(name, _)| name).filter(|name| !is_known(name)).map(clip));
    }

    /// The same for a list that is walked: it has a place besides.
    pub(super) fn only_walked(&mut self, known: &[&str]) {
        self.only(&[&SPOT, known].concat());
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
