//! Instants, as the protocol counts them.

use serde::{Deserialize, Serialize};

/// A *NumericDate* (RFC 7519 §2): whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `seconds` later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to here; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads an instant of 1970 or later, as scripts and people write it: seconds since 1970; or a date of RFC 3339 up to the year 9999,
    /// which may lack the time of day, the seconds and the offset: midnight is meant, and UTC. A part of a second is left out.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let seconds = text.parse().ok().or_else(|| read_date(text));
        seconds.filter(|seconds| *seconds >= 0).map(Self)
    }
}

fn read_date(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let midnight = days_before(year, month, day) * 86_400;
    if rest.is_empty() {
        return Some(midnight);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, offset) = rest.find(['Z', 'z', '+', '-']).map_or((rest, ""), |at| rest.split_at(at));
    Some(midnight + read_time(time)? - read_offset(offset)?)
}

/// Days from 1970-01-01 to a date. Years begin with March here, so that a leap day is the last of its year.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days + (153 * month + 2) / 5 + day - 719_469
}

/// The seconds of a time of day. A leap second is the first one of the next minute.
fn read_time(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, part)) if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        Some(_) => return None,
        None => text,
    };
    let mut parts = whole.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
    let is_time = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    is_time.then_some(hour * 3_600 + minute * 60 + second)
}

/// The seconds by which a local time is ahead of UTC.
fn read_offset(text: &str) -> Option<i64> {
    let sign = match text.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') => return (text.len() == 1).then_some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let (hour, minute) = text.get(1..)?.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    (hour < 24 && minute < 60).then_some(sign * (hour * 3_600 + minute * 60))
}

/// A number of so many digits.
fn digits(text: &str, length: usize) -> Option<i64> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_as_scripts_and_people_write_it() {
        for (text, seconds) in [
            ("0", 0),
            ("1800000000", 1_800_000_000),
            ("1970-01-01", 0),
            ("2027-01-15T08:00:00Z", 1_800_000_000),
            ("2027-01-15T08:00", 1_800_000_000),
            ("2027-01-15 08:00:00.999", 1_800_000_000),
            ("2027-01-15t09:30:00+01:30", 1_800_000_000),
            ("2027-01-15T03:00:00-05:00", 1_800_000_000),
            ("2024-02-29T23:59:59z", 1_709_251_199),
            ("2024-03-01", 1_709_251_200),
            ("2000-02-29", 951_782_400),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(Timestamp::read(text), Some(Timestamp(seconds)), "{text}");
        }
        for wrong in [
            "",
            "-1",
            "soon",
            "1.5",
            "99999999999999999999",
            "1969-12-31",
            "2027-1-15",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-01-15T",
            "2027-01-15T8:00",
            "2027-01-15T24:00",
            "2027-01-15T08:60",
            "2027-01-15T08:00:61",
            "2027-01-15T08:00:00:00",
            "2027-01-15T08:00:00.",
            "2027-01-15T08:00:00ZZ",
            "2027-01-15T08:00:00 01:00",
            "2027-01-15T08:00:00+1:00",
            "2027-01-15T08:00:00+25:00",
            "2027-01-15x08:00",
            "20270115T080000Z",
            "2027-01-1ä",
            "２０２７-01-15",
        ] {
            assert_eq!(Timestamp::read(wrong), None, "{wrong}");
        }
    }
}
