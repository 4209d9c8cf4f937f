//! Instants, as the protocol counts them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

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

/// Seconds since 1970 of a date of RFC 3339. What it may lack is put in.
fn read_date(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = if rest.is_empty() { "00:00" } else { rest.strip_prefix(['T', 't', ' '])? };
    let (time, offset) = time.find(['Z', 'z', '+', '-']).map_or((time, "Z"), |at| time.split_at(at));
    let seconds = if time.len() == "00:00".len() { ":00" } else { "" };
    let whole = OffsetDateTime::parse(&format!("{date}T{time}{seconds}{offset}"), &Rfc3339).ok()?;
    Some(whole.unix_timestamp())
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
            ("2016-12-31T23:59:60Z", 1_483_228_799),
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
