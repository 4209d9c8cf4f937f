//! Clients, held as they were judged while something is written for them.
//!
//! A client is authenticated and judged by a copy that was read before. What is written for it repeats what it stands on: the
//! client is there, enabled, and has the stamp of the copy. The row is locked until the commit, so whoever changes the client,
//! or takes a secret away, either waits for what is being written, or is found to have been here first. SQLite needs no lock:
//! it has one writer.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, Select,
};

use crate::catalog::RegisteredClient;
use crate::entity::client;
use crate::error::Error;

/// A client as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) client_id: String,
    pub(crate) stamp: i64,
}

impl From<&RegisteredClient> for Judged {
    fn from(client: &RegisteredClient) -> Self {
        Self { client_id: client.client.client_id.to_string(), stamp: client.stamp }
    }
}

impl Judged {
    /// Keeps the client from being changed until the commit, after whoever is changing it now. To be called before anything
    /// else is locked.
    pub(crate) async fn lock(&self, tx: &DatabaseTransaction) -> Result<(), Error> {
        if tx.get_database_backend() != DbBackend::Sqlite {
            self.find().lock_shared().into_tuple::<String>().one(tx).await?;
        }
        Ok(())
    }

    /// The condition that it is as it was. For a statement behind [`Judged::lock`].
    pub(crate) fn is_unchanged(&self) -> SimpleExpr {
        Expr::exists(self.find().into_query())
    }

    /// The same as a question.
    pub(crate) async fn check_unchanged(&self, tx: &DatabaseTransaction) -> Result<bool, Error> {
        Ok(self.find().into_tuple::<String>().one(tx).await?.is_some())
    }

    fn find(&self) -> Select<client::Entity> {
        client::Entity::find_by_id(self.client_id.as_str())
            .filter(client::Column::Stamp.eq(self.stamp))
            .filter(client::Column::Enabled.eq(true))
            .select_only()
            .column(client::Column::ClientId)
    }
}

/// Locks the clients, and returns those that are there and enabled with their stamps: one statement, however many there are.
pub(crate) async fn lock_all(
    tx: &DatabaseTransaction,
    clients: BTreeSet<String>,
) -> Result<BTreeMap<String, i64>, Error> {
    let found: Vec<(String, i64)> = client::Entity::find()
        .filter(client::Column::ClientId.is_in(clients))
        .filter(client::Column::Enabled.eq(true))
        .order_by_asc(client::Column::ClientId)
        .select_only()
        .column(client::Column::ClientId)
        .column(client::Column::Stamp)
        .lock_shared()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}
