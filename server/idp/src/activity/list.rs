//! Events, as administrators read them.

use std::collections::{BTreeSet, HashMap};

use oauth::activity::{Event, EventFilter, EventKind, Outcome};
use oauth::count::Count;
use oauth::id::{ClientId, Subject};
use oauth::listing::Cursor;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait as _, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _,
};
use uuid::Uuid;

use super::sums::sum;
use crate::entity::event;
use crate::error::Error;
use crate::page::{Stretch, newest_first};
use crate::recycle::is_gone;
use crate::users::{account_id, subject_of};
use crate::{Idp, random};

/// Rows that are swept at once.
const BATCH: u64 = 500;

/// Events that a filter finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCount {
    /// Events as they are kept: lines of a list.
    pub lines: Count,
    /// Events that these stand for.
    pub told: u64,
}

impl Idp {
    /// Events that the filter finds, the newest first, beside a place in the list or from its beginning; at most `limit` and at most
    /// [`MOST_LISTED`](crate::MOST_LISTED).
    ///
    /// # Errors
    /// `NotFound` when the place is no ID, or when the database does not answer.
    pub async fn events(
        &self,
        filter: &EventFilter,
        place: Option<&Cursor>,
        limit: u64,
    ) -> Result<Stretch<Event>, Error> {
        let Some(which) = condition(filter) else { return Ok(Stretch::of(Vec::new(), limit)) };
        let found = event::Entity::find().filter(which);
        let found = newest_first(self.store.read(), found, event::Column::Id, place, limit).await?;
        Ok(found.with_rows(|rows| rows.into_iter().map(read).collect()))
    }

    /// The filter with its user by the subject: they may be named by user name or email address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn by_subject(&self, filter: &EventFilter) -> Result<EventFilter, Error> {
        let Some(called) = &filter.user else { return Ok(filter.clone()) };
        // Somebody who is gone is still called by the subject, whatever somebody else calls themselves.
        if let Ok(account) = account_id(called)
            && is_gone(self.store.read(), account).await?
        {
            return Ok(filter.clone());
        }
        let user = self.find_user_called(called.as_str()).await?.map_or_else(|| called.clone(), |user| user.subject);
        Ok(EventFilter { user: Some(user), ..filter.clone() })
    }

    /// Counts the events that the filter finds, as far as [`Count::MOST`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_events(&self, filter: &EventFilter) -> Result<EventCount, Error> {
        let Some(which) = condition(filter) else { return Ok(EventCount::default()) };
        let found = event::Entity::find()
            .select_only()
            .column(event::Column::Count)
            .filter(which)
            .order_by_desc(event::Column::Id)
            .limit(Count::MOST + 1)
            .into_query();
        let number = Func::count(Expr::col(Asterisk));
        let db = self.store.read();
        let told = sum(db.get_database_backend(), event::Column::Count);
        let counted =
            Query::select().expr_as(number, "number").expr_as(told, "told").from_subquery(found, "found").take();
        let row = db.query_one(&counted).await?.ok_or(Error::NotFound)?;
        let (number, told): (i64, Option<i64>) = (row.try_get("", "number")?, row.try_get("", "told")?);
        Ok(EventCount { lines: Count::new(number.unsigned_abs()), told: told.unwrap_or_default().unsigned_abs() })
    }

    /// The user names of those whom events are about, enabled or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn name_users(&self, events: &[Event]) -> Result<HashMap<Subject, String>, Error> {
        let accounts = events.iter().filter_map(|event| account_id(event.user.as_ref()?).ok()).collect();
        let names = self.usernames(accounts).await?;
        Ok(names.into_iter().map(|(account, name)| (subject_of(account), name)).collect())
    }

    /// The names of the things that were changed, by the ID of the event that tells of it. Users are named by [`Self::name_users`]; what
    /// is gone has no name, and what has nothing but its ID neither.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn name_targets(&self, events: &[Event]) -> Result<HashMap<String, String>, Error> {
        let changes = events.iter().filter(|event| event.kind == EventKind::Change);
        let targets: Vec<(&str, String, String)> = changes
            .filter_map(|event| {
                let action = event.fact("action")?;
                Some((event.id.as_str(), action.split_once('.')?.0.to_owned(), event.fact("target")?))
            })
            .collect();
        let of =
            |kind: &'static str| targets.iter().filter(move |target| target.1 == kind).map(|target| target.2.as_str());
        let ids = |kind| of(kind).filter_map(|id| Uuid::parse_str(id).ok()).collect::<BTreeSet<_>>();
        let clients = self.client_names(of("client").collect()).await?;
        let resources = self.resource_names(ids("resource")).await?;
        let trusts = self.trust_names(ids("trust")).await?;
        let named = |kind: &str, target: &str| match kind {
            "client" => clients.get(target),
            "resource" => resources.get(&Uuid::parse_str(target).ok()?),
            "trust" => trusts.get(&Uuid::parse_str(target).ok()?),
            _ => None,
        };
        let names =
            targets.iter().filter_map(|(id, kind, target)| Some(((*id).to_owned(), named(kind, target)?.clone())));
        Ok(names.collect())
    }

    /// The event.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_event(&self, id: &str) -> Result<Event, Error> {
        let id = Uuid::parse_str(id).map_err(|_| Error::NotFound)?;
        event::Entity::find_by_id(id).one(self.store.read()).await?.map(read).ok_or(Error::NotFound)
    }
}

