//! Parts of the lists of users and clients, out of a million rows as fast as out of a hundred.
//!
//! A part is found by the index of its order, from a place on. A filter that finds few rows finds them by an index of its own, and they are
//! sorted; one that finds many is looked at row by row along the order, for there the next row that fits is near. What a search finds is
//! bounded by the search.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::count::Count;
use oauth::listing::{Cursor, Filter, Last, Listing, SortKey};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryResult, TryGetable, Value};

use crate::error::Error;
use crate::page::{PageRequest, count};
use crate::search::Found;

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Part<T> {
    pub rows: Vec<T>,
    /// Rows of the whole list.
    pub total: Count,
    /// Its number, from 1.
    pub page: u64,
    /// The place before which there are more.
    pub previous: Option<String>,
    /// The place after which there are more.
    pub next: Option<String>,
    /// The place that was asked for is none: this is the beginning.
    pub is_lost: bool,
}

impl<T> Part<T> {
    pub(crate) fn with_rows<R>(self, rows: Vec<R>) -> Part<R> {
        let Self { total, page, previous, next, is_lost, .. } = self;
        Part { rows, total, page, previous, next, is_lost }
    }
}

/// A table whose rows are listed.
pub(crate) struct Sheet<I> {
    pub(crate) table: &'static str,
    /// The key.
    pub(crate) id: &'static str,
    /// Reads the ID of a row as addresses name it.
    pub(crate) read: fn(&str) -> Option<I>,
    pub(crate) write: fn(&I) -> String,
}

/// A column that rows are sorted by. It is never NULL.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Text(&'static str),
    Number(&'static str),
    Flag(&'static str),
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Self::Text(column) | Self::Number(column) | Self::Flag(column) => column,
        }
    }

    /// The value of a row, as a place names it.
    fn write(self, row: &QueryResult) -> Result<String, Error> {
        let column = self.column();
        Ok(match self {
            Self::Text(_) => URL_SAFE_NO_PAD.encode(row.try_get::<String>("", column)?),
            Self::Number(_) => row.try_get::<i64>("", column)?.to_string(),
            Self::Flag(_) => i32::from(row.try_get::<bool>("", column)?).to_string(),
        })
    }

    fn read(self, text: &str) -> Option<Value> {
        Some(match self {
            Self::Text(_) => {
                let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
                // PostgreSQL has no such texts.
                Some(text).filter(|text| !text.contains('\0'))?.into()
            }
            Self::Number(_) => text.parse::<i64>().ok()?.into(),
            Self::Flag(_) => matches!(text, "1").into(),
        })
    }
}

/// A condition of a filter.
#[derive(Debug, Clone)]
pub(crate) struct Narrowing {
    /// The column that it is about.
    column: &'static str,
    condition: SimpleExpr,
    /// The same, for rows that are looked at one by one: about a column that is in the index of each order.
    looked_at: SimpleExpr,
}

impl Narrowing {
    pub(crate) fn new(column: &'static str, condition: SimpleExpr) -> Self {
        Self { column, looked_at: condition.clone(), condition }
    }

    /// Something happened within a time, or never. `column` holds an instant, or -1; `instant` the same, or NULL.
    pub(crate) fn happened(column: &'static str, instant: &'static str, last: Last, now: Timestamp) -> Self {
        let (condition, looked_at) = match last.since(now) {
            Some(since) => (Expr::col(column).gte(since.0), Expr::col(instant).gte(since.0)),
            None => (Expr::col(column).eq(-1_i64), Expr::col(instant).is_null()),
        };
        Self { column, condition, looked_at }
    }
}

/// A part of a list that is wanted.
pub(crate) struct Wanted<'a, I> {
    pub(crate) filter: Vec<Narrowing>,
    /// The finds of a search: nothing else is listed.
    pub(crate) found: Option<Found<I>>,
    /// `None`: in the order in which the search found it, or of the IDs.
    pub(crate) order: Option<(Key, bool)>,
    pub(crate) page: u64,
    pub(crate) cursor: Option<&'a Cursor>,
    pub(crate) limit: u64,
}

