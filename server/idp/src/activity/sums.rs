//! Sums of events, written with the events themselves: what the dashboard shows is what the list holds. There are sums for the bars of each
//! span, so that no figure is made of many rows.
//!
//! Changes are not among them. Clients have sums while they are registered: strangers have more names than anybody wants to keep.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use oauth::activity::{EventKind, Outcome, Span, Volume};
use oauth::error::ErrorCode;
use oauth::id::ClientId;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, Func, OnConflict, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait as _, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::Idp;
use crate::entity::{client, client_refusal, event, event_sum};
use crate::error::Error;

/// Bars of a span that are kept beyond those that are shown.
const MORE_BARS: i64 = 2;

/// Days that the last one is compared with.
const DAYS_BEFORE: i64 = 7;

/// Clients that are named as those refused most.
const MOST_CLIENTS: u64 = 5;

/// Figures of a span. They are sums of the events since `begin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivitySums {
    /// The beginning of the span, or of its first bar of which all events are kept.
    pub begin: Timestamp,
    pub bars: Vec<BarSum>,
    /// Refusals by code, the most frequent first. The empty one: events that could not be kept.
    pub codes: Vec<CodeSum>,
    /// The registered clients with the most refusals, but for those of [`ErrorCode::ROUTINE`].
    pub clients: Vec<(ClientId, u64)>,
}

/// Refusals with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSum {
    pub error: String,
    pub count: u64,
    /// Nobody got it but at the console and the admin API.
    pub is_of_admins: bool,
}

/// The refusals of the last 24 hours, and of the days before; but for those of administrators, and of [`ErrorCode::ROUTINE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalTrend {
    /// The beginning of the first hour that is counted.
    pub begin: Timestamp,
    pub last_day: u64,
    /// The most on one of the days before.
    pub most_before: u64,
    /// Something was counted on one of the days before, so that they can be compared with.
    pub knows_before: bool,
}

/// Sign-ins, tokens, replays of refresh tokens, or refusals of any kind in one bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarSum {
    /// The beginning of the bar.
    pub at: Timestamp,
    pub kind: EventKind,
    pub outcome: Outcome,
    pub count: u64,
}

impl Idp {
    /// The amount of activity that is kept.
    #[must_use]
    pub fn activity_volume(&self) -> Volume {
        self.options.tunables.activity
    }

