//! Lists in pages.

use sea_orm::sea_query::LikeExpr;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub number: u64,
    /// Rows on a page.
    pub size: u64,
}

impl PageRequest {
    /// Page `number` (from 1; 0 counts as 1) of `size` rows (1 to 500).
    #[must_use]
    pub fn new(number: u64, size: u64) -> Self {
        Self { number: number.clamp(1, 1_000_000), size: size.clamp(1, 500) }
    }

    pub(crate) fn index(self) -> u64 {
        self.number - 1
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Rows on all pages.
    pub total: u64,
    pub request: PageRequest,
}

/// More characters than any name has. SQLite refuses patterns of more than 50,000 bytes.
const MAX_PATTERN: usize = 300;

/// `LIKE` for what contains `text`, its wildcards taken literally.
pub(crate) fn contains_pattern(text: &str) -> LikeExpr {
    let escaped: String = text
        .trim()
        .chars()
        .take(MAX_PATTERN)
        .flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c]))
        .collect();
    // Not a backslash: MySQL and PostgreSQL disagree about those in string literals.
    LikeExpr::new(format!("%{escaped}%")).escape('!')
}