impl<I: TryGetable + Into<Value> + Eq + Hash + Clone> Sheet<I> {
    /// The IDs of the rows of a part.
    pub(crate) async fn list(&self, db: &DatabaseConnection, wanted: Wanted<'_, I>) -> Result<Part<I>, Error> {
        if let (Some(found), None) = (&wanted.found, wanted.order) {
            let owners = self.narrow(db, found, &wanted.filter).await?;
            return Ok(self.slice(&owners, Count::at_least(owners.len() as u64, found.is_more), &wanted));
        }
        let mut all = Query::select().from(self.table).take();
        if let Some(found) = &wanted.found {
            all.and_where(self.is_one_of(&found.owners));
        }
        let mut fitting = all.clone();
        for narrowing in &wanted.filter {
            fitting.and_where(narrowing.condition.clone());
        }
        let mut total = count(db, fitting.clone()).await?;
        if let Some(found) = &wanted.found {
            total = Count::at_least(total.number(), found.is_more);
        }
        let is_few = wanted.found.is_some() || (!wanted.filter.is_empty() && !total.is_more());
        let rows = if is_few { self.few(fitting, &wanted) } else { self.along(all, &wanted) };
        let place = wanted.cursor.map(|cursor| self.place(cursor, wanted.order));
        // The number of a part is no place where all rows before it would have to be looked at.
        let is_far = place.is_none() && wanted.page > 1 && !is_few && !beside_order(&wanted).is_empty();
        let is_lost = is_far || place.as_ref().is_some_and(Option::is_none);
        self.part(db, rows, place.flatten(), &wanted, total, is_lost).await
    }

    fn is_one_of(&self, owners: &[I]) -> SimpleExpr {
        Expr::col(self.id).is_in(owners.iter().cloned().map(Into::into))
    }

    fn columns(&self, order: Option<(Key, bool)>) -> Vec<&'static str> {
        [self.id].into_iter().chain(order.map(|(key, _)| key.column())).collect()
    }

    /// The rows that fit, read by the index of a filter; few enough to be sorted. The bound keeps a planner from anything else.
    fn few(&self, mut fitting: SelectStatement, wanted: &Wanted<'_, I>) -> SelectStatement {
        fitting.columns(self.columns(wanted.order)).limit(Count::MOST + 1);
        Query::select().from_subquery(fitting, "fitting").take()
    }

    /// The rows in their order, each of which is looked at whether it fits. A planner must not take the index of the filter instead, and sort
    /// half a million rows: hence the CASE, which has none. A filter on the column of the order is a part of its index.
    fn along(&self, mut all: SelectStatement, wanted: &Wanted<'_, I>) -> SelectStatement {
        let beside = beside_order(wanted);
        for narrowing in &wanted.filter {
            if beside.contains(&narrowing.column) {
                all.and_where(Expr::expr(Expr::case(narrowing.looked_at.clone(), 1).finally(0)).eq(1));
            } else {
                all.and_where(narrowing.condition.clone());
            }
        }
        all
    }

    /// The place that a cursor names: the value of the column that is sorted by, and the ID.
    fn place(&self, cursor: &Cursor, order: Option<(Key, bool)>) -> Option<(Option<Value>, I)> {
        let (Cursor::After(text) | Cursor::Before(text)) = cursor;
        let Some((key, _)) = order else { return Some((None, (self.read)(text)?)) };
        let (value, id) = text.split_once('.')?;
        Some((Some(key.read(value)?), (self.read)(id)?))
    }

    async fn part(
        &self,
        db: &DatabaseConnection,
        mut rows: SelectStatement,
        place: Option<(Option<Value>, I)>,
        wanted: &Wanted<'_, I>,
        total: Count,
        is_lost: bool,
    ) -> Result<Part<I>, Error> {
        let (column, falls) = wanted.order.map_or((self.id, false), |(key, falls)| (key.column(), falls));
        let is_backward = place.is_some() && matches!(wanted.cursor, Some(Cursor::Before(_)));
        let falls = falls != is_backward;
        let page = PageRequest::new(if is_lost { 1 } else { wanted.page }, wanted.limit);
        match &place {
            Some((value, id)) => {
                rows.and_where(behind(column, value.clone(), self.id, id.clone().into(), falls));
            }
            None => {
                rows.offset(page.offset());
            }
        }
        let order = if falls { Order::Desc } else { Order::Asc };
        rows.clear_selects().columns(self.columns(wanted.order));
        rows.order_by(column, order.clone());
        if wanted.order.is_some() {
            rows.order_by(self.id, order);
        }
        let mut found = Vec::new();
        for row in db.query_all(rows.limit(wanted.limit + 1)).await? {
            let id: I = row.try_get("", self.id)?;
            let named = match wanted.order {
                Some((key, _)) => format!("{}.{}", key.write(&row)?, (self.write)(&id)),
                None => (self.write)(&id),
            };
            found.push((id, named));
        }
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let is_more = found.len() > limit;
        found.truncate(limit);
        if is_backward {
            found.reverse();
        }
        let (is_after, is_before) =
            if is_backward { (is_more, true) } else { (place.is_some() || page.number > 1, is_more) };
        let named = |row: Option<&(I, String)>| row.map(|(_, named)| named.clone());
        Ok(Part {
            page: number(is_after, wanted.cursor, wanted.page, page),
            previous: named(found.first().filter(|_| is_after)),
            next: named(found.last().filter(|_| is_before)),
            rows: found.into_iter().map(|(id, _)| id).collect(),
            total,
            is_lost,
        })
    }

    /// Those of what was found that fit a filter.
    async fn narrow(&self, db: &DatabaseConnection, found: &Found<I>, filter: &[Narrowing]) -> Result<Vec<I>, Error> {
        if filter.is_empty() {
            return Ok(found.owners.clone());
        }
        let mut fitting =
            Query::select().column(self.id).from(self.table).and_where(self.is_one_of(&found.owners)).take();
        for narrowing in filter {
            fitting.and_where(narrowing.condition.clone());
        }
        let rows = db.query_all(&fitting).await?;
        let fitting = rows.iter().map(|row| Ok(row.try_get("", self.id)?)).collect::<Result<HashSet<I>, Error>>()?;
        Ok(found.owners.iter().filter(|owner| fitting.contains(owner)).cloned().collect())
    }

    /// A part of what was found, in the order in which it was found.
    fn slice(&self, owners: &[I], total: Count, wanted: &Wanted<'_, I>) -> Part<I> {
        cut(owners, total, self.write, wanted.cursor, PageRequest::new(wanted.page, wanted.limit), wanted.page)
    }
}

