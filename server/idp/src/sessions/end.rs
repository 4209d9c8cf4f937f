//! The end of a session. However it comes, it means the same: the row goes, and with it what was granted in the session, but for
//! grants with `offline_access` (OpenID Connect Core §11).

use std::collections::BTreeSet;

use oauth::id::{ClientId, SessionId, Subject};
use oauth::session::Session;
use oauth::time::Timestamp;
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::list::is_sid;
use crate::audit::{self, Actor, Change};
use crate::entity::{grants, session};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::{Idp, logouts, users};

/// Sessions ended by one statement.
const BATCH: u64 = 500;

/// Sessions that an administrator ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenSessions {
    Everybody,
    User(Subject),
    /// Those of these that are open.
    These(Vec<SessionId>),
}

impl Idp {
    /// Ends sessions in the name of an administrator, 500 in each transaction. Returns how many there were.
    ///
    /// # Errors
    /// `NotFound` when nobody can be of that subject; `Unauthorized`; or when the database does not answer. What was ended before stays
    /// so.
    pub async fn end_chosen_sessions(&self, actor: &Actor, chosen: &ChosenSessions) -> Result<u64, Error> {
        let sids = match chosen {
            ChosenSessions::Everybody => return self.end_all_sessions(actor, None).await,
            ChosenSessions::User(subject) => return self.end_all_sessions(actor, Some(subject)).await,
            ChosenSessions::These(sids) => sids,
        };
        let mut ended = 0;
        for sid in sids.iter().filter(|sid| is_sid(sid.as_str())) {
            ended += self.end_one_session(actor, sid).await?;
        }
        Ok(ended)
    }

    async fn end_one_session(&self, actor: &Actor, sid: &SessionId) -> Result<u64, Error> {
        let now = self.now();
        let which = session::Column::Sid.eq(sid.as_str()).and(session::Column::ExpiresAt.gt(now.0));
        let Some(row) = session::Entity::find().filter(which.clone()).one(self.store.read()).await? else {
            return Ok(0);
        };
        let account = row.account_id;
        let change = Change {
            actor: actor.clone(),
            action: "user.end_session",
            target: users::subject_of(account).to_string(),
            before: Some(json!({ "sid": row.sid, "address": row.address, "user_agent": row.user_agent })),
            after: None,
        };
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    users::lock_exclusive(tx, account).await?;
                    let ended = end_sessions(tx, which, now).await?.count;
                    if ended > 0 {
                        audit::record(tx, change, now).await?;
                    }
                    Ok::<_, Error>(ended)
                })
            })
            .await
    }

    /// Ends all sessions, of a user or of everybody, in the order of their IDs: whoever signs in again meanwhile does not keep this from
    /// coming to an end.
    async fn end_all_sessions(&self, actor: &Actor, subject: Option<&Subject>) -> Result<u64, Error> {
        let account = subject.map(users::account_id).transpose()?;
        let (action, target) = match subject {
            Some(subject) => ("user.end_sessions", subject.to_string()),
            None => ("server.end_sessions", "sessions".to_owned()),
        };
        let change = Change { actor: actor.clone(), action, target, before: None, after: None };
        let (now, mut last, mut total) = (self.now(), String::new(), 0);
        loop {
            let (change, after) = (change.clone(), last.clone());
            let batch = self.store.write(move |tx| Box::pin(end_batch(tx, account, after, change, now)));
            let (ended, end) = batch.await?;
            total += ended;
            let Some(end) = end else { return Ok(total) };
            last = end;
        }
    }

    /// Signs out: ends the session. At `client_id` everything that the user granted ends, if they or an ID token `vouched` that they mean
    /// that; otherwise what they granted in this session. Returns the clients that hear of it, up to 50.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(
        &self,
        session: &Session,
        client_id: Option<&str>,
        vouched: bool,
    ) -> Result<Vec<ClientId>, Error> {
        let account = users::account_id(&session.subject)?;
        let (sid, client_id, now) = (session.sid.to_string(), client_id.map(str::to_owned), self.now());
        let told = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    users::lock_exclusive(tx, account).await?;
                    let ended = end_sessions(tx, session::Column::Sid.eq(sid.as_str()), now).await?;
                    let told = if ended.tells_clients { logouts::clients_of(tx, &sid).await? } else { Vec::new() };
                    if let Some(client_id) = client_id {
                        let at_client =
                            grants::Column::AccountId.eq(account).and(grants::Column::ClientId.eq(client_id));
                        let of_session = grants::Column::Sid.eq(sid.as_str());
                        let ended = if vouched { at_client } else { at_client.and(of_session) };
                        revoke_grants(tx, ended, now).await?;
                    }
                    Ok::<_, Error>(told)
                })
            })
            .await?;
        if !told.is_empty() {
            self.logouts.wake();
        }
        Ok(told)
    }
}

