//! Numbers of things, counted as far as anybody wants to know.

/// The number of things there are, or that there are more: counting a million rows takes as long as reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    number: u64,
    is_more: bool,
}

impl Count {
    /// As far as rows are counted.
    pub const MOST: u64 = 10_000;

    /// `found` things, looked for up to one more than [`Count::MOST`].
    #[must_use]
    pub fn new(found: u64) -> Self {
        Self { number: found.min(Self::MOST), is_more: found > Self::MOST }
    }

    /// `number` things and no more, or at least so many.
    #[must_use]
    pub fn at_least(number: u64, is_more: bool) -> Self {
        Self { number, is_more }
    }

    /// As many as were counted.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }

    /// There are more than were counted.
    #[must_use]
    pub fn is_more(self) -> bool {
        self.is_more
    }
}

/// A number that was counted to its end.
impl PartialEq<u64> for Count {
    fn eq(&self, number: &u64) -> bool {
        !self.is_more && self.number == *number
    }
}
