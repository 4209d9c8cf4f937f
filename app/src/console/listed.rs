//! The parts that the lists of clients and users share.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::listing::{Filter, Last, Limits, Listing};

use crate::ui::{Selection, neighbours, with_query};

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

impl Place {
    /// Which rows these are, and the ways to the others.
    pub(super) fn view<F: Filter>(&self, path: &str, listing: &Listing<F>, rows: usize, total: Count) -> AnyView {
        let pairs = listing.sized(Limits::PAGES);
        let way = |name: &'static str, place: &String, page: u64| {
            let page = page.to_string();
            let place = [(name, place.as_str()), ("page", page.as_str())];
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            with_query(path, &pairs.chain(place).collect::<Vec<_>>())
        };
        let previous = self.previous.as_ref().map(|place| way("before", place, self.page.saturating_sub(1)));
        let next = self.next.as_ref().map(|place| way("after", place, self.page.saturating_add(1)));
        let first = self.page.saturating_sub(1).saturating_mul(listing.limit).saturating_add(1);
        neighbours(first, rows as u64, total, previous, next)
    }
}

/// The choice between what may be used and what is disabled.
pub(super) fn status_choice(enabled: Option<bool>) -> Selection {
    let options = [("", "Any status"), ("active", "Active"), ("disabled", "Disabled")];
    let chosen = enabled.map(|enabled| if enabled { "active" } else { "disabled" });
    Selection {
        name: "status",
        label: "Status",
        options: options.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec(),
        chosen: chosen.unwrap_or_default().to_owned(),
    }
}

/// The choices of when something happened last; `did` begins those of a time.
pub(super) fn last_words(any: &str, did: &str, never: &str) -> Vec<(String, String)> {
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
    [(String::new(), any.to_owned())].into_iter().chain(each).collect()
}

/// The words over the rows of a search that found more than it looks at.
pub(super) fn narrow_search(text: &str, total: Count) -> Option<AnyView> {
    let is_cut = !text.trim().is_empty() && total.is_more();
    let said = "More begin so than are looked at: only the first are sorted and filtered. Type more to find others.";
    is_cut.then(|| view! { <p class="bar small">{said}</p> }.into_any())
}
