//! The list of resources.

use std::collections::{BTreeSet, HashMap};

use oauth::id::ResourceId;
use oauth::listing::{ResourceColumn, ResourceListing};
use oauth::resource::Resource;
use oauth::time::Timestamp;
use oauth::user::search_key;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ResourceRecord, default, read_resource, row_id};
use crate::Idp;
use crate::entity::resource;
use crate::error::Error;
use crate::listing::{Part, arrange};
use crate::page::{MOST_LISTED, Stretch};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    pub resource: Resource,
    pub is_default: bool,
    pub created_at: Timestamp,
}

impl Idp {
    /// The resource with its secrets' dates, for an administrator.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_resource(&self, id: &ResourceId) -> Result<ResourceRecord, Error> {
        let row = resource::Entity::find_by_id(row_id(id)?).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        let resource = read_resource(&row)?;
        Ok(ResourceRecord {
            is_default: default::find(self.store.read()).await?.as_ref() == Some(&resource.id),
            resource,
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            secrets: self.list_resource_secrets(id).await?,
        })
    }

    /// A part of the resources.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_resources(&self, listing: &ResourceListing) -> Result<Part<ResourceRow>, Error> {
        let rows = self.read_rows(&resource::Entity::find().all(self.store.read()).await?).await?;
        let found = rows.into_iter().filter(|row| listing.filter.finds(&row.resource)).collect();
        let key = |row: &ResourceRow, column: ResourceColumn| column.key(&row.resource, row.created_at);
        Ok(arrange(found, listing, key, |row| row.resource.id.to_string()))
    }

    /// The first resources in whose name or identifier `text` is, by name; at most `most`, among [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search_resources(&self, text: &str, most: usize) -> Result<Vec<Resource>, Error> {
        let key = search_key(text);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let query = resource::Entity::find().order_by_asc(resource::Column::Name).order_by_asc(resource::Column::Id);
        let rows = query.limit(MOST_LISTED).all(self.store.read()).await?;
        let resources = rows.iter().map(read_resource).collect::<Result<Vec<_>, _>>()?;
        let fits = |resource: &Resource| {
            search_key(&resource.name).contains(&key) || search_key(resource.identifier.as_str()).contains(&key)
        };
        Ok(resources.into_iter().filter(fits).take(most).collect())
    }

    /// The names of resources. Those that are gone have none.
    pub(crate) async fn resource_names(&self, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = resource::Entity::find().select_only().columns([resource::Column::Id, resource::Column::Name]);
        let found = found.filter(resource::Column::Id.is_in(ids)).into_tuple::<(Uuid, String)>();
        Ok(found.all(self.store.read()).await?.into_iter().collect())
    }

    /// The resources after one, or the first, in the order in which they were created; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resources_after(&self, after: Option<&ResourceId>, limit: u64) -> Result<Stretch<ResourceRow>, Error> {
        let limit = limit.min(MOST_LISTED);
        let mut query = resource::Entity::find().order_by_asc(resource::Column::Id).limit(limit + 1);
        if let Some(after) = after {
            query = query.filter(resource::Column::Id.gt(row_id(after)?));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Stretch::of(self.read_rows(&rows).await?, limit))
    }

    async fn read_rows(&self, rows: &[resource::Model]) -> Result<Vec<ResourceRow>, Error> {
        let default = default::find(self.store.read()).await?;
        let read = |row: &resource::Model| {
            let resource = read_resource(row)?;
            let is_default = default.as_ref() == Some(&resource.id);
            Ok(ResourceRow { resource, is_default, created_at: Timestamp(row.created_at) })
        };
        rows.iter().map(read).collect()
    }
}
