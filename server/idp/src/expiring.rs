//! Secrets that end soon, or ended a while ago: whoever uses one is about to be refused.

use oauth::id::{ClientId, ResourceId};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::Idp;
use crate::entity::{client, client_secret, resource, resource_secret};
use crate::error::Error;

/// Seconds before its end from which a secret is named.
const SOON: i64 = 30 * 86_400;

/// Seconds after its end for which it still is.
const LATELY: i64 = 7 * 86_400;

/// Secrets that are named: those that end first.
const MOST: u64 = 10;

/// Seconds since its last use within which a secret is in use.
const IN_USE: i64 = 86_400;

/// A secret that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringSecret {
    pub name: String,
    pub owner: SecretOwner,
    /// The name of the client or resource.
    pub owner_name: String,
    pub expires_at: Timestamp,
    /// Its owner has none that lives longer, or uses this one all the same.
    pub is_needed: bool,
}

/// A secret as both tables have it: its name, its owner and their name, its end, and its last use.
type Row<Owner> = (String, Owner, String, i64, Option<i64>);

/// `all`: the secrets of these owners, each with its end.
fn read<Owner: PartialEq>(
    rows: Vec<Row<Owner>>,
    all: &[(Owner, Option<i64>)],
    now: Timestamp,
    named: impl Fn(Owner) -> SecretOwner,
) -> Vec<ExpiringSecret> {
    let read = |(name, owner, owner_name, expires_at, last_used_at): Row<Owner>| {
        let outlives = |(of, end): &(Owner, Option<i64>)| *of == owner && end.is_none_or(|end| end > expires_at);
        let is_used = last_used_at.is_some_and(|at| now.0 - at < IN_USE);
        let is_needed = is_used || !all.iter().any(outlives);
        ExpiringSecret { name, owner: named(owner), owner_name, expires_at: Timestamp(expires_at), is_needed }
    };
    rows.into_iter().map(read).collect()
}

/// Whoever has a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOwner {
    Client(ClientId),
    Resource(ResourceId),
}

impl Idp {
    /// The first secrets that end within 30 days or ended in the last 7, of clients and resources, in the order of their ends; at most 10.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expiring_secrets(&self) -> Result<Vec<ExpiringSecret>, Error> {
        let (since, until) = (self.now().plus(-LATELY).0, self.now().plus(SOON).0);
        let (clients, resources) =
            tokio::try_join!(self.expiring_of_clients(since, until), self.expiring_of_resources(since, until))?;
        let mut secrets: Vec<_> = clients.into_iter().chain(resources).collect();
        secrets.sort_by_key(|secret| secret.expires_at);
        secrets.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        Ok(secrets)
    }

    async fn expiring_of_clients(&self, since: i64, until: i64) -> Result<Vec<ExpiringSecret>, Error> {
        use client_secret::Column as C;
        let db = self.store.read();
        let rows: Vec<Row<String>> = client_secret::Entity::find()
            .select_only()
            .columns([C::Name, C::ClientId])
            .column(client::Column::ClientName)
            .columns([C::ExpiresAt, C::LastUsedAt])
            .inner_join(client::Entity)
            .filter(C::ExpiresAt.between(since, until))
            .order_by_asc(C::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        let owners = rows.iter().map(|row| row.1.as_str());
        let all = client_secret::Entity::find().select_only().columns([C::ClientId, C::ExpiresAt]);
        let all = all.filter(C::ClientId.is_in(owners)).into_tuple().all(db).await?;
        Ok(read(rows, &all, self.now(), |id| SecretOwner::Client(ClientId::new(id))))
    }

    async fn expiring_of_resources(&self, since: i64, until: i64) -> Result<Vec<ExpiringSecret>, Error> {
        use resource_secret::Column as C;
        let db = self.store.read();
        let rows: Vec<Row<Uuid>> = resource_secret::Entity::find()
            .select_only()
            .columns([C::Name, C::ResourceId])
            .column(resource::Column::Name)
            .columns([C::ExpiresAt, C::LastUsedAt])
            .inner_join(resource::Entity)
            .filter(C::ExpiresAt.between(since, until))
            .order_by_asc(C::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        let owners = rows.iter().map(|row| row.1);
        let all = resource_secret::Entity::find().select_only().columns([C::ResourceId, C::ExpiresAt]);
        let all = all.filter(C::ResourceId.is_in(owners)).into_tuple().all(db).await?;
        Ok(read(rows, &all, self.now(), |id| SecretOwner::Resource(ResourceId::new(id.to_string()))))
    }
}
