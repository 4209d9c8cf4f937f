//! The resource of requests that name none: one setting, which names it. So there is at most one.

use oauth::id::ResourceId;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter as _};

use super::row_id;
use crate::entity::resource;
use crate::error::Error;
use crate::settings;

/// The setting.
const DEFAULT: &str = "default_resource";

pub(super) async fn find(db: &impl ConnectionTrait) -> Result<Option<ResourceId>, Error> {
    Ok(settings::find(db, DEFAULT).await?.map(ResourceId::new))
}

/// Makes `to` the default in place of `from`, which is what was read. The resource that is the default no more gets another version:
/// a form of it that was opened before says otherwise, and is stale.
///
/// # Errors
/// `Stale` when another one is the default by now.
pub(super) async fn replace(
    tx: &DatabaseTransaction,
    from: Option<&ResourceId>,
    to: Option<&ResourceId>,
) -> Result<(), Error> {
    let replaced = match (from, to) {
        (Some(from), Some(to)) => settings::replace(tx, DEFAULT, from.as_str(), to.as_str()).await?,
        (None, Some(to)) => settings::put_first(tx, DEFAULT, to.as_str()).await?,
        (Some(from), None) => settings::remove(tx, DEFAULT, from.as_str()).await?,
        (None, None) => true,
    };
    if !replaced {
        return Err(Error::Stale);
    }
    if let Some(from) = from.filter(|_| to.is_some() && from != to) {
        resource::Entity::update_many()
            .col_expr(resource::Column::Version, Expr::col(resource::Column::Version).add(1))
            .filter(resource::Column::Id.eq(row_id(from)?))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Sees to it that a resource is not the default.
pub(super) async fn forget(tx: &DatabaseTransaction, id: &ResourceId) -> Result<(), Error> {
    settings::remove(tx, DEFAULT, id.as_str()).await.map(drop)
}
