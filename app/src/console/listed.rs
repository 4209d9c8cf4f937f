//! The parts that lists share which are searched, filtered and sorted.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::listing::{Column as _, Filter, Last, Limits, Listing};
use oauth::time::Timestamp;

use super::choosing::lost_place;
use crate::ui::{Selection, filters, left_out, neighbours, sorted_head, with_query};

/// A part of a list, as the address says.
#[derive(Debug, Clone)]
pub struct ListPage<F: Filter, R> {
    pub rows: Vec<R>,
    pub listing: Listing<F>,
    pub place: Place,
    /// Rows of the whole list.
    pub total: Count,
    /// Parameters that could not be read.
    pub unread: Vec<String>,
    pub now: Timestamp,
}

impl<F: Filter, R> ListPage<F, R> {
    /// True when a filter has left nothing to show.
    pub(super) fn is_narrowed_to_nothing(&self) -> bool {
        self.rows.is_empty() && !self.listing.filter.pairs().is_empty()
    }

    /// The notes about what the address could not say.
    pub(super) fn notes(&self) -> AnyView {
        view! { {left_out(&self.unread)} {lost_place(self.place.is_lost)} }.into_any()
    }

    /// The form of the filter. `q` is the text of the search.
    pub(super) fn filters(
        &self,
        path: &'static str,
        placeholder: &'static str,
        q: &str,
        selections: Vec<Selection>,
    ) -> AnyView {
        let keep = self.listing.pairs().into_iter().filter(|(name, _)| matches!(*name, "since" | "sort"));
        filters(path, placeholder, q, selections, self.listing.limit, &keep.collect::<Vec<_>>())
    }

    /// The heads of the columns, each a button for its order. The columns that `is_kept` names stay where the screen is narrow.
    pub(super) fn heads(&self, is_kept: impl Fn(F::Column) -> bool) -> Vec<AnyView> {
        let head = |column: &F::Column| {
            let class = (!is_kept(*column)).then_some("wide");
            sorted_head(*column, self.listing.shown_order(), class)
        };
        F::Column::ALL.iter().map(head).collect()
    }

    /// Which rows these are, and the ways to the others.
    pub(super) fn foot(&self, path: &str) -> AnyView {
        let pairs = self.listing.sized(Limits::PAGES);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let walked = Walked { place: self.place.clone(), total: self.total, per_page: self.listing.limit };
        walked.foot(path, &pairs, self.rows.len())
    }
}

/// A part of a list that is walked both ways.
#[derive(Debug, Clone)]
pub struct Walked {
    pub place: Place,
    /// Rows of the whole list.
    pub total: Count,
    pub per_page: u64,
}

impl Walked {
    /// Which rows these are, and the ways to the others. `pairs` are the other parameters of the address.
    pub(super) fn foot(&self, path: &str, pairs: &[(&str, &str)], rows: usize) -> AnyView {
        let (previous, next) = self.ways(|place| with_query(path, &[pairs, place].concat()));
        let first = self.place.page.saturating_sub(1).saturating_mul(self.per_page).saturating_add(1);
        neighbours(first, rows as u64, self.total, previous, next)
    }

    /// The addresses of the parts before and behind this one. `address` is told the parameters of the place.
    pub(super) fn ways(&self, address: impl Fn(&[(&str, &str)]) -> String) -> (Option<String>, Option<String>) {
        let Place { page, previous, next, .. } = &self.place;
        let way = |name: &str, place: &String, page: u64| address(&[(name, place), ("page", &page.to_string())]);
        let previous = previous.as_ref().map(|place| way("before", place, page.saturating_sub(1)));
        let next = next.as_ref().map(|place| way("after", place, page.saturating_add(1)));
        (previous, next)
    }
}

/// The place of a part in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The number of the part, from 1.
    pub page: u64,
    /// The place before which there are more rows.
    pub previous: Option<String>,
    /// The place after which there are more.
    pub next: Option<String>,
    /// The place that the address names is none.
    pub is_lost: bool,
}

/// The choice between what may be used and what is disabled, in the words for any, the one and the other.
pub(super) fn status_choice(words: [&str; 3], enabled: Option<bool>) -> Selection {
    let [any, active, disabled] = words;
    let each = [("active", active), ("disabled", disabled)].map(|(value, text)| (value.to_owned(), text.to_owned()));
    let chosen = enabled.map(|enabled| if enabled { "active" } else { "disabled" });
    choice("status", "Status", any, each, chosen.unwrap_or_default())
}

/// A choice of one of several values, or of any.
pub(super) fn choice(
    name: &'static str,
    label: &'static str,
    any: &str,
    each: impl IntoIterator<Item = (String, String)>,
    chosen: &str,
) -> Selection {
    let any = (String::new(), any.to_owned());
    Selection { name, label, options: std::iter::once(any).chain(each).collect(), chosen: chosen.to_owned() }
}

/// The words of the choice for what has a status of its own.
pub(super) const STATUS: [&str; 3] = ["Any status", "Active", "Disabled"];

/// The choice of when something happened last; `did` begins those of a time.
pub(super) fn last_choice(
    name: &'static str,
    label: &'static str,
    [any, did, never]: [&str; 3],
    chosen: Option<Last>,
) -> Selection {
    let each = Last::ALL.iter().map(|last| {
        let text = match last {
            Last::Day => format!("{did} 24 hours"),
            Last::Week => format!("{did} 7 days"),
            Last::Month => format!("{did} 30 days"),
            Last::Quarter => format!("{did} 90 days"),
            Last::Never => never.to_owned(),
        };
        (last.as_str().to_owned(), text)
    });
    choice(name, label, any, each, chosen.map(Last::as_str).unwrap_or_default())
}

/// The words over the rows of a search that found more than it looks at.
pub(super) fn narrow_search(text: &str, total: Count) -> Option<AnyView> {
    let is_cut = !text.trim().is_empty() && total.is_more();
    let said = "More begin so than are looked at: only the first are sorted and filtered. Type more to find others.";
    is_cut.then(|| view! { <p class="bar small">{said}</p> }.into_any())
}
