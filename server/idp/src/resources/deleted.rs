//! The places of resources that an administrator deleted: what is found by itself does not come back there. Registering one by hand
//! is another decision, and forgets the one before.

use oauth::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::entity::deleted_resource::{Column, Entity, Model};
use crate::error::Error;

/// Places that are remembered. The oldest make room; administrators delete one by one.
const MOST_REMEMBERED: u64 = 10_000;

/// Places that are forgotten at once.
const BATCH: u64 = 100;

pub(super) async fn is_deleted(db: &impl ConnectionTrait, digest: &[u8]) -> Result<bool, Error> {
    Ok(Entity::find_by_id(digest.to_vec()).one(db).await?.is_some())
}

/// Remembers a place, and forgets the oldest ones beyond the bound.
pub(super) async fn remember(tx: &DatabaseTransaction, digest: Vec<u8>, now: Timestamp) -> Result<(), Error> {
    let again = OnConflict::column(Column::Digest).update_column(Column::DeletedAt).to_owned();
    let row = Model { digest, deleted_at: now.0 };
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    make_room(tx, MOST_REMEMBERED).await
}

async fn make_room(tx: &DatabaseTransaction, most: u64) -> Result<(), Error> {
    let surplus: Vec<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::Digest)
        .order_by_desc(Column::DeletedAt)
        .order_by_asc(Column::Digest)
        .offset(most)
        .limit(BATCH)
        .into_tuple()
        .all(tx)
        .await?;
    if !surplus.is_empty() {
        Entity::delete_many().filter(Column::Digest.is_in(surplus)).exec(tx).await?;
    }
    Ok(())
}

pub(super) async fn forget(tx: &DatabaseTransaction, digest: &[u8]) -> Result<(), Error> {
    Entity::delete_by_id(digest.to_vec()).exec(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_orm::PaginatorTrait as _;

    use super::*;
    use crate::clock::Clock;
    use crate::testing::{Kind, TestDatabase, open_node};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_oldest_places_make_room() {
        for kind in Kind::ALL {
            let Some(database) = TestDatabase::create(kind).await else { continue };
            let idp = open_node(&database, &Clock::fixed(Timestamp(1_800_000_000))).await;
            // The first one is deleted once more, at the end.
            for (second, place) in [0, 1, 2, 3, 4, 0].into_iter().enumerate() {
                let at = Timestamp(1_800_000_000).plus(i64::try_from(second).unwrap());
                let remembered = idp.store.write(move |tx| Box::pin(remember(tx, vec![place; 32], at)));
                remembered.await.unwrap();
            }
            idp.store.write(|tx| Box::pin(make_room(tx, 3))).await.unwrap();
            assert_eq!(Entity::find().count(idp.store.read()).await.unwrap(), 3, "{kind:?}");
            for (place, is_kept) in [(0, true), (1, false), (2, false), (3, true), (4, true)] {
                let found = is_deleted(idp.store.read(), &[place; 32]).await.unwrap();
                assert_eq!(found, is_kept, "{kind:?} {place}");
            }
            idp.store.write(|tx| Box::pin(async move { forget(tx, &[0; 32]).await })).await.unwrap();
            assert!(!is_deleted(idp.store.read(), &[0; 32]).await.unwrap(), "{kind:?}");
        }
    }
}
