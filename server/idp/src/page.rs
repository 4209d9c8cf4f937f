//! Lists in pages.

use oauth::count::Count;
use oauth::listing::Cursor;
use sea_orm::sea_query::{Asterisk, Expr, Func, LikeExpr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseConnection, EntityTrait, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::error::Error;

/// Rows that one call for a list answers at most.
pub const MOST_LISTED: u64 = 1_000;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub number: u64,
    /// Rows on a page.
    pub size: u64,
}

impl PageRequest {
    /// Page `number` (from 1; 0 counts as 1) of `size` rows (1 to 500). The last page is that of row [`Count::MOST`]: whoever is looking
    /// for a row beyond it searches.
    #[must_use]
    pub fn new(number: u64, size: u64) -> Self {
        let size = size.clamp(1, 500);
        Self { number: number.clamp(1, Count::MOST.div_ceil(size)), size }
    }

    /// Rows before those of the page.
    pub(crate) fn offset(self) -> u64 {
        (self.number - 1) * self.size
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Rows on all pages.
    pub total: Count,
    pub request: PageRequest,
}

/// Part of a list, from one row to the next.
#[derive(Debug, Clone)]
pub struct Stretch<T> {
    pub rows: Vec<T>,
    /// There are others before the first of them.
    pub is_later: bool,
    /// The list goes on after the last of them.
    pub is_more: bool,
}

impl<T> Stretch<T> {
    /// The first `limit` of rows that were looked for up to one more.
    pub(crate) fn of(mut rows: Vec<T>, limit: u64) -> Self {
        let is_more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Self { rows, is_later: false, is_more }
    }

    /// The same beside a place: the rows before it were looked for in the order away from it.
    pub(crate) fn beside(place: Option<&Cursor>, rows: Vec<T>, limit: u64) -> Self {
        let mut found = Self::of(rows, limit);
        if place.is_some_and(Cursor::is_backward) {
            found.rows.reverse();
            return Self { is_later: found.is_more, is_more: true, ..found };
        }
        Self { is_later: place.is_some(), ..found }
    }

    /// The part with what is told of its rows.
    pub(crate) fn with_rows<R>(self, tell: impl FnOnce(Vec<T>) -> Vec<R>) -> Stretch<R> {
        let Self { rows, is_later, is_more } = self;
        Stretch { rows: tell(rows), is_later, is_more }
    }
}

/// Rows of a record, the newest first: beside the one that a place names, or from the newest on; at most `limit` and at most
/// [`MOST_LISTED`]. `id` grows with time.
///
/// # Errors
/// `NotFound` when the place is no ID, or when the database does not answer.
pub(crate) async fn newest_first<E: EntityTrait>(
    db: &DatabaseConnection,
    mut found: Select<E>,
    id: E::Column,
    place: Option<&Cursor>,
    limit: u64,
) -> Result<Stretch<E::Model>, Error> {
    let (limit, falls) = (limit.min(MOST_LISTED), !place.is_some_and(Cursor::is_backward));
    if let Some(place) = place {
        let row = Uuid::parse_str(place.place()).map_err(|_| Error::NotFound)?;
        found = found.filter(if falls { id.lt(row) } else { id.gt(row) });
    }
    let rows = found.order_by(id, if falls { Order::Desc } else { Order::Asc }).limit(limit + 1).all(db).await?;
    Ok(Stretch::beside(place, rows, limit))
}

/// Counts the rows that a query finds, as far as [`Count::MOST`].
pub(crate) async fn count(db: &DatabaseConnection, mut found: SelectStatement) -> Result<Count, Error> {
    found.clear_selects().expr_as(Expr::val(1), "one").limit(Count::MOST + 1);
    let number =
        Query::select().expr_as(Func::count(Expr::col(Asterisk)), "number").from_subquery(found, "found").take();
    let row = db.query_one(&number).await?;
    let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default();
    Ok(Count::new(number.unsigned_abs()))
}

/// More characters than any name has. SQLite refuses patterns of more than 50,000 bytes.
const MAX_PATTERN: usize = 300;

/// `LIKE` for what contains `text`, its wildcards taken literally.
pub(crate) fn contains_pattern(text: &str) -> LikeExpr {
    pattern("%", text.trim(), "%")
}

/// `LIKE` for `text` as it is, with wildcards before and after it.
pub(crate) fn pattern(before: &str, text: &str, after: &str) -> LikeExpr {
    let escaped: String = text
        .chars()
        .take(MAX_PATTERN)
        .flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c]))
        .collect();
    // Not a backslash: MySQL and PostgreSQL disagree about those in string literals.
    LikeExpr::new(format!("{before}{escaped}{after}")).escape('!')
}
