//! The work beside requests, as far as it failed when it was last tried.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Idp;
use crate::error::Error;

/// Each is true after a try that failed.
#[derive(Debug, Default)]
pub(crate) struct FailedChores {
    pub(crate) sweep: AtomicBool,
    pub(crate) keys: AtomicBool,
}

/// Notes what became of a try, and hands it on.
pub(crate) fn note<T>(failed: &AtomicBool, result: Result<T, Error>) -> Result<T, Error> {
    failed.store(result.is_err(), Ordering::Relaxed);
    result
}

impl Idp {
    /// True while this process cannot delete what has expired, or keep the calendar of the keys.
    #[must_use]
    pub fn fails_at_chores(&self) -> bool {
        self.failed_chores.sweep.load(Ordering::Relaxed) || self.failed_chores.keys.load(Ordering::Relaxed)
    }
}
