//! Tables with what belongs to them: filter, segments, paging, the empty state.

use leptos::prelude::*;
use oauth::count::Count;
use oauth::listing::{CHANGE, Column, Limits, Sorting};
use oauth::time::Timestamp;

use super::note::{Tone, note};
use super::{date, query, with_query};

/// A table. A head that begins with `-` is left out where the screen is narrow, with the cells under it (class `wide`).
/// Over buttons the head is empty.
pub(crate) fn table(label: &'static str, heads: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    framed(label, heads, rows, None)
}

/// A table without links. Where it is wider than its frame, the keyboard must reach the frame to scroll it.
pub(crate) fn read_table(label: &'static str, heads: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    framed(label, heads, rows, Some("0"))
}

fn framed(label: &'static str, heads: &[&'static str], rows: Vec<AnyView>, tabindex: Option<&'static str>) -> AnyView {
    with_heads(label, self::heads(heads).collect(), rows, tabindex)
}

/// The heads of columns, written as for [`table`].
pub(crate) fn heads(names: &[&'static str]) -> impl Iterator<Item = AnyView> {
    names.iter().map(|head| match head.strip_prefix('-') {
        Some(head) => view! { <th scope="col" class="wide">{head}</th> }.into_any(),
        None if head.is_empty() => view! { <td></td> }.into_any(),
        None => view! { <th scope="col">{*head}</th> }.into_any(),
    })
}

/// A table of which the heads are made elsewhere.
pub(crate) fn with_heads(
    label: &'static str,
    heads: Vec<AnyView>,
    rows: Vec<AnyView>,
    tabindex: Option<&'static str>,
) -> AnyView {
    view! {
        <div class="table-frame" tabindex=tabindex>
            <table aria-label=label>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A head that the table can be sorted by: a button of the page's filter, for that order; for the other way round where it is sorted by it.
/// `class` may be `wide`.
pub(crate) fn sorted_head<C: Column>(column: C, order: Option<Sorting<C>>, class: Option<&'static str>) -> AnyView {
    let here = order.filter(|order| order.by == column).map(|order| order.descending);
    let descending = here.map_or(column.is_instant(), |descending| !descending);
    let sort = query(&[("sort", &Sorting { by: column, descending }.to_text())]);
    let said = here.map(|descending| if descending { "descending" } else { "ascending" });
    let mark = here.map(|descending| if descending { " ↓" } else { " ↑" });
    view! {
        <th scope="col" class=class aria-sort=said>
            <button form=FILTER name=CHANGE value=sort>{column.label()}</button>
            <span aria-hidden="true">{mark}</span>
        </th>
    }
    .into_any()
}

/// The message in place of a table without rows.
pub(crate) fn empty(title: &'static str, text: impl IntoView + 'static, action: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <div class="muted">{text.into_any()}</div>
            {action.into_any()}
        </div>
    }
    .into_any()
}

/// The ID of the form that filters the list of a page. Whatever narrows or sorts the list is a button of it, wherever it stands, so that
/// what was typed goes along.
pub(crate) const FILTER: &str = "filter";

/// Values that a filter sends besides its fields; those that are empty are left out.
pub(crate) fn kept<'a>(keep: impl IntoIterator<Item = (&'static str, &'a str)>) -> AnyView {
    let filled = keep.into_iter().filter(|(_, value)| !value.is_empty());
    filled
        .map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned()/> })
        .collect_view()
        .into_any()
}

/// The button that sends a filter as it is filled in.
pub(crate) fn filter_button() -> AnyView {
    view! { <button class="btn" name=CHANGE value="">"Filter"</button> }.into_any()
}

/// The button that the key Enter presses in a field of a form, of which other buttons stand before it.
pub(crate) fn first_button(form: &'static str, name: Option<&'static str>) -> AnyView {
    view! {
        <button class="visually-hidden" form=form name=name value="" tabindex="-1" aria-hidden="true">"Go"</button>
    }
    .into_any()
}

/// A filter of one field that lives in the URL; `keep` are the other parameters of the address.
pub(crate) fn filter(
    action: String,
    name: &'static str,
    placeholder: &'static str,
    value: &str,
    keep: &[(&'static str, &str)],
) -> AnyView {
    view! {
        <form class="filter" id=FILTER method="get" action=action role="search">
            {kept(keep.iter().copied())}
            <input class="input" type="search" name=name value=value.to_owned() placeholder=placeholder aria-label="Filter"/>
            {filter_button()}
        </form>
    }
    .into_any()
}

/// The filter of a list that is only sorted.
pub(crate) fn sorter(action: String) -> AnyView {
    view! { <form id=FILTER method="get" action=action></form> }.into_any()
}

/// A list of values to filter by; the empty one is all.
pub(crate) struct Selection {
    pub(crate) name: &'static str,
    /// For those who cannot see what it is about.
    pub(crate) label: &'static str,
    /// Value and text.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) chosen: String,
}

impl Selection {
    fn view(self) -> AnyView {
        let Self { name, label, options, chosen } = self;
        let options = options.into_iter().map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        });
        view! { <select class="input" name=name aria-label=label>{options.collect_view()}</select> }.into_any()
    }
}

