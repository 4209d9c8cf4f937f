//! Messages to clients, and whose turn it is.
//!
//! Any node sends what is due. It claims a message by an UPDATE of what it read; the row is due again when the claim runs out, so that
//! the message of a node that died is sent by another one. Each client has a turn of a few seconds, next to the others, and no other
//! one before all have had theirs: clients that are slow, or for which very many messages wait, keep nobody waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use futures::future::join_all;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::Notify;

use crate::Idp;
use crate::error::Error;

/// The time between two looks for what is due.
const PERIOD: Duration = Duration::from_secs(1);

/// Clients that have a turn at once.
const CLIENTS: u64 = 16;

/// Messages to one client at once: as many as the door sends to one host.
const AT_ONCE: u64 = 4;

/// The time after which a client has no further message sent in this turn.
const TURN: Duration = Duration::from_secs(4);

/// Seconds that a claim holds: longer than a message may wait for its place, and take.
pub(crate) const CLAIM: i64 = 30;

/// The turns at one kind of message, in this process.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    due: Notify,
    /// The client that had the last one.
    last: ArcSwap<String>,
}

impl Turns {
    /// Something is due now.
    pub(crate) fn wake(&self) {
        self.due.notify_one();
    }
}

/// A table of messages to clients.
pub(crate) trait MessageTable: EntityTrait<Model: Send + Sync> {
    const CLIENT_ID: Self::Column;
    const DUE_AT: Self::Column;
    /// Seconds for which a client that cannot be reached is left alone.
    const REST: i64;

    /// The rows that are too old at `now` to be tried any more.
    fn too_old(now: Timestamp) -> SimpleExpr;

    fn turns(idp: &Idp) -> &Turns;

    /// Claims a message that was read, and sends it; true when its client was reached. `None`: another node has it.
    fn claim_and_send(idp: &Idp, row: Self::Model) -> impl Future<Output = Result<Option<bool>, Error>> + Send;
}

impl Idp {
    /// Sends what is due, and what becomes due. Runs until it is dropped. A database that is away is no reason to stop.
    pub(crate) async fn keep_sending<E: MessageTable>(&self) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = E::turns(self).due.notified() => {}
            }
            if let Err(error) = self.send_due::<E>().await {
                tracing::debug!(?error, "the messages to clients cannot be read");
            }
        }
    }

    /// Sends what is due, to each of some clients for a few seconds. Returns how many messages were sent or given up.
    pub(crate) async fn send_due<E: MessageTable>(&self) -> Result<u64, Error> {
        let clients = self.next_clients::<E>().await?;
        let turns = join_all(clients.iter().map(|client_id| self.take_turn::<E>(client_id))).await;
        turns.into_iter().sum()
    }

    /// The clients that have a turn now, in the order of their IDs from the one after the last on, round and round: however many
    /// messages some wait for, each client with any has a turn before one of them has another.
    pub(crate) async fn next_clients<E: MessageTable>(&self) -> Result<Vec<String>, Error> {
        let (last, now) = (E::turns(self).last.load_full(), self.now().0);
        let due = E::find().select_only().column(E::CLIENT_ID).distinct().filter(E::DUE_AT.lte(now));
        let due = due.order_by_asc(E::CLIENT_ID);
        let after = due.clone().filter(E::CLIENT_ID.gt(last.as_str())).limit(CLIENTS);
        let mut clients: Vec<String> = after.into_tuple().all(self.store.read()).await?;
        let left = CLIENTS.saturating_sub(clients.len() as u64);
        if left > 0 && !last.is_empty() {
            let before = due.filter(E::CLIENT_ID.lte(last.as_str())).limit(left);
            clients.extend(before.into_tuple::<String>().all(self.store.read()).await?);
        }
        if let Some(client) = clients.last() {
            E::turns(self).last.store(Arc::new(client.clone()));
        }
        Ok(clients)
    }

    async fn take_turn<E: MessageTable>(&self, client_id: &str) -> Result<u64, Error> {
        let (began, mut sent) = (Instant::now(), 0);
        loop {
            let due = E::find()
                .filter(E::CLIENT_ID.eq(client_id))
                .filter(E::DUE_AT.lte(self.now().0))
                .order_by_asc(E::DUE_AT)
                .limit(AT_ONCE)
                .all(self.store.read())
                .await?;
            if due.is_empty() || began.elapsed() > TURN {
                return Ok(sent);
            }
            let tried = join_all(due.into_iter().map(|row| E::claim_and_send(self, row))).await;
            let tried = tried.into_iter().collect::<Result<Vec<Option<bool>>, _>>()?;
            sent += tried.iter().flatten().count() as u64;
            if tried.contains(&Some(false)) {
                self.postpone::<E>(client_id).await?;
                return Ok(sent);
            }
        }
    }

    /// Lets the other messages to a client that cannot be reached wait, so that they take no turns from others, and gives up those that
    /// have waited too long.
    async fn postpone<E: MessageTable>(&self, client_id: &str) -> Result<(), Error> {
        let now = self.now();
        let due = || E::update_many().filter(E::CLIENT_ID.eq(client_id)).filter(E::DUE_AT.lte(now.0));
        let give_up = due().col_expr(E::DUE_AT, Expr::value(None::<i64>)).filter(E::too_old(now));
        let wait = due().col_expr(E::DUE_AT, Expr::value(now.0 + E::REST));
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                give_up.exec(tx).await?;
                wait.exec(tx).await?;
                Ok::<_, Error>(())
            })
        });
        written.await
    }
}
