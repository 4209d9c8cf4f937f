//! Sums of events, written with the events themselves: what the dashboard shows is what the list holds. There are sums for the bars of each
//! span, so that no figure is made of many rows.
//!
//! Changes are not among them. Clients have sums while they are registered: strangers have more names than anybody wants to keep.

use std::collections::{BTreeMap, HashSet};

use oauth::activity::{EventKind, Outcome, Span, Volume};
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

/// Clients that are named as those refused most.
const MOST_CLIENTS: u64 = 5;

/// Figures of a span. They are sums of the events since `begin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivitySums {
    /// The beginning of the span, or of its first bar of which all events are kept.
    pub begin: Timestamp,
    pub bars: Vec<BarSum>,
    /// Refusals by code, the most frequent first. The empty one: events that could not be kept.
    pub refusals: Vec<(String, u64)>,
    /// The registered clients with the most refusals.
    pub clients: Vec<(ClientId, u64)>,
}

/// Sign-ins, tokens, or refusals of any kind in one bar.
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
        let (bars, refusals, clients) = tokio::try_join!(
            self.sum_bars(span, begin),
            self.sum_refusals(span, begin),
            self.sum_clients(span, begin)
        )?;
        Ok(ActivitySums { begin, bars, refusals, clients })
    }

    async fn sum_bars(&self, span: Span, begin: Timestamp) -> Result<Vec<BarSum>, Error> {
        use event_sum::Column as C;
        let db = self.store.read();
        let shown = [EventKind::SignIn, EventKind::Token].map(EventKind::as_str);
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

    async fn sum_refusals(&self, span: Span, begin: Timestamp) -> Result<Vec<(String, u64)>, Error> {
        use event_sum::Column as C;
        let db = self.store.read();
        let mut sums: Vec<(String, i64)> = event_sum::Entity::find()
            .select_only()
            .column(C::Error)
            .expr(sum(db.get_database_backend(), C::Count))
            .filter(C::Step.eq(span.step()))
            .filter(C::Since.gte(begin.0))
            .filter(C::Outcome.eq(Outcome::Refused.as_str()))
            .group_by(C::Error)
            .into_tuple()
            .all(db)
            .await?;
        sums.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        Ok(sums.into_iter().map(|(error, count)| (error, count.unsigned_abs())).collect())
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
        if let Some(client) = event.client_id.as_ref().filter(|_| event.outcome == Outcome::Refused.as_str()) {
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