/// `None`: nobody has that name, so there is nothing about them.
fn condition(filter: &EventFilter) -> Option<Condition> {
    let account = filter.user.as_ref().map(account_id).transpose().ok()?;
    // Only what was refused has the code of a refusal.
    let outcome = filter.outcome.or(filter.error.as_ref().map(|_| Outcome::Refused));
    // Refusals have an index of their own, which is found by the very words of its condition. What went well has none.
    let refused = Expr::cust("'refused'");
    let (refused, ok) = match outcome {
        Some(Outcome::Refused) => (Some(refused), None),
        Some(Outcome::Ok) => (None, Some(Expr::value(Outcome::Ok.as_str()))),
        None => (None, None),
    };
    use event::Column as C;
    let parts: [(C, Option<SimpleExpr>); 8] = [
        (C::RequestId, filter.request_id.as_deref().map(Expr::value)),
        (C::AccountId, account.map(Expr::value)),
        (C::ClientId, filter.client.as_ref().map(|client| Expr::value(client.as_str()))),
        (C::Address, filter.address.as_deref().map(Expr::value)),
        (C::Outcome, refused),
        (C::Error, filter.error.as_deref().map(Expr::value)),
        (C::Kind, filter.kind.map(|kind| Expr::value(kind.as_str()))),
        (C::Outcome, ok),
    ];
    let mut parts = parts.into_iter().filter_map(|(column, value)| Some((column, value?)));
    // The first is the most telling, and looked up in its index. SQLite knows no better, so those that tell less are kept from it.
    let found = Condition::all().add_option(parts.next().map(|(column, value)| Expr::col(column).eq(value)));
    let found = parts.fold(found, |found, (column, value)| {
        let column = Expr::col(column);
        found.add(ExprTrait::eq(Expr::expr(Func::coalesce([column.clone(), column])), value))
    });
    // IDs begin with the time, and every index ends with the ID.
    let found = found
        .add_option(filter.since.map(|at| C::Id.gte(random::first_uuid_v7(at))))
        .add_option(filter.until.map(|at| C::Id.lt(random::first_uuid_v7(at))));
    Some(found)
}

pub(super) fn read(row: event::Model) -> Event {
    Event {
        id: row.id.to_string(),
        at: Timestamp(row.at),
        kind: EventKind::find(&row.kind).unwrap_or_default(),
        outcome: Outcome::find(&row.outcome).unwrap_or_default(),
        error: row.error,
        request_id: row.request_id,
        user: row.account_id.map(subject_of),
        client: row.client_id.map(ClientId::new),
        scope: row.scope,
        address: row.address,
        agent: row.agent,
        count: row.count,
        facts: serde_json::from_str(&row.facts).unwrap_or_default(),
    }
}

