//! Rows of an earlier version, brought to what this version writes: names get the keys of today, and users and clients the terms they
//! are searched by and the keys they are sorted by. It goes on beside requests, a batch at a time, once for a database. Nobody has to
//! wait for it: until it is done, names are also found under the keys that they had, a search finds fewer, and names are sorted as they
//! are written.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{account, client};
use crate::error::Error;
use crate::{Idp, clients, settings, users};

/// Rows of a batch.
const BATCH: u64 = 250;

/// The setting that says what was caught up with.
const CAUGHT_UP: &str = "caught_up";

/// The name of a round of catching up; another word is another round.
const ROUND: &str = "names, terms and orders";

impl Idp {
    /// Brings the rows of an earlier version to this one, unless that was done.
    ///
    /// # Errors
    /// When the database does not answer; what is left is done the next time.
    pub async fn catch_up(&self) -> Result<(), Error> {
        if settings::find(self.store.read(), CAUGHT_UP).await?.as_deref() == Some(ROUND) {
            return Ok(());
        }
        let mut last = Uuid::nil();
        while let Some(next) = self.store.write(move |tx| Box::pin(accounts(tx, last))).await? {
            last = next;
            tokio::task::yield_now().await;
        }
        let mut last = String::new();
        while let Some(next) = self.store.write(move |tx| Box::pin(some_clients(tx, last))).await? {
            last = next;
            tokio::task::yield_now().await;
        }
        let done = self.store.write(|tx| Box::pin(async move { settings::put(tx, CAUGHT_UP, ROUND).await })).await;
        self.after_change(done)
    }
}

/// The accounts after one; the last of them, or `None` when there are no more. They are locked, so that nobody changes what was read.
async fn accounts(tx: &DatabaseTransaction, last: Uuid) -> Result<Option<Uuid>, Error> {
    let rows = account::Entity::find()
        .filter(account::Column::Id.gt(last))
        .order_by_asc(account::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .all(tx)
        .await?;
    for row in &rows {
        users::catch_up(tx, row).await?;
    }
    Ok(rows.last().map(|row| row.id))
}

async fn some_clients(tx: &DatabaseTransaction, last: String) -> Result<Option<String>, Error> {
    let rows = client::Entity::find()
        .filter(client::Column::ClientId.gt(last))
        .order_by_asc(client::Column::ClientId)
        .limit(BATCH)
        .lock_exclusive()
        .all(tx)
        .await?;
    for row in &rows {
        clients::write_terms(tx, &clients::read_client(row)?).await?;
    }
    Ok(rows.into_iter().next_back().map(|row| row.client_id))
}
