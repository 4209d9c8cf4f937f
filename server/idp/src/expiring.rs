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

/// A secret that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringSecret {
    pub name: String,
    pub owner: SecretOwner,
    /// The name of the client or resource.
    pub owner_name: String,
    pub expires_at: Timestamp,
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
        let mut secrets: Vec<_> = clients.chain(resources).collect();
        secrets.sort_by_key(|secret| secret.expires_at);
        secrets.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        Ok(secrets)
    }

    async fn expiring_of_clients(
        &self,
        since: i64,
        until: i64,
    ) -> Result<impl Iterator<Item = ExpiringSecret> + use<>, Error> {
        let rows: Vec<(String, String, String, i64)> = client_secret::Entity::find()
            .select_only()
            .columns([client_secret::Column::Name, client_secret::Column::ClientId])
            .column(client::Column::ClientName)
            .column(client_secret::Column::ExpiresAt)
            .inner_join(client::Entity)
            .filter(client_secret::Column::ExpiresAt.between(since, until))
            .order_by_asc(client_secret::Column::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(self.store.read())
            .await?;
        Ok(rows.into_iter().map(|(name, id, owner_name, expires_at)| ExpiringSecret {
            name,
            owner: SecretOwner::Client(ClientId::new(id)),
            owner_name,
            expires_at: Timestamp(expires_at),
        }))
    }

    async fn expiring_of_resources(
        &self,
        since: i64,
        until: i64,
    ) -> Result<impl Iterator<Item = ExpiringSecret> + use<>, Error> {
        let rows: Vec<(String, Uuid, String, i64)> = resource_secret::Entity::find()
            .select_only()
            .columns([resource_secret::Column::Name, resource_secret::Column::ResourceId])
            .column(resource::Column::Name)
            .column(resource_secret::Column::ExpiresAt)
            .inner_join(resource::Entity)
            .filter(resource_secret::Column::ExpiresAt.between(since, until))
            .order_by_asc(resource_secret::Column::ExpiresAt)
            .limit(MOST)
            .into_tuple()
            .all(self.store.read())
            .await?;
        Ok(rows.into_iter().map(|(name, id, owner_name, expires_at)| ExpiringSecret {
            name,
            owner: SecretOwner::Resource(ResourceId::new(id.to_string())),
            owner_name,
            expires_at: Timestamp(expires_at),
        }))
    }
}
