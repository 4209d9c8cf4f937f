//! The parts that pages are made of. Each is a function or a small builder that gives a view; none keeps state.

mod icon;

pub use icon::Icon;

#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod choice;
#[cfg(feature = "ssr")]
mod device;
#[cfg(feature = "ssr")]
mod field;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod moment;
#[cfg(feature = "ssr")]
mod note;
#[cfg(feature = "ssr")]
mod tip;
mod url;

#[cfg(feature = "ssr")]
pub use chart::Bar;
#[cfg(feature = "ssr")]
pub(crate) use chart::{Chart, Part, figure};
#[cfg(feature = "ssr")]
pub(crate) use choice::{Choice, checkbox, checkbox_or_error, checkboxes, radio_cards, select};
#[cfg(feature = "ssr")]
pub(crate) use device::device;
#[cfg(feature = "ssr")]
pub(crate) use field::Field;
#[cfg(feature = "ssr")]
pub(crate) use icon::seal;
#[cfg(feature = "ssr")]
pub(crate) use layout::{Crumb, Danger, code_line, danger_zone, facts, page_head, section, tabs};
#[cfg(feature = "ssr")]
pub(crate) use list::{
    FILTER, Selection, choices, count, created_since, empty, filter, filter_button, filters, first_button, heads,
    initials, kept, left_out, neighbours, pager, previous_and_next, read_table, segments, sorted_head, sorter, table,
    tally, with_heads, word_of,
};
#[cfg(feature = "ssr")]
pub(crate) use moment::{clock, date, exact, hour, minute, moment};
#[cfg(feature = "ssr")]
pub(crate) use note::{Tone, message, note, tag};
#[cfg(feature = "ssr")]
pub(crate) use tip::Tip;
pub(crate) use url::{query, with_query};