/// Deletes a batch of events from before `since`. Changes stay.
pub(crate) async fn sweep(tx: &DatabaseTransaction, since: Timestamp) -> Result<u64, Error> {
    let passing = EventKind::ALL.iter().filter(|kind| **kind != EventKind::Change).map(|kind| kind.as_str());
    let old = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::Id.lt(random::first_uuid_v7(since)))
        .filter(event::Column::Kind.is_in(passing))
        .limit(BATCH)
        .into_query();
    // MySQL wants a LIMIT inside IN to be one level deeper.
    let keys = Query::select().column(event::Column::Id).from_subquery(old, "old").to_owned();
    let swept = event::Entity::delete_many().filter(event::Column::Id.in_subquery(keys)).exec(tx).await?;
    Ok(swept.rows_affected)
}

/// Takes away what events say of a person who was deleted: that something happened stays, and that it was about them. Changes say
/// nothing else of them; those that they made themselves are the matter of [`crate::audit`].
pub(crate) async fn forget(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    event::Entity::update_many()
        .col_expr(event::Column::Address, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Agent, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Facts, Expr::value("{}"))
        .col_expr(event::Column::ClientId, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Scope, Expr::value(Option::<String>::None))
        .col_expr(event::Column::RequestId, Expr::value(Option::<String>::None))
        .filter(event::Column::AccountId.eq(account))
        .filter(event::Column::Kind.ne(EventKind::Change.as_str()))
        // What says nothing any more is not written again.
        .filter(says_something())
        .exec(tx)
        .await?;
    Ok(())
}

fn says_something() -> Condition {
    use event::Column as C;
    let texts = [C::Address, C::Agent, C::ClientId, C::Scope, C::RequestId];
    let any = texts.into_iter().fold(Condition::any(), |any, column| any.add(column.is_not_null()));
    any.add(C::Facts.ne("{}"))
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement};

    use super::*;
    use crate::clock::Clock;
    use crate::testing::{Kind, TestDatabase, open_node};

    /// SQLite's plan for a page of the events that a filter finds.
    async fn plan(idp: &Idp, filter: EventFilter) -> String {
        let query = event::Entity::find().filter(condition(&filter).unwrap());
        let statement = query.order_by_desc(event::Column::Id).limit(51).build(DbBackend::Sqlite);
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let explain = Statement::from_sql_and_values(DbBackend::Sqlite, explain, values);
        let rows = idp.store.read().query_all_raw(explain).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        steps.join("; ")
    }

    #[tokio::test]
    async fn a_filter_walks_an_index_in_the_order_of_the_list() {
        let database = TestDatabase::create(Kind::Sqlite).await.unwrap();
        let idp = open_node(&database, &Clock::fixed(Timestamp(1_800_000_000))).await;
        let address = EventFilter { address: Some("192.0.2.7".to_owned()), ..EventFilter::default() };
        let error = EventFilter { error: Some("invalid_client".to_owned()), ..EventFilter::default() };
        let refused = EventFilter { outcome: Some(Outcome::Refused), ..EventFilter::default() };
        let refused_sign_ins = EventFilter { kind: Some(EventKind::SignIn), ..refused.clone() };
        let sign_ins = EventFilter { outcome: Some(Outcome::Ok), ..refused_sign_ins.clone() };
        let client = EventFilter { client: Some(ClientId::new("web")), ..address.clone() };
        for (filter, index) in [
            (EventFilter { kind: Some(EventKind::SignIn), ..address.clone() }, "ix_event_address"),
            (address, "ix_event_address"),
            (error, "ix_event_refused"),
            (refused, "ix_event_refused"),
            (refused_sign_ins, "ix_event_refused"),
            (sign_ins, "ix_event_kind"),
            (client, "ix_event_client_id"),
        ] {
            let plan = plan(&idp, filter).await;
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{index}: {plan}");
        }
    }
}
