//! The end of a session. However it comes, it means the same: the row goes, and with it what was granted in the session, but for
//! grants with `offline_access` (OpenID Connect Core §11).

use oauth::session::Session;
use oauth::time::Timestamp;
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{grants, session};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::{Idp, users};

/// Sessions ended by one statement.
const BATCH: u64 = 500;

impl Idp {
    /// Signs out: ends the session. At `client_id` everything that the user granted ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(&self, session: &Session, client_id: Option<&str>) -> Result<(), Error> {
        let account = users::account_id(&session.subject)?;
        let (sid, client_id, now) = (session.sid.to_string(), client_id.map(str::to_owned), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    users::lock_exclusive(tx, account).await?;
                    end_sessions(tx, session::Column::Sid.eq(sid), now).await?;
                    if let Some(client_id) = client_id {
                        let at_client =
                            grants::Column::AccountId.eq(account).and(grants::Column::ClientId.eq(client_id));
                        revoke_grants(tx, at_client, now).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await
    }
}

/// Ends the sessions that `which` finds, the oldest first, up to 500. Returns how many there were.
///
/// The account is locked already, unless the sessions are over: whoever issues something in a session locks its account first. If
/// they met at the session instead, MySQL would find them to lock the row and its indexes in different orders, and choose the one
/// who signs out to lose, time after time.
///
/// The rows are locked before they are deleted: what is being granted in one of them is waited for, and revoked.
pub(crate) async fn end_sessions(tx: &DatabaseTransaction, which: SimpleExpr, now: Timestamp) -> Result<u64, Error> {
    let sids: Vec<String> = session::Entity::find()
        .select_only()
        .column(session::Column::Sid)
        .filter(which)
        .order_by_asc(session::Column::CreatedAt)
        .limit(BATCH)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    if sids.is_empty() {
        return Ok(0);
    }
    session::Entity::delete_many().filter(session::Column::Sid.is_in(&sids)).exec(tx).await?;
    revoke_grants(tx, grants::Column::Sid.is_in(&sids).and(grants::Column::Offline.eq(false)), now).await?;
    Ok(sids.len() as u64)
}

/// Ends the sessions whose time is over, up to 500. Returns how many there were.
pub(crate) async fn end_expired_sessions(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    end_sessions(tx, session::Column::ExpiresAt.lt(now.0), now).await
}

/// Ends every session of an account and revokes every grant, those with `offline_access` too.
pub(crate) async fn sign_out_everywhere(tx: &DatabaseTransaction, account: Uuid, now: Timestamp) -> Result<(), Error> {
    while end_sessions(tx, session::Column::AccountId.eq(account), now).await? == BATCH {}
    revoke_grants(tx, grants::Column::AccountId.eq(account), now).await.map(drop)
}
