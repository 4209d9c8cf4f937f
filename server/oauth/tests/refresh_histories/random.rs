//! Numbers that look random and are the same each time: SplitMix64 (Steele, Lea and Flood, 2014).

/// A generator.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> i64 {
        i64::try_from(self.next() % end).unwrap()
    }

    /// From 0 to `most`.
    pub(crate) fn up_to(&mut self, most: i64) -> i64 {
        self.below(most.unsigned_abs() + 1)
    }

    /// From `least` to `most`.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.up_to(most - least)
    }

    /// An index of so many things.
    pub(crate) fn index(&mut self, things: usize) -> usize {
        usize::try_from(self.next() % things as u64).unwrap()
    }

    /// True in so many of 1000 cases.
    pub(crate) fn one_of(&mut self, permille: u64) -> bool {
        self.next() % 1000 < permille
    }
}
