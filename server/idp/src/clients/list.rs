//! The list of clients, searched and in pages.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use oauth::client::{Client, ClientKind};
use oauth::count::Count;
use oauth::id::ClientId;
use oauth::time::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
};

use super::read_client;
use crate::Idp;
use crate::client_defaults;
use crate::entity::client;
use crate::error::Error;
use crate::page::{MOST_LISTED, Page, PageRequest, Stretch, count};
use crate::search::{self, Found, Index};

/// A search of an administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// The beginning of a word of the name or the ID; empty finds all.
    pub text: String,
    pub kind: Option<ClientKind>,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ClientRow {
    pub client: Client,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

impl Idp {
    /// One page of the clients: all by name, or those of whose name or ID a word begins with the text, what is called exactly so first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_clients(&self, filter: &ClientFilter, page: PageRequest) -> Result<Page<ClientRow>, Error> {
        let (db, kind) = (self.store.read(), filter.kind);
        let of_kind = Condition::all().add_option(kind.map(|kind| client::Column::Kind.eq(kind.as_str())));
        let query = client::Entity::find().filter(of_kind);
        let (rows, total) = if filter.text.trim().is_empty() {
            let total = count(db, query.clone().into_query()).await?;
            let query = query.order_by_asc(client::Column::ClientName).order_by_asc(client::Column::ClientId);
            (query.offset(page.offset()).limit(page.size).all(db).await?, total)
        } else {
            let mut found: Found<String> = search::find(db, Index::Clients, &filter.text).await?;
            if kind.is_some() {
                let ids = query.clone().filter(client::Column::ClientId.is_in(found.owners.clone()));
                let ids: HashSet<String> = ids
                    .select_only()
                    .column(client::Column::ClientId)
                    .into_tuple()
                    .all(db)
                    .await?
                    .into_iter()
                    .collect();
                found.owners.retain(|id| ids.contains(id));
            }
            let (ids, total) = found.page(page);
            let mut rows = query.filter(client::Column::ClientId.is_in(ids.clone())).all(db).await?;
            rows.sort_by_key(|row| ids.iter().position(|id| *id == row.client_id));
            (rows, total)
        };
        Ok(Page { rows: read_lines(db, &rows).await?, total, request: page })
    }

    /// One page of the clients that were created since then, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_new_clients(&self, since: Timestamp, page: PageRequest) -> Result<Page<ClientRow>, Error> {
        let query = client::Entity::find().filter(client::Column::CreatedAt.gte(since.0));
        let query = query.order_by_desc(client::Column::CreatedAt).order_by_asc(client::Column::ClientId);
        let rows = query.offset(page.offset()).limit(page.size).all(self.store.read()).await?;
        let rows = read_lines(self.store.read(), &rows).await?;
        Ok(Page { rows, total: self.count_new_clients(since).await?, request: page })
    }

    /// The number of clients that were created since then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_new_clients(&self, since: Timestamp) -> Result<Count, Error> {
        let new = client::Entity::find().filter(client::Column::CreatedAt.gte(since.0));
        count(self.store.read(), new.into_query()).await
    }

    /// The clients after one, or the first, in the order of their IDs; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clients_after(&self, after: Option<&ClientId>, limit: u64) -> Result<Stretch<Client>, Error> {
        let limit = limit.min(MOST_LISTED);
        let rows = client::Entity::find()
            .filter(client::Column::ClientId.gt(after.map(ClientId::as_str).unwrap_or_default()))
            .order_by_asc(client::Column::ClientId)
            .limit(limit + 1)
            .all(self.store.read())
            .await?;
        let defaults = client_defaults::find(self.store.read()).await?.policy;
        let read = |row| Ok(Client { defaults: defaults.clone(), ..read_client(row)? });
        let rows = rows.iter().map(read).collect::<Result<_, Error>>()?;
        Ok(Stretch::of(rows, limit))
    }

    /// The names of clients, by their IDs.
    pub(crate) async fn client_names(&self, ids: BTreeSet<&str>) -> Result<BTreeMap<String, String>, Error> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found =
            client::Entity::find().select_only().columns([client::Column::ClientId, client::Column::ClientName]);
        let found = found.filter(client::Column::ClientId.is_in(ids)).into_tuple::<(String, String)>();
        Ok(found.all(self.store.read()).await?.into_iter().collect())
    }

    /// The number of clients.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_clients(&self) -> Result<Count, Error> {
        count(self.store.read(), client::Entity::find().into_query()).await
    }
}

async fn read_lines(db: &DatabaseConnection, rows: &[client::Model]) -> Result<Vec<ClientRow>, Error> {
    let defaults = client_defaults::find(db).await?.policy;
    let read = |row: &client::Model| {
        Ok(ClientRow {
            client: Client { defaults: defaults.clone(), ..read_client(row)? },
            created_at: Timestamp(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp),
        })
    };
    rows.iter().map(read).collect()
}

/// Writes what a client is found by.
pub(crate) async fn write_terms(tx: &DatabaseTransaction, client_id: &str, name: &str) -> Result<(), Error> {
    search::replace(tx, Index::Clients, client_id, &[client_id, name]).await
}
