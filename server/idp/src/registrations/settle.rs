//! The way of a registration from waiting to a row among the clients, and away.

use oauth::client::Client;
use oauth::secret::SecretDigest;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait as _, QueryFilter, QueryOrder as _, QuerySelect,
    QueryTrait as _, Select,
};
use serde_json::json;

use super::{MOST_WAITING, read_document};
use crate::audit::{self, Actor, Change};
use crate::client_defaults;
use crate::clients::{read_client, row, secrets};
use crate::entity::client_registration::{Column, Entity};
use crate::entity::{client, grants};
use crate::error::Error;
use crate::sweep::LEAST_FULL_BATCH;

/// Clients that registered themselves and were allowed something. People allow them one by one, so this is no place for an honest
/// crowd to meet a bound.
const MOST_SETTLED: u64 = 50_000;

/// Seconds after the end of its last refresh token after which a client is forgotten.
pub(super) const IDLE: i64 = 30 * 86_400;

/// Registrations that go at once.
const BATCH: u64 = 500;

/// Settled ones that are looked at in one transaction.
const LOOKS: u64 = LEAST_FULL_BATCH;

/// Gives a client that waits a row among the clients, in the transaction that writes its first code. False: it does not wait, or is
/// not as it was shown.
pub(crate) async fn settle(tx: &DatabaseTransaction, shown: &Client, now: Timestamp) -> Result<bool, Error> {
    let waiting = Entity::find_by_id(shown.client_id.as_str())
        .filter(Column::Settled.is_null())
        .filter(Column::ExpiresAt.gt(now.0))
        .lock_exclusive();
    let Some(row) = waiting.one(tx).await? else { return Ok(false) };
    if read_document(&row)? != *shown {
        return Ok(false);
    }
    if Entity::find().filter(Column::Settled.is_not_null()).count(tx).await? >= MOST_SETTLED {
        tracing::error!("{MOST_SETTLED} clients are kept that registered themselves: no more of them are taken in");
        return Err(Error::Busy);
    }
    let version = row::insert(tx, shown, now, now).await?;
    if let Some(digest) = row.secret_digest.as_deref().and_then(SecretDigest::from_slice) {
        let secret = secrets::KeptSecret { digest, sealed: row.sealed.clone() };
        secrets::insert(tx, &shown.client_id, secret, "registered", None, now).await?;
    }
    Entity::update_many()
        .col_expr(Column::Settled, Expr::value(row.client_id.as_str()))
        .col_expr(Column::ExpiresAt, Expr::value(now.plus(IDLE).0))
        .filter(Column::ClientId.eq(row.client_id.as_str()))
        .exec(tx)
        .await?;
    let change = Change {
        actor: Actor::system(),
        action: "client.create",
        target: row.client_id,
        before: None,
        after: Some(json!(shown)),
    };
    audit::append_version(tx, change, version, now).await?;
    Ok(true)
}

/// Deletes a batch of what waited too long, of what there is too much of, and of what nobody has used for long.
pub(crate) async fn sweep(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    let expired = waiting().filter(Column::ExpiresAt.lt(now.0)).limit(BATCH);
    let swept = delete(tx, expired).await? + make_room(tx, MOST_WAITING).await?;
    let due = Entity::find()
        .filter(Column::Settled.is_not_null())
        .filter(Column::ExpiresAt.lt(now.0))
        .order_by_asc(Column::ExpiresAt)
        .limit(LOOKS)
        .select_only()
        .column(Column::ClientId)
        .into_tuple::<String>()
        .all(tx)
        .await?;
    let mut gone = 0;
    for client_id in due {
        gone += u64::from(forget_idle(tx, &client_id, now).await?);
    }
    Ok(swept + gone)
}

/// Deletes the oldest of those that wait beyond `most`, a batch at a time.
pub(super) async fn make_room(tx: &DatabaseTransaction, most: u64) -> Result<u64, Error> {
    let surplus = waiting().order_by_desc(Column::ExpiresAt).order_by_desc(Column::ClientId).offset(most).limit(BATCH);
    delete(tx, surplus).await
}

fn waiting() -> Select<Entity> {
    Entity::find().select_only().column(Column::ClientId).filter(Column::Settled.is_null())
}

async fn delete(tx: &DatabaseTransaction, which: Select<Entity>) -> Result<u64, Error> {
    // MySQL wants a LIMIT inside IN to be one level deeper.
    let keys = Query::select().column(Column::ClientId).from_subquery(which.into_query(), "which").to_owned();
    // Whoever settles one of them meanwhile is first.
    let deleted = Entity::delete_many().filter(Column::ClientId.in_subquery(keys)).filter(Column::Settled.is_null());
    Ok(deleted.exec(tx).await?.rows_affected)
}

/// Deletes a client that is idle; true when it is gone. Else notes when to look again.
async fn forget_idle(tx: &DatabaseTransaction, client_id: &str, now: Timestamp) -> Result<bool, Error> {
    // Whoever is given a code holds this row: they come before and their grant is seen, or wait and find no client.
    let Some(row) = client::Entity::find_by_id(client_id).lock_exclusive().one(tx).await? else { return Ok(false) };
    let registration = Entity::find_by_id(client_id).filter(Column::ExpiresAt.lt(now.0)).lock_exclusive();
    if registration.one(tx).await?.is_none() {
        return Ok(false);
    }
    let live = grants::Entity::find()
        .filter(grants::Column::ClientId.eq(client_id))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(grants::Column::ExpiresAt.gt(now.0))
        .lock_shared()
        .one(tx)
        .await?;
    let client = Client { defaults: client_defaults::find(tx).await?.policy, ..read_client(&row)? };
    let days = client.rules().refresh_token_days;
    let used = Timestamp(row.last_used_at.unwrap_or(row.created_at).max(row.created_at));
    let idle_from = used.plus(days.saturating_mul(86_400)).plus(IDLE);
    if live.is_none() && idle_from.0 < now.0 {
        client::Entity::delete_by_id(client_id).exec(tx).await?;
        tracing::info!(client_id, "a client that registered itself was forgotten: nobody has used it for long");
        return Ok(true);
    }
    let again = idle_from.0.max(now.plus(86_400).0);
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(again))
        .filter(Column::ClientId.eq(client_id))
        .exec(tx)
        .await?;
    Ok(false)
}
