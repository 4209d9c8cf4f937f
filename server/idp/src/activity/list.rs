//! Events, as administrators read them.

use oauth::activity::{Event, EventFilter, EventKind, Outcome};
use oauth::id::ClientId;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
};
use uuid::Uuid;

use crate::Idp;
use crate::entity::event;
use crate::error::Error;
use crate::page::{MOST_LISTED, Stretch};
use crate::users::{account_id, subject_of};

/// Rows that are swept at once.
const BATCH: u64 = 500;

impl Idp {
    /// Events that the filter finds, the newest first: those before the one called `before`, or the newest of all; at most `limit` and at
    /// most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when `before` is no ID, or when the database does not answer.
    pub async fn events(
        &self,
        filter: &EventFilter,
        before: Option<&str>,
        limit: u64,
    ) -> Result<Stretch<Event>, Error> {
        let limit = limit.min(MOST_LISTED);
        let Some(which) = condition(filter) else { return Ok(Stretch::of(Vec::new(), limit)) };
        let mut query = event::Entity::find().filter(which);
        if let Some(before) = before {
            query = query.filter(event::Column::Id.lt(Uuid::parse_str(before).map_err(|_| Error::NotFound)?));
        }
        let rows = query.order_by_desc(event::Column::Id).limit(limit + 1).all(self.store.read()).await?;
        Ok(Stretch::of(rows.into_iter().map(read).collect(), limit))
    }

    /// Events after the one called `after`, the oldest first: for whoever follows. At most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when `after` is no ID, or when the database does not answer.
    pub async fn events_since(&self, filter: &EventFilter, after: Option<&str>) -> Result<Vec<Event>, Error> {
        let Some(which) = condition(filter) else { return Ok(Vec::new()) };
        let mut query = event::Entity::find().filter(which);
        if let Some(after) = after {
            query = query.filter(event::Column::Id.gt(Uuid::parse_str(after).map_err(|_| Error::NotFound)?));
        }
        let rows = query.order_by_asc(event::Column::Id).limit(MOST_LISTED).all(self.store.read()).await?;
        Ok(rows.into_iter().map(read).collect())
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
    let client = filter.client.as_ref().map(ClientId::as_str);
    use event::Column as C;
    Some(
        Condition::all()
            .add_option(filter.since.map(|at| C::At.gte(at.0)))
            .add_option(filter.until.map(|at| C::At.lt(at.0)))
            .add_option(filter.kind.map(|kind| C::Kind.eq(kind.as_str())))
            .add_option(filter.outcome.map(|outcome| C::Outcome.eq(outcome.as_str())))
            .add_option(account.map(|account| C::AccountId.eq(account)))
            .add_option(client.map(|client| C::ClientId.eq(client)))
            .add_option(filter.address.as_deref().map(|address| C::Address.eq(address)))
            .add_option(filter.request_id.as_deref().map(|id| C::RequestId.eq(id))),
    )
}

fn read(row: event::Model) -> Event {
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
    let old = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::At.lt(since.0))
        .filter(event::Column::Kind.ne(EventKind::Change.as_str()))
        .limit(BATCH)
        .into_query();
    // MySQL wants a LIMIT inside IN to be one level deeper.
    let keys = Query::select().column(event::Column::Id).from_subquery(old, "old").to_owned();
    let swept = event::Entity::delete_many().filter(event::Column::Id.in_subquery(keys)).exec(tx).await?;
    Ok(swept.rows_affected)
}

/// Takes away what events say of a person who was deleted: that something happened stays, and that it was about them.
pub(crate) async fn forget(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    event::Entity::update_many()
        .col_expr(event::Column::Address, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Agent, Expr::value(Option::<String>::None))
        .col_expr(event::Column::Facts, Expr::value("{}"))
        .filter(event::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}