/// Sessions that were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) count: u64,
    /// True: there are clients that hear of it.
    pub(crate) tells_clients: bool,
}

/// Ends the sessions that `which` finds, the oldest first, up to 500. Their clients hear of it: that is written with their end.
///
/// The account is locked already, unless the sessions are over: whoever issues something in a session locks its account first. If
/// they met at the session instead, MySQL would find them to lock the row and its indexes in different orders, and choose the one
/// who signs out to lose, time after time.
///
/// The rows are locked before they are deleted: what is being granted in one of them is waited for, and revoked.
pub(crate) async fn end_sessions(tx: &DatabaseTransaction, which: SimpleExpr, now: Timestamp) -> Result<Ended, Error> {
    let found: Vec<(String, bool)> = session::Entity::find()
        .select_only()
        .columns([session::Column::Sid, session::Column::TellsClients])
        .filter(which)
        .order_by_asc(session::Column::CreatedAt)
        .limit(BATCH)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    let count = found.len() as u64;
    if count == 0 {
        return Ok(Ended { count, tells_clients: false });
    }
    let telling: Vec<&str> = found.iter().filter(|(_, tells)| *tells).map(|(sid, _)| sid.as_str()).collect();
    let tells_clients = !telling.is_empty();
    if tells_clients {
        logouts::announce(tx, &telling, now).await?;
    }
    let sids: Vec<String> = found.into_iter().map(|(sid, _)| sid).collect();
    session::Entity::delete_many().filter(session::Column::Sid.is_in(&sids)).exec(tx).await?;
    revoke_grants(tx, grants::Column::Sid.is_in(&sids).and(grants::Column::Offline.eq(false)), now).await?;
    Ok(Ended { count, tells_clients })
}

/// Ends the sessions behind the one called `after`, up to 500. Returns how many there were, and the last of them if there may be more.
async fn end_batch(
    tx: &DatabaseTransaction,
    account: Option<Uuid>,
    after: String,
    change: Change,
    now: Timestamp,
) -> Result<(u64, Option<String>), Error> {
    let mut found = session::Entity::find()
        .select_only()
        .columns([session::Column::Sid, session::Column::AccountId])
        .filter(session::Column::Sid.gt(after))
        .filter(session::Column::ExpiresAt.gt(now.0));
    if let Some(account) = account {
        found = found.filter(session::Column::AccountId.eq(account));
    }
    let found: Vec<(String, Uuid)> = found.order_by_asc(session::Column::Sid).limit(BATCH).into_tuple().all(tx).await?;
    let Some((last, _)) = found.last().cloned() else { return Ok((0, None)) };
    let is_full = found.len() as u64 == BATCH;
    let accounts: BTreeSet<Uuid> = found.iter().map(|(_, account)| *account).collect();
    users::lock_all_exclusive(tx, accounts).await?;
    let sids = found.into_iter().map(|(sid, _)| sid);
    let ended = end_sessions(tx, session::Column::Sid.is_in(sids), now).await?.count;
    if ended > 0 {
        audit::record(tx, Change { after: Some(json!({ "ended": ended })), ..change }, now).await?;
    }
    Ok((ended, is_full.then_some(last)))
}

/// Ends the sessions whose time is over, up to 500. Returns how many there were.
pub(crate) async fn end_expired_sessions(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, Error> {
    Ok(end_sessions(tx, session::Column::ExpiresAt.lt(now.0), now).await?.count)
}

/// Ends every session of an account and revokes every grant, those with `offline_access` too.
pub(crate) async fn sign_out_everywhere(tx: &DatabaseTransaction, account: Uuid, now: Timestamp) -> Result<(), Error> {
    while end_sessions(tx, session::Column::AccountId.eq(account), now).await?.count == BATCH {}
    revoke_grants(tx, grants::Column::AccountId.eq(account), now).await.map(drop)
}