/// A part of a list of which all rows are at hand. `page` is the number that the address says.
fn cut<T: Clone>(
    all: &[T],
    total: Count,
    name: impl Fn(&T) -> String,
    cursor: Option<&Cursor>,
    request: PageRequest,
    page: u64,
) -> Part<T> {
    let limit = usize::try_from(request.size).unwrap_or(usize::MAX);
    let at = |text: &str| all.iter().position(|row| name(row) == text);
    let begin = match cursor {
        Some(Cursor::After(text)) => at(text).map(|at| at + 1),
        Some(Cursor::Before(text)) => at(text).map(|at| at.saturating_sub(limit)),
        None => usize::try_from(request.offset()).ok(),
    };
    let end = match cursor {
        Some(Cursor::Before(text)) => at(text).unwrap_or(limit),
        _ => begin.unwrap_or_default().saturating_add(limit),
    };
    let end = end.min(all.len());
    let first = begin.unwrap_or_default().min(end);
    let rows = all.get(first..end).unwrap_or_default();
    Part {
        page: number(first > 0, cursor, page, request),
        previous: rows.first().filter(|_| first > 0).map(&name),
        next: rows.last().filter(|_| end < all.len()).map(&name),
        rows: rows.to_vec(),
        total,
        is_lost: begin.is_none(),
    }
}

/// Sorts a list of which all rows that fit are at hand, and cuts the part out of it that is asked for. Rows with one key are in the order of
/// their names.
pub(crate) fn arrange<F: Filter, T: Clone>(
    mut rows: Vec<T>,
    listing: &Listing<F>,
    key: impl Fn(&T, F::Column) -> SortKey,
    name: impl Fn(&T) -> String,
) -> Part<T> {
    if let Some(order) = listing.shown_order() {
        rows.sort_by_cached_key(|row| (key(row, order.by), name(row)));
        if order.descending {
            rows.reverse();
        }
    }
    let request = PageRequest::new(listing.page, listing.limit);
    cut(&rows, Count::new(rows.len() as u64), name, listing.cursor.as_ref(), request, listing.page)
}

/// The columns of a filter that the list is not sorted by.
fn beside_order<I>(wanted: &Wanted<'_, I>) -> Vec<&'static str> {
    let sorted_by = wanted.order.map(|(key, _)| key.column());
    wanted.filter.iter().map(|narrowing| narrowing.column).filter(|column| sorted_by != Some(*column)).collect()
}

/// The number of a part that comes behind others, or is the first one.
fn number(is_behind: bool, cursor: Option<&Cursor>, said: u64, request: PageRequest) -> u64 {
    match cursor {
        _ if !is_behind => 1,
        Some(_) => said,
        None => request.number,
    }
}

/// The condition that a row comes behind a place. The bound of the column is said twice, so that the index leads to the place.
fn behind(column: &'static str, value: Option<Value>, id: &'static str, last: Value, falls: bool) -> SimpleExpr {
    let past = |column: &'static str, value: Value| {
        let column = Expr::col(column);
        if falls { column.lt(value) } else { column.gt(value) }
    };
    let Some(value) = value else { return past(id, last) };
    let bound = if falls { Expr::col(column).lte(value.clone()) } else { Expr::col(column).gte(value.clone()) };
    bound.and(past(column, value).or(past(id, last)))
}

/// Rows in the order of their IDs.
pub(crate) fn in_order<I: Eq + Hash, R>(ids: &[I], rows: Vec<R>, id: impl Fn(&R) -> I) -> Vec<R> {
    let mut rows: HashMap<I, R> = rows.into_iter().map(|row| (id(&row), row)).collect();
    ids.iter().filter_map(|id| rows.remove(id)).collect()
}
