//! The list of clients: searched, filtered, sorted, a part at a time.

use std::collections::{BTreeMap, BTreeSet};

use oauth::client::{Client, ConsentPolicy};
use oauth::count::Count;
use oauth::id::ClientId;
use oauth::listing::{ClientColumn, ClientFilter, ClientListing, OwnPolicy};
use oauth::order::order_key;
use oauth::redirect_uri::RedirectUri;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _,
    Value,
};

use super::read_client;
use crate::Idp;
use crate::client_defaults;
use crate::entity::client;
use crate::error::Error;
use crate::listing::{Key, Narrowing, Part, Sheet, Wanted, in_order};
use crate::page::{MOST_LISTED, count};
use crate::search::{self, Index};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ClientRow {
    pub client: Client,
    /// See [`ClientRecord::version`](crate::ClientRecord).
    pub version: i64,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

const SHEET: Sheet<String> =
    Sheet { table: "client", id: "client_id", read: |text| Some(text.to_owned()), write: String::clone };

impl Idp {
    /// A part of the clients: those that the filter lets through and of whose name, ID or redirect URIs a word begins with its text.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_clients(&self, listing: &ClientListing) -> Result<Part<ClientRow>, Error> {
        let (db, text) = (self.store.read(), &listing.filter.text);
        let found = if text.trim().is_empty() { None } else { Some(search::find(db, Index::Clients, text).await?) };
        let wanted = Wanted {
            filter: narrowings(&listing.filter, self.now()),
            found,
            order: listing.sort.map(|sort| (key(sort.by), sort.descending)),
            page: listing.page,
            cursor: listing.cursor.as_ref(),
            limit: std::cmp::min(listing.limit, MOST_LISTED),
        };
        let part = SHEET.list(db, wanted).await?;
        let rows = self.client_rows(&part.rows).await?;
        Ok(part.with_rows(rows))
    }

    /// Those of the clients that are there, in this order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get_clients(&self, ids: &[ClientId]) -> Result<Vec<ClientRow>, Error> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.client_rows(&ids).await
    }

    async fn client_rows(&self, ids: &[String]) -> Result<Vec<ClientRow>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let db = self.store.read();
        let rows = client::Entity::find().filter(client::Column::ClientId.is_in(ids)).all(db).await?;
        let defaults = client_defaults::find(db).await?.policy;
        let read = |row: client::Model| {
            Ok(ClientRow {
                client: Client { defaults: defaults.clone(), ..read_client(&row)? },
                version: row.version,
                created_at: Timestamp(row.created_at),
                last_used_at: row.last_used_at.map(Timestamp),
            })
        };
        in_order(ids, rows, |row| row.client_id.clone()).into_iter().map(read).collect()
    }

    /// The number of clients that were created since then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_new_clients(&self, since: Timestamp) -> Result<Count, Error> {
        let new = client::Entity::find().filter(client::Column::CreatedAt.gte(since.0));
        count(self.store.read(), new.into_query()).await
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

fn key(column: ClientColumn) -> Key {
    match column {
        ClientColumn::Name => Key::Text("name_order"),
        ClientColumn::Id => Key::Text("id_order"),
        ClientColumn::Kind => Key::Text("kind"),
        ClientColumn::Status => Key::Flag("enabled"),
        ClientColumn::Used => Key::Number("used_order"),
        ClientColumn::Created => Key::Number("created_at"),
    }
}

fn narrowings(filter: &ClientFilter, now: Timestamp) -> Vec<Narrowing> {
    let is = |column: &'static str, value: Value| Narrowing::new(column, Expr::col(column).eq(value));
    let kind = filter.kind.map(|kind| is("kind", kind.as_str().into()));
    let enabled = filter.enabled.map(|enabled| is("enabled", enabled.into()));
    let used = filter.used.map(|used| Narrowing::happened("used_order", "last_used_at", used, now));
    let own = |policy: OwnPolicy| policy.0.map(ConsentPolicy::as_str).unwrap_or_default();
    let policy = filter.policy.map(|policy| is("consent_policy", own(policy).into()));
    let since = filter.since.map(|since| Narrowing::new("created_at", Expr::col("created_at").gte(since.0)));
    [kind, enabled, used, policy, since].into_iter().flatten().collect()
}

/// Writes what a client is found and sorted by.
pub(crate) async fn write_terms(tx: &DatabaseTransaction, client: &Client) -> Result<(), Error> {
    let id = client.client_id.as_str();
    let mut texts = vec![id, client.client_name.as_str()];
    texts.extend(client.redirect_uris.iter().map(RedirectUri::as_str));
    search::replace(tx, Index::Clients, id, &texts).await?;
    let policy = client.policy.consent_policy.map(ConsentPolicy::as_str).unwrap_or_default();
    let orders = Query::update()
        .table(SHEET.table)
        .value("name_order", order_key(&client.client_name))
        .value("id_order", order_key(id))
        .value("consent_policy", policy)
        .and_where(Expr::col(SHEET.id).eq(id))
        .take();
    tx.execute(&orders).await?;
    Ok(())
}
