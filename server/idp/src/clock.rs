//! The one place that reads the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use oauth::time::Timestamp;

/// A clock. Clones of a fixed clock show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is moved: for tests.
    #[must_use]
    pub fn fixed(now: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(now.0))))
    }

    /// The time now, in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp(system_seconds()),
            Source::Fixed(seconds) => Timestamp(seconds.load(Ordering::Relaxed)),
        }
    }

    /// The time since a moment that stays the same while the process runs. Unlike [`Clock::now`] it never goes back, whatever
    /// is done to the machine's clock.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System => START.elapsed(),
            Source::Fixed(seconds) => {
                Duration::from_secs(u64::try_from(seconds.load(Ordering::Relaxed)).unwrap_or_default())
            }
        }
    }

    /// Moves a fixed clock, and all its clones, to `now`. The machine's clock stays as it is.
    pub fn set(&self, now: Timestamp) {
        if let Source::Fixed(seconds) = &self.0 {
            seconds.store(now.0, Ordering::Relaxed);
        }
    }

    /// Moves a fixed clock, and all its clones, on by `seconds`. The machine's clock stays as it is.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now().plus(seconds));
    }
}

/// When [`Clock::elapsed`] was first asked.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

#[expect(clippy::disallowed_methods, reason = "this module is where the time comes from")]
fn system_seconds() -> i64 {
    // A machine that believes to live before 1970 has no valid tokens anyway.
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(Timestamp(1_000));
        let clone = clock.clone();
        clock.advance(60);
        assert_eq!(clone.now(), Timestamp(1_060));
        assert_eq!(clone.elapsed(), Duration::from_secs(1_060));
        clone.set(Timestamp(5));
        assert_eq!(clock.now(), Timestamp(5));
    }

    #[test]
    fn the_clock_of_the_machine_cannot_be_moved() {
        let clock = Clock::system();
        assert!(clock.now() > Timestamp(1_700_000_000));
        clock.set(Timestamp(0));
        assert!(clock.now() > Timestamp(1_700_000_000));
    }
}
