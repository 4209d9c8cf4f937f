//! The list of trusts.

use std::collections::{BTreeSet, HashMap};

use oauth::id::TrustId;
use oauth::listing::{TrustColumn, TrustListing};
use oauth::time::Timestamp;
use oauth::trust::Trust;
use oauth::user::search_key;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{TrustRecord, read_trust, row_id};
use crate::Idp;
use crate::entity::trust;
use crate::error::Error;
use crate::listing::{Part, arrange};
use crate::page::{MOST_LISTED, Stretch};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct TrustRow {
    pub trust: Trust,
    pub created_at: Timestamp,
}

impl Idp {
    /// The trust, for an administrator.
    ///
    /// # Errors
    /// `NotFound`, or when the database does not answer.
    pub async fn get_trust(&self, id: &TrustId) -> Result<TrustRecord, Error> {
        let row = trust::Entity::find_by_id(row_id(id)?).one(self.store.read()).await?.ok_or(Error::NotFound)?;
        Ok(TrustRecord {
            trust: read_trust(&row)?,
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
    }

    /// A part of the trusts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_trusts(&self, listing: &TrustListing) -> Result<Part<TrustRow>, Error> {
        let rows = read_rows(&trust::Entity::find().all(self.store.read()).await?)?;
        let found = rows.into_iter().filter(|row| listing.filter.finds(&row.trust)).collect();
        let key = |row: &TrustRow, column: TrustColumn| column.key(&row.trust, row.created_at);
        Ok(arrange(found, listing, key, |row| row.trust.id.to_string()))
    }

    /// The first trusts in whose name or issuer `text` is, by name; at most `most`, among [`MOST_LISTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search_trusts(&self, text: &str, most: usize) -> Result<Vec<Trust>, Error> {
        let key = search_key(text);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let query = trust::Entity::find().order_by_asc(trust::Column::Name).order_by_asc(trust::Column::Id);
        let rows = query.limit(MOST_LISTED).all(self.store.read()).await?;
        let trusts = rows.iter().map(read_trust).collect::<Result<Vec<_>, _>>()?;
        let fits = |trust: &Trust| search_key(&trust.name).contains(&key) || search_key(&trust.issuer).contains(&key);
        Ok(trusts.into_iter().filter(fits).take(most).collect())
    }

    /// The names of trusts. Those that are gone have none.
    pub(crate) async fn trust_names(&self, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = trust::Entity::find().select_only().columns([trust::Column::Id, trust::Column::Name]);
        let found = found.filter(trust::Column::Id.is_in(ids)).into_tuple::<(Uuid, String)>();
        Ok(found.all(self.store.read()).await?.into_iter().collect())
    }

    /// The trusts after one, or the first, in the order in which they were created; at most `limit` and at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// `NotFound` when `after` is no ID, or when the database does not answer.
    pub async fn trusts_after(&self, after: Option<&TrustId>, limit: u64) -> Result<Stretch<TrustRow>, Error> {
        let limit = limit.min(MOST_LISTED);
        let mut query = trust::Entity::find().order_by_asc(trust::Column::Id).limit(limit + 1);
        if let Some(after) = after {
            query = query.filter(trust::Column::Id.gt(row_id(after)?));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Stretch::of(read_rows(&rows)?, limit))
    }
}

fn read_rows(rows: &[trust::Model]) -> Result<Vec<TrustRow>, Error> {
    rows.iter().map(|row| Ok(TrustRow { trust: read_trust(row)?, created_at: Timestamp(row.created_at) })).collect()
}
