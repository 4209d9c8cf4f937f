//! Erasing a person. There stays a tombstone of the subject, so that nobody gets it again.

use oauth::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::BinKind;
use crate::activity::list::forget;
use crate::audit::{self, Actor, Change, ERASURE};
use crate::entity::{bin, bin_consent, refresh_replay, tombstone};
use crate::error::Error;
use crate::users::subject_of;
use crate::{import, logouts};

/// Erases everything about somebody whose account is gone. That it was done is a change of its own.
pub(crate) async fn erase_person(
    tx: &DatabaseTransaction,
    actor: &Actor,
    account: Uuid,
    now: Timestamp,
) -> Result<(), Error> {
    let row = tombstone::Model { account_id: account, erased_at: now.0 };
    let there = OnConflict::column(tombstone::Column::AccountId).update_column(tombstone::Column::ErasedAt).to_owned();
    tombstone::Entity::insert(row.into_active_model()).on_conflict(there).exec_without_returning(tx).await?;
    // Those of clients in the bin.
    bin_consent::Entity::delete_many().filter(bin_consent::Column::AccountId.eq(account)).exec(tx).await?;
    import::forget(tx, account).await?;
    refresh_replay::Entity::delete_many().filter(refresh_replay::Column::AccountId.eq(account)).exec(tx).await?;
    forget(tx, account).await?;
    logouts::forget(tx, account).await?;
    audit::erase(tx, actor, account, now).await?;
    let subject = subject_of(account);
    let change =
        Change { actor: actor.clone(), action: ERASURE, target: subject.to_string(), before: None, after: None };
    audit::append(tx, change, now).await
}

/// Seconds after an erasure within which a node may still write an event of before.
const LATE: i64 = 300;

/// Forgets the events about people who were erased that were on their way then.
pub(crate) async fn forget_late_events(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Error> {
    let lately = tombstone::Entity::find().filter(tombstone::Column::ErasedAt.gt(now.plus(-LATE).0));
    for row in lately.all(tx).await? {
        forget(tx, row.account_id).await?;
        logouts::forget(tx, row.account_id).await?;
    }
    Ok(())
}

/// True for somebody who was erased.
pub(crate) async fn is_erased(db: &impl ConnectionTrait, account: Uuid) -> Result<bool, Error> {
    Ok(tombstone::Entity::find_by_id(account).one(db).await?.is_some())
}

/// True for a subject that somebody had: they are in the bin, or were erased.
pub(crate) async fn is_gone(db: &impl ConnectionTrait, account: Uuid) -> Result<bool, Error> {
    if is_erased(db, account).await? {
        return Ok(true);
    }
    let lies_there = bin::Entity::find()
        .filter(bin::Column::Kind.eq(BinKind::User.as_str()))
        .filter(bin::Column::Target.eq(subject_of(account).as_str()));
    Ok(lies_there.one(db).await?.is_some())
}