    /// The figures of a span that ends now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sum_activity(&self, span: Span) -> Result<ActivitySums, Error> {
        let kept = self.options.tunables.activity_retention.map(|seconds| self.now().0 - seconds);
        // The sweep may be at work within the bar that it has come to.
        let whole = kept.map(|since| since.div_euclid(span.step()).saturating_add(1).saturating_mul(span.step()));
        let begin = span.begin(self.now()).max(Timestamp(whole.unwrap_or_default()));
        let (bars, codes, clients) =
            tokio::try_join!(self.sum_bars(span, begin), self.sum_codes(span, begin), self.sum_clients(span, begin))?;
        Ok(ActivitySums { begin, bars, codes, clients })
    }

    async fn sum_bars(&self, span: Span, begin: Timestamp) -> Result<Vec<BarSum>, Error> {
        use event_sum::Column as C;
        let db = self.store.read();
        let shown = [EventKind::SignIn, EventKind::Token, EventKind::RefreshReplay].map(EventKind::as_str);
        let query = Query::select()
            .columns([C::Since, C::Kind, C::Outcome])
            .expr_as(sum(db.get_database_backend(), C::Count), "sum")
            .from(event_sum::Entity)
            .and_where(C::Step.eq(span.step()))
            .and_where(C::Since.gte(begin.0))
            .and_where(C::Outcome.eq(Outcome::Refused.as_str()).or(C::Kind.is_in(shown)))
            .group_by_columns([C::Since, C::Kind, C::Outcome])
            .take();
        let read = |row: sea_orm::QueryResult| {
            let (kind, outcome): (String, String) = (row.try_get("", "kind")?, row.try_get("", "outcome")?);
            Ok(BarSum {
                at: Timestamp(row.try_get("", "since")?),
                kind: EventKind::find(&kind).unwrap_or_default(),
                outcome: Outcome::find(&outcome).unwrap_or_default(),
                count: row.try_get::<i64>("", "sum")?.unsigned_abs(),
            })
        };
        db.query_all(&query).await?.into_iter().map(read).collect()
    }

    async fn sum_codes(&self, span: Span, begin: Timestamp) -> Result<Vec<CodeSum>, Error> {
        use event_sum::Column as C;
        let db = self.store.read();
        let rows: Vec<(String, String, i64)> = event_sum::Entity::find()
            .select_only()
            .columns([C::Error, C::Kind])
            .expr(sum(db.get_database_backend(), C::Count))
            .filter(C::Step.eq(span.step()))
            .filter(C::Since.gte(begin.0))
            .filter(C::Outcome.eq(Outcome::Refused.as_str()))
            .group_by(C::Error)
            .group_by(C::Kind)
            .into_tuple()
            .all(db)
            .await?;
        let mut sums: BTreeMap<String, CodeSum> = BTreeMap::new();
        for (error, kind, count) in rows {
            let empty = CodeSum { error: error.clone(), count: 0, is_of_admins: true };
            let sum = sums.entry(error).or_insert(empty);
            sum.count += count.unsigned_abs();
            sum.is_of_admins &= kind == EventKind::Admin.as_str();
        }
        let mut sums: Vec<_> = sums.into_values().collect();
        sums.sort_by_key(|sum| Reverse(sum.count));
        Ok(sums)
    }

    /// The refusals of the last 24 hours beside those of the seven days before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refusal_trend(&self) -> Result<RefusalTrend, Error> {
        let begin = Span::Day.begin(self.now());
        let day = Span::Month.step();
        let days = begin.plus(-begin.0.rem_euclid(day));
        let (last, before, knows_before) = tokio::try_join!(
            self.sum_refused(Span::Day, begin, Timestamp(i64::MAX)),
            self.sum_refused(Span::Month, days.plus(-DAYS_BEFORE * day), days),
            self.has_counted_before(days)
        )?;
        Ok(RefusalTrend {
            begin,
            last_day: last.iter().sum(),
            most_before: before.into_iter().max().unwrap_or_default(),
            knows_before,
        })
    }

    /// True where anything was counted on a day before this one.
    async fn has_counted_before(&self, day: Timestamp) -> Result<bool, Error> {
        use event_sum::Column as C;
        let counted = event_sum::Entity::find().filter(C::Step.eq(Span::Month.step())).filter(C::Since.lt(day.0));
        Ok(counted.one(self.store.read()).await?.is_some())
    }

    /// The refusals in each bar that has some.
    async fn sum_refused(&self, span: Span, since: Timestamp, until: Timestamp) -> Result<Vec<u64>, Error> {
        use event_sum::Column as C;
        let db = self.store.read();
        let sums: Vec<i64> = event_sum::Entity::find()
            .select_only()
            .expr(sum(db.get_database_backend(), C::Count))
            .filter(C::Step.eq(span.step()))
            .filter(C::Since.gte(since.0))
            .filter(C::Since.lt(until.0))
            .filter(C::Outcome.eq(Outcome::Refused.as_str()))
            .filter(C::Kind.ne(EventKind::Admin.as_str()))
            .filter(C::Error.is_not_in(ErrorCode::ROUTINE.map(ErrorCode::as_str)))
            .group_by(C::Since)
            .into_tuple()
            .all(db)
            .await?;
        Ok(sums.into_iter().map(i64::unsigned_abs).collect())
    }

    async fn sum_clients(&self, span: Span, begin: Timestamp) -> Result<Vec<(ClientId, u64)>, Error> {
        use client_refusal::Column as C;
        let db = self.store.read();
        let total = sum(db.get_database_backend(), C::Count);
        let sums: Vec<(String, i64)> = client_refusal::Entity::find()
            .select_only()
            .column(C::ClientId)
            .expr(total.clone())
            .filter(C::Step.eq(span.step()))
            .filter(C::Since.gte(begin.0))
            .group_by(C::ClientId)
            .order_by(total, Order::Desc)
            .order_by_asc(C::ClientId)
            .limit(MOST_CLIENTS)
            .into_tuple()
            .all(db)
            .await?;
        Ok(sums.into_iter().map(|(client, count)| (ClientId::new(client), count.unsigned_abs())).collect())
    }
}

