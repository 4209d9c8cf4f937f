//! Clients that hear of the end of a session (OpenID Connect Back-Channel Logout 1.0, Front-Channel Logout 1.0).
//!
//! A row of `session_client` says that a client is signed in to in a session. Whoever ends the session writes into it that it ended, in
//! the same transaction, and the row is due from then on: it is the message, and after that the record of what became of it. Any node
//! may send what is due ([`deliver`]).

mod deliver;
mod list;
#[cfg(test)]
mod tests;

use oauth::id::{ClientId, SessionId};
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub use list::{Delivery, LogoutRow};

use crate::Idp;
use crate::entity::session_client;
use crate::error::Error;

/// Clients that are told in the browser in which somebody signs out: each is a frame of a page.
pub(crate) const MOST_FRAMES: u64 = 50;

/// Seconds that the record of a message is kept.
const KEPT: i64 = 7 * 86_400;

/// Sessions whose records are deleted in one transaction.
const BATCH: u64 = 500;

/// Notes that the client is signed in to in the session, which the transaction holds open and which notes it, too.
pub(crate) async fn join(
    tx: &DatabaseTransaction,
    sid: &SessionId,
    account: Uuid,
    client_id: &ClientId,
    now: Timestamp,
) -> Result<(), Error> {
    let row = session_client::Model {
        sid: sid.to_string(),
        client_id: client_id.to_string(),
        account_id: Some(account),
        joined_at: now.0,
        ended_at: None,
        due_at: None,
        attempts: 0,
        tried_at: None,
        delivered_at: None,
        answer: None,
    };
    let again = OnConflict::columns([session_client::Column::Sid, session_client::Column::ClientId])
        .update_column(session_client::Column::JoinedAt)
        .to_owned();
    session_client::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Makes the clients of these sessions, which end in the transaction, hear of it.
pub(crate) async fn announce(tx: &DatabaseTransaction, sids: &[&str], now: Timestamp) -> Result<(), Error> {
    session_client::Entity::update_many()
        .col_expr(session_client::Column::EndedAt, Expr::value(now.0))
        .col_expr(session_client::Column::DueAt, Expr::value(now.0))
        .filter(session_client::Column::Sid.is_in(sids.iter().copied()))
        .filter(session_client::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The clients of a session, the one that was signed in to last first, up to [`MOST_FRAMES`].
pub(crate) async fn clients_of(tx: &DatabaseTransaction, sid: &str) -> Result<Vec<ClientId>, Error> {
    let ids: Vec<String> = session_client::Entity::find()
        .select_only()
        .column(session_client::Column::ClientId)
        .filter(session_client::Column::Sid.eq(sid))
        .order_by_desc(session_client::Column::JoinedAt)
        .order_by_asc(session_client::Column::ClientId)
        .limit(MOST_FRAMES)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(ClientId::new).collect())
}

impl Idp {
    /// True when the client is, or was, signed in to in the session, and hears of its end.
    pub(crate) async fn has_joined(&self, sid: &SessionId, client_id: &ClientId) -> Result<bool, Error> {
        let row = session_client::Entity::find_by_id((sid.to_string(), client_id.to_string()));
        Ok(row.one(self.store.read()).await?.is_some())
    }
}

/// Deletes the records of what was settled long ago, of up to 500 sessions; returns how many.
pub(crate) async fn sweep(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    use session_client::Column as C;
    let over = C::EndedAt.lt(now.plus(-KEPT).0).and(C::DueAt.is_null());
    let found = session_client::Entity::find().select_only().column(C::Sid).distinct().filter(over.clone());
    let sids: Vec<String> = found.limit(BATCH).into_tuple().all(tx).await?;
    if sids.is_empty() {
        return Ok(0);
    }
    let gone = session_client::Entity::delete_many().filter(C::Sid.is_in(sids)).filter(over).exec(tx).await?;
    Ok(gone.rows_affected)
}

/// Deletes the records about somebody who is erased. What is due yet is sent, and goes with the others of its day.
pub(crate) async fn forget(tx: &DatabaseTransaction, account: Uuid) -> Result<(), Error> {
    session_client::Entity::delete_many()
        .filter(session_client::Column::AccountId.eq(account))
        .filter(session_client::Column::DueAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