/// A filter of several parts that lives in the URL, with the number of rows; `keep` are the other parameters of the address.
pub(crate) fn filters(
    action: &'static str,
    placeholder: &'static str,
    q: &str,
    selections: Vec<Selection>,
    limit: u64,
    keep: &[(&'static str, String)],
) -> AnyView {
    // The usual number need not be said.
    let said = |size: u64| if size == Limits::PAGES.usual() { String::new() } else { size.to_string() };
    let sizes = match Limits::PAGES {
        Limits::OneOf(sizes) => sizes.iter().map(|size| (said(*size), format!("{size} rows"))).collect(),
        Limits::UpTo(_) => Vec::new(),
    };
    let size = Selection { name: "limit", label: "Rows", options: sizes, chosen: said(limit) };
    view! {
        <form class="bar filters" id=FILTER method="get" action=action role="search">
            {kept(keep.iter().map(|(name, value)| (*name, value.as_str())))}
            <input class="input" type="search" name="q" value=q.to_owned() placeholder=placeholder aria-label="Filter"/>
            {selections.into_iter().chain([size]).map(Selection::view).collect_view()}
            {filter_button()}
        </form>
    }
    .into_any()
}

/// The note about parts of an address that could not be read.
pub(crate) fn left_out(unread: &[String]) -> Option<AnyView> {
    let said = format!("This part of the filter could not be read and was left out: {}.", unread.join(", "));
    (!unread.is_empty()).then(|| note(Tone::Warn, said))
}

/// Which rows these are, and the ways to those before and behind them. `first` is the number of the first one.
pub(crate) fn neighbours(
    first: u64,
    rows: u64,
    total: Count,
    previous: Option<String>,
    next: Option<String>,
) -> AnyView {
    let last = first.saturating_add(rows).saturating_sub(1);
    let of = if last > total.number() && !total.is_more() { Count::at_least(last, false) } else { total };
    view! {
        <div class="foot">
            <span>{format!("{}–{} of {}", count(first), count(last), tally(of))}</span>
            {previous_and_next(previous, next)}
        </div>
    }
    .into_any()
}

/// The ways to the rows before and behind those that are shown.
pub(crate) fn previous_and_next(previous: Option<String>, next: Option<String>) -> AnyView {
    let link = |text: &'static str, href: Option<String>| match href {
        Some(href) => view! { <a class="btn" href=href>{text}</a> }.into_any(),
        None => view! { <span class="btn off" aria-disabled="true">{text}</span> }.into_any(),
    };
    view! { {link("Previous", previous)} {link("Next", next)} }.into_any()
}

/// The words over a list of what is new, with the way to all.
pub(crate) fn created_since(since: Timestamp, all: &'static str, label: &'static str) -> AnyView {
    let text = format!("Created since {}. ", date(since));
    view! { <p class="bar small"><span>{text}<a href=all>{label}</a></span></p> }.into_any()
}

/// A choice of a few links, one of them being here.
pub(crate) fn segments(label: &'static str, links: Vec<(String, String, bool)>) -> AnyView {
    let links = links
        .into_iter()
        .map(|(text, href, here)| view! { <a href=href aria-current=here.then_some("true")>{text}</a> })
        .collect_view();
    view! { <nav class="seg" aria-label=label>{links}</nav> }.into_any()
}

/// A choice of a few parts of the page's filter, one of them being chosen: text and change, as a query.
pub(crate) fn choices(label: &'static str, buttons: Vec<(String, String, bool)>) -> AnyView {
    let buttons = buttons.into_iter().map(|(text, change, here)| {
        let pressed = if here { "true" } else { "false" };
        view! { <button form=FILTER name=CHANGE value=change aria-pressed=pressed>{text}</button> }
    });
    view! { <div class="seg" role="group" aria-label=label>{buttons.collect_view()}</div> }.into_any()
}

/// Which rows these are, and the ways to the others. `page` counts from 1.
pub(crate) fn pager(
    path: &'static str,
    keep: &[(&'static str, &str)],
    page: u64,
    per_page: u64,
    total: Count,
) -> AnyView {
    let number = total.number();
    let first = page.saturating_sub(1).saturating_mul(per_page).saturating_add(1).min(number);
    let last = page.saturating_mul(per_page).min(number);
    let link = |text: &'static str, to: u64, there: bool| {
        let number = if to > 1 { to.to_string() } else { String::new() };
        let pairs: Vec<_> = keep.iter().copied().chain([("page", number.as_str())]).collect();
        let href = with_query(path, &pairs);
        if there {
            view! { <a class="btn" href=href>{text}</a> }.into_any()
        } else {
            view! { <span class="btn off" aria-disabled="true">{text}</span> }.into_any()
        }
    };
    view! {
        <div class="foot">
            <span>{format!("{first}–{last} of {}", tally(total))}{(total.is_more() && last == number).then_some(". Search for the others.")}</span>
            {link("Previous", page.saturating_sub(1), page > 1)}
            {link("Next", page.saturating_add(1), last < number)}
        </div>
    }
    .into_any()
}

/// A number of things as people read it: 10,000+ where there are more.
pub(crate) fn tally(total: Count) -> String {
    count(total.number()) + if total.is_more() { "+" } else { "" }
}

/// A number as people read it: 12,345.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 client", "2 clients".
pub(crate) fn word_of(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// One or two letters that stand for a name.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split([' ', '.', '-', '_', '@']).filter_map(|word| word.chars().next());
    let first = words.next().into_iter();
    first.chain(words.next()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_count() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!((tally(Count::new(10_000)), tally(Count::new(10_001))), ("10,000".to_owned(), "10,000+".to_owned()));
        assert_eq!(word_of(1, "client", "clients"), "1 client");
    }

    #[test]
    fn a_name_has_initials() {
        assert_eq!(initials("alice liddell"), "AL");
        assert_eq!(initials("bob"), "B");
        assert_eq!(initials(""), "");
    }
}
