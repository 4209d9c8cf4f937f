//! Stretches of time that figures are shown for, in bars of whole hours.

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// A stretch of time that ends now. Its bars begin at multiples of their length, in UTC; the last one is not over yet.
    Span {
        #[default]
        Day = "24h",
        Week = "7d",
        Month = "30d",
    }
}

impl Span {
    /// Seconds of a bar.
    #[must_use]
    pub fn step(self) -> i64 {
        match self {
            Self::Day => 3_600,
            Self::Week => 6 * 3_600,
            Self::Month => 86_400,
        }
    }

    /// The number of bars.
    #[must_use]
    pub fn bars(self) -> usize {
        match self {
            Self::Day => 24,
            Self::Week => 28,
            Self::Month => 30,
        }
    }

    /// The beginning of the first bar.
    #[must_use]
    pub fn begin(self, now: Timestamp) -> Timestamp {
        let last = now.0 - now.0.rem_euclid(self.step());
        let before = i64::try_from(self.bars()).unwrap_or_default() - 1;
        Timestamp(last - before * self.step())
    }

    /// The bar that an instant is in, from 0; `None`: it is before the first or after the last.
    #[must_use]
    pub fn bar(self, at: Timestamp, now: Timestamp) -> Option<usize> {
        let bar = usize::try_from(at.since(self.begin(now)).div_euclid(self.step())).ok()?;
        (bar < self.bars()).then_some(bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_whole_hours_and_the_last_one_holds_now() {
        for now in [1_800_000_000, 1_800_000_001, 1_799_999_999, 1_800_057_600].map(Timestamp) {
            for span in Span::ALL {
                let begin = span.begin(now);
                assert_eq!(begin.0 % span.step(), 0, "{span} {now:?}");
                assert_eq!(span.bar(now, now), Some(span.bars() - 1), "{span} {now:?}");
                assert_eq!(span.bar(begin, now), Some(0));
                assert_eq!(span.bar(begin.plus(-1), now), None);
                assert_eq!(span.bar(now.plus(span.step()), now), None);
            }
        }
    }
}
