//! Instants, as people say them.

use leptos::prelude::*;
use oauth::time::Timestamp;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The distance from `now` to `at`, past or future; the exact time in UTC on hover.
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> AnyView {
    let Ok(exact) = OffsetDateTime::from_unix_timestamp(at.0) else {
        return "?".into_any();
    };
    let iso = exact.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).unwrap_or_default();
    view! { <time datetime=iso title=self::exact(at)>{words(at, now, exact)}</time> }.into_any()
}

/// The day and the second, in UTC.
pub(crate) fn exact(at: Timestamp) -> String {
    said(at, format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
}

/// The time of day in UTC, to the second.
pub(crate) fn clock(at: Timestamp) -> String {
    said(at, format_description!("[hour]:[minute]:[second]"))
}

/// The day and the minute, in UTC.
pub(crate) fn date(at: Timestamp) -> String {
    said(at, format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC"))
}

/// The same, short.
pub(crate) fn hour(at: Timestamp) -> String {
    said(at, format_description!("[day padding:none] [month repr:short], [hour]:[minute]"))
}

/// The minute in UTC, or the second if it is within one, as a field of a form has it.
pub(crate) fn minute(at: Timestamp) -> String {
    if at.0 % MINUTE == 0 {
        said(at, format_description!("[year]-[month]-[day]T[hour]:[minute]"))
    } else {
        said(at, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"))
    }
}

/// A time in UTC, as short as `format` makes it.
fn said(at: Timestamp, format: &[BorrowedFormatItem<'_>]) -> String {
    let exact = OffsetDateTime::from_unix_timestamp(at.0).ok();
    exact.and_then(|at| at.format(format).ok()).unwrap_or_else(|| "?".to_owned())
}

fn words(at: Timestamp, now: Timestamp, exact: OffsetDateTime) -> String {
    let distance = now.since(at);
    let amount = match distance.abs() {
        seconds if seconds < MINUTE => {
            return if distance < 0 { "in less than a minute" } else { "just now" }.to_owned();
        }
        seconds if seconds < HOUR => format!("{} min", seconds / MINUTE),
        seconds if seconds < DAY => format!("{} h", seconds / HOUR),
        seconds if seconds < 30 * DAY => format!("{} d", seconds / DAY),
        _ => {
            return exact
                .format(format_description!("[day padding:none] [month repr:short] [year]"))
                .unwrap_or_default();
        }
    };
    if distance < 0 { format!("in {amount}") } else { format!("{amount} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_the_largest_unit_that_fits() {
        let now = Timestamp(1_790_000_000);
        let told = |at: i64| words(Timestamp(at), now, OffsetDateTime::from_unix_timestamp(at).unwrap());
        assert_eq!(told(now.0 - 20), "just now");
        assert_eq!(told(now.0 - 125), "2 min ago");
        assert_eq!(told(now.0 - 3 * HOUR), "3 h ago");
        assert_eq!(told(now.0 + 6 * DAY), "in 6 d");
        assert_eq!(told(0), "1 Jan 1970");
        assert_eq!(
            (clock(Timestamp(3_661)), date(Timestamp(3_661))),
            ("01:01:01".into(), "1 Jan 1970, 01:01 UTC".into())
        );
        assert_eq!(date(Timestamp(i64::MAX)), "?");
        for (at, text) in [(3_660, "1970-01-01T01:01"), (3_661, "1970-01-01T01:01:01")] {
            assert_eq!(minute(Timestamp(at)), text);
            assert_eq!(Timestamp::read(text), Some(Timestamp(at)), "a form can be sent again");
        }
    }
}
