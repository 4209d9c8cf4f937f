//! Client IDs that somebody may have meant.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::Idp;
use crate::entity::client;
use crate::error::Error;

/// IDs that are read at one place of their order.
const MOST: u64 = 100;

impl Idp {
    /// IDs of clients that may be meant by one that is not here: those around it in the order of IDs, those that begin with the half of it,
    /// and the first of all. Their number is bounded, however many clients there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn client_ids_near(&self, client_id: &str) -> Result<Vec<String>, Error> {
        let half: String = client_id.chars().take(client_id.chars().count().div_ceil(2)).collect();
        let ids = || client::Entity::find().select_only().column(client::Column::ClientId);
        let from =
            |start: &str| ids().filter(client::Column::ClientId.gte(start)).order_by_asc(client::Column::ClientId);
        let before = ids().filter(client::Column::ClientId.lt(client_id)).order_by_desc(client::Column::ClientId);
        let mut found = BTreeSet::new();
        for places in [from(client_id), before, from(&client_id.to_lowercase()), from(&half), from("")] {
            found.extend(self.read_ids(places).await?);
        }
        Ok(found.into_iter().collect())
    }

    async fn read_ids(&self, ids: Select<client::Entity>) -> Result<Vec<String>, Error> {
        Ok(ids.limit(MOST).into_tuple().all(self.store.read()).await?)
    }
}
