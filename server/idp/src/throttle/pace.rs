//! The lengths of delays: nothing for the first failures, then 1, 2, 4 … seconds up to a longest one. One failure is forgiven
//! in each time that the longest delay takes, so nobody is locked out for good and a steady few mistakes cost nobody anything.

use oauth::time::Timestamp;

use crate::entity::failed_attempt::Model;

/// The delays of one kind of counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Failures without a delay.
    free: i64,
    /// The longest delay, and the time in which one failure is forgiven. Seconds.
    longest: i64,
    /// True when something right ends the count.
    pub(super) ends_when_right: bool,
}

/// Guessing one account's password: about a hundred tries a day.
pub(super) const ACCOUNT: Pace = Pace { free: 5, longest: 900, ends_when_right: true };

/// Guessing passwords of many accounts. An address may be a whole company's, so many are free, and one a minute is forgiven.
pub(super) const ADDRESS: Pace = Pace { free: 50, longest: 60, ends_when_right: false };

/// Guessing the admin token. There is one token and few who have it.
pub(super) const ADMIN_TOKEN: Pace = Pace { free: 10, longest: 300, ends_when_right: false };

/// Guessing a client's secret at one address. A few servers behind it may have an outdated one.
pub(super) const CLIENT: Pace = Pace { free: 10, longest: 300, ends_when_right: false };

/// Guessing user codes of devices. A right one ends nothing: whoever guesses can have a device that waits, too.
pub(super) const USER_CODE: Pace = Pace { free: 10, longest: 300, ends_when_right: false };

/// Looking for people by name. A client may have many whose names it has wrong, and one a minute is forgiven; somebody whom it knows
/// ends nothing.
pub(super) const HINT: Pace = Pace { free: 50, longest: 60, ends_when_right: false };

/// Guessing a client's secret from many addresses. Whoever was right lately does not wait for this.
pub(super) const ANY_ADDRESS: Pace = Pace { free: ANY_ADDRESS_FREE, longest: 60, ends_when_right: false };
pub(super) const ANY_ADDRESS_FREE: i64 = 100;

impl Pace {
    /// For so many times as many people.
    pub(super) fn times(self, factor: u32) -> Self {
        Self { free: self.free * i64::from(factor), ..self }
    }

    /// Seconds to wait after that many failures.
    fn delay(&self, failures: i64) -> i64 {
        if failures <= self.free {
            return 0;
        }
        let doubled = u32::try_from(failures - self.free - 1).ok().and_then(|times| 2_i64.checked_pow(times));
        doubled.map_or(self.longest, |delay| delay.min(self.longest))
    }

    /// The row after one more failure. It has been added to `failures` already, and nothing else.
    pub(super) fn count(&self, row: &Model, now: Timestamp) -> Model {
        let forgiven = (now.0 - row.counted_at).max(0) / self.longest;
        let left = (row.failures - 1 - forgiven).max(0);
        let counted_at = if left == 0 { now.0 } else { row.counted_at + forgiven * self.longest };
        let (failures, not_before) = (left + 1, now.0 + self.delay(left + 1));
        let expires_at = (counted_at + failures * self.longest).max(not_before);
        Model { digest: row.digest.clone(), failures, counted_at, not_before, expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(row: &Model, now: i64) -> Model {
        ACCOUNT.count(&Model { failures: row.failures + 1, ..row.clone() }, Timestamp(now))
    }

    fn fresh(now: i64) -> Model {
        Model { digest: Vec::new(), failures: 0, counted_at: now, not_before: 0, expires_at: now }
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let (mut row, mut now) = (fresh(1_000), 1_000);
        let mut delays = Vec::new();
        for _ in 0..18 {
            row = fail(&row, now);
            delays.push(row.not_before - now);
            now = row.not_before;
        }
        // By the second 512 fifteen minutes have passed, and one failure is forgiven.
        assert_eq!(delays, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 900, 900]);
        assert_eq!(row.failures, 16, "whoever waits each time gets no further");
    }

    #[test]
    fn one_failure_is_forgiven_in_the_time_of_the_longest_delay() {
        let mut row = fresh(0);
        for _ in 0..7 {
            row = fail(&row, 0);
        }
        assert_eq!((row.failures, row.expires_at), (7, 7 * 900));
        assert_eq!(fail(&row, 899).failures, 8);
        assert_eq!(fail(&row, 2 * 900 + 10).failures, 6);
        assert_eq!(fail(&row, 2 * 900 + 10).counted_at, 2 * 900, "the ten seconds are not lost");
        assert_eq!(fail(&row, row.expires_at), Model { failures: 1, ..fail(&fresh(row.expires_at), row.expires_at) });
    }

    #[test]
    fn no_number_of_failures_overflows() {
        assert_eq!(ACCOUNT.delay(i64::MAX), 900);
        assert_eq!(ACCOUNT.delay(80), 900);
        assert_eq!(ACCOUNT.delay(-1), 0);
    }
}