/// The sum of a column as a whole number: servers make a decimal one of it.
pub(super) fn sum(backend: DbBackend, column: impl sea_orm::sea_query::IntoColumnRef) -> SimpleExpr {
    let whole = if backend == DbBackend::MySql { "SIGNED" } else { "BIGINT" };
    Expr::expr(Func::sum(Expr::col(column))).cast_as(whole)
}

/// Counts events that are written in the same transaction. It goes by one order, so that no two nodes wait for each other.
pub(super) async fn add(tx: &DatabaseTransaction, events: &[event::Model]) -> Result<(), Error> {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    let mut refusals: BTreeMap<_, i64> = BTreeMap::new();
    for (event, span) in events.iter().flat_map(|event| Span::ALL.iter().map(move |span| (event, span))) {
        let (step, since) = (span.step(), event.at - event.at.rem_euclid(span.step()));
        let error = event.error.clone().unwrap_or_default();
        *sums.entry((step, since, event.kind.clone(), event.outcome.clone(), error)).or_default() += event.count;
        let is_failure =
            event.outcome == Outcome::Refused.as_str() && !event.error.as_deref().is_some_and(ErrorCode::is_routine);
        if let Some(client) = event.client_id.as_ref().filter(|_| is_failure) {
            *refusals.entry((step, since, client.clone())).or_default() += event.count;
        }
    }
    for ((step, since, kind, outcome, error), count) in sums {
        use event_sum::{Column as C, Entity, Model};
        let more = OnConflict::columns([C::Step, C::Since, C::Kind, C::Outcome, C::Error])
            .value(C::Count, Expr::col((Entity, C::Count)).add(count))
            .to_owned();
        let row = Model { step, since, kind, outcome, error, count };
        Entity::insert(row.into_active_model()).on_conflict(more).exec_without_returning(tx).await?;
    }
    let registered = registered(tx, refusals.keys().map(|(.., client)| client.clone()).collect()).await?;
    for ((step, since, client_id), count) in
        refusals.into_iter().filter(|((.., client), _)| registered.contains(client))
    {
        use client_refusal::{Column as C, Entity, Model};
        let more = OnConflict::columns([C::Step, C::Since, C::ClientId])
            .value(C::Count, Expr::col((Entity, C::Count)).add(count))
            .to_owned();
        let row = Model { step, since, client_id, count };
        Entity::insert(row.into_active_model()).on_conflict(more).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn registered(tx: &DatabaseTransaction, names: HashSet<String>) -> Result<HashSet<String>, Error> {
    if names.is_empty() {
        return Ok(names);
    }
    let rows = client::Entity::find().select_only().column(client::Column::ClientId);
    let rows = rows.filter(client::Column::ClientId.is_in(names)).into_tuple::<String>().all(tx).await?;
    Ok(rows.into_iter().collect())
}

/// Deletes sums that nobody will see again.
pub(crate) async fn sweep(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    let mut swept = 0;
    for span in Span::ALL {
        let (step, before) = (span.step(), span.begin(now).plus(-MORE_BARS * span.step()).0);
        let old = event_sum::Column::Step.eq(step).and(event_sum::Column::Since.lt(before));
        swept += event_sum::Entity::delete_many().filter(old).exec(tx).await?.rows_affected;
        let old = client_refusal::Column::Step.eq(step).and(client_refusal::Column::Since.lt(before));
        swept += client_refusal::Entity::delete_many().filter(old).exec(tx).await?.rows_affected;
    }
    Ok(swept)
}
