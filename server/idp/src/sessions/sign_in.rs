//! Signing in.

use std::net::IpAddr;

use oauth::refusal::Reason;
use oauth::secret::{Secret, SecretDigest};
use oauth::session::Factor;
use oauth::time::Timestamp;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::{MAX_SESSIONS, SESSION_LIFETIME, end_sessions};
use crate::entity::{account, session};
use crate::error::Error;
use crate::password::Asker;
use crate::throttle::{Attempt, Reservation};
use crate::users::Rehash;
use crate::{Idp, activity, password, random, users};

/// The end of a login.
#[derive(Debug)]
pub enum SignIn {
    /// Somebody is signed in; the value of the session's cookie.
    Opened(Secret),
    /// The name or the password is wrong, or the account is disabled. Nobody is told which.
    Refused {
        /// For whoever looks into it: one of `NameUnknown`, `PasswordWrong`, `AccountDisabled`.
        reason: Reason,
    },
    /// The password was not looked at: there were too many wrong ones before it.
    Delayed {
        /// Seconds until one is looked at, at least 1.
        wait: i64,
    },
}

/// A login that is about to be written.
#[derive(Clone)]
struct Opening {
    row: session::Model,
    /// The session that the browser has.
    previous: Option<SecretDigest>,
    /// The attempt, counted as a wrong one until it is settled.
    counted: Reservation,
}

impl Idp {
    /// Checks a user name (or email address) and a password. Takes as long for a name that does not exist. On success the
    /// session `previous` goes on under a new cookie if it is of the same person, and ends if it is of somebody else. With a
    /// `caller`, wrong passwords delay further ones for the account and for that address; without one they are not counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in(
        &self,
        login: &str,
        presented: &str,
        previous: Option<&Secret>,
        user_agent: Option<&str>,
        caller: Option<IpAddr>,
    ) -> Result<SignIn, Error> {
        let account = self.find_account_by_login(login).await?;
        if let Some(account) = &account {
            activity::about_user(&users::subject_of(account.id));
        }
        let counters = match caller {
            Some(address) => self.password_counters(account.as_ref(), login, previous, address).await?,
            None => Vec::new(),
        };
        let counted = match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => return Ok(SignIn::Delayed { wait }),
        };
        let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
        let asker = Asker::new(caller, counted.is_suspected());
        let right = match password::verify(presented, hash, asker).await {
            Err(Error::Busy) => {
                self.store.write(move |tx| Box::pin(counted.clone().take_back(tx))).await?;
                return Err(Error::Busy);
            }
            checked => checked?,
        };
        let known = account.as_ref().map(|account| account.id);
        let reason = match &account {
            None => Reason::NameUnknown,
            Some(account) if !account.enabled => Reason::AccountDisabled,
            Some(_) => Reason::PasswordWrong,
        };
        let Some(account) = account.filter(|account| right && account.enabled) else {
            let (account, wait) = (known.map(tracing::field::display), counted.delay(self.now()));
            tracing::warn!(address = caller.map(tracing::field::display), account, wait, "a login was refused");
            return Ok(SignIn::Refused { reason });
        };
        let better = self.rehash(&account, presented).await?;
        let (cookie, now) = (Secret::new(random::token()), self.now());
        let opening = Opening {
            row: session::Model {
                digest: cookie.digest().as_bytes().to_vec(),
                sid: random::token(),
                account_id: account.id,
                factors: Some(serde_json::to_string(&[Factor::password(now)]).map_err(Error::internal)?),
                created_at: now.0,
                expires_at: now.plus(SESSION_LIFETIME).0,
                user_agent: user_agent.map(|text| text.chars().take(200).collect()),
                seen_at: Some(now.0),
                address: activity::Origin::current().address(),
                tells_clients: false,
            },
            previous: previous.map(Secret::digest),
            counted,
        };
        if self.open_session(opening.clone(), account.password_hash, better).await? {
            return Ok(SignIn::Opened(cookie));
        }
        // It is another hash now: of another password, or of the same one, if they signed in twice at once for the first time.
        let again = account::Entity::find_by_id(account.id).one(self.store.read()).await?;
        let hash = again.filter(|again| again.enabled).and_then(|again| again.password_hash);
        if password::verify(presented, hash.as_deref(), asker).await? && self.open_session(opening, hash, None).await? {
            return Ok(SignIn::Opened(cookie));
        }
        tracing::warn!(account = %account.id, "a login was refused: the account was changed while the password was checked");
        Ok(SignIn::Refused { reason })
    }

    /// Writes the session, if the account is enabled and has the hash that the password was checked against: checking takes a
    /// while, and who got another password meanwhile, or was disabled, is not let in by the old one.
    async fn open_session(
        &self,
        opening: Opening,
        hash: Option<String>,
        better: Option<Rehash>,
    ) -> Result<bool, Error> {
        let now = self.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let unchanged = account::Entity::update_many()
                        .col_expr(account::Column::LastSignInAt, Expr::value(now.0))
                        .filter(account::Column::Id.eq(opening.row.account_id))
                        .filter(account::Column::Enabled.eq(true))
                        .filter(account::Column::PasswordHash.eq(hash))
                        .exec(tx)
                        .await?;
                    if unchanged.rows_affected == 0 {
                        return Ok(false);
                    }
                    open(tx, opening.row, opening.previous, now).await?;
                    if let Some(better) = better {
                        better.store(tx).await?;
                    }
                    opening.counted.settle(tx).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// Writes the login: into the session that the browser has, if it is of the same person, so that its ID stays and what was granted
/// in it goes on; else into a new one, in the place of whatever the browser had.
async fn open(
    tx: &DatabaseTransaction,
    row: session::Model,
    previous: Option<SecretDigest>,
    now: Timestamp,
) -> Result<(), Error> {
    if let Some(previous) = previous {
        let previous = session::Column::Digest.eq(previous.as_bytes().to_vec());
        let renewed = session::Entity::update_many()
            .col_expr(session::Column::Digest, Expr::value(row.digest.clone()))
            .col_expr(session::Column::Factors, Expr::value(row.factors.clone()))
            .col_expr(session::Column::ExpiresAt, Expr::value(row.expires_at))
            .col_expr(session::Column::SeenAt, Expr::value(row.seen_at))
            .col_expr(session::Column::UserAgent, Expr::value(row.user_agent.clone()))
            .col_expr(session::Column::Address, Expr::value(row.address.clone()))
            .filter(
                Condition::all()
                    .add(previous.clone())
                    .add(session::Column::AccountId.eq(row.account_id))
                    .add(session::Column::ExpiresAt.gt(now.0)),
            )
            .exec(tx)
            .await?;
        if renewed.rows_affected == 1 {
            return Ok(());
        }
        end_previous(tx, previous, now).await?;
    }
    let (account, sid) = (row.account_id, row.sid.clone());
    session::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let beyond: Vec<String> = session::Entity::find()
        .select_only()
        .column(session::Column::Sid)
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::Sid.ne(sid))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_asc(session::Column::Sid)
        .offset(MAX_SESSIONS - 1)
        .limit(MAX_SESSIONS)
        .into_tuple()
        .all(tx)
        .await?;
    if !beyond.is_empty() {
        end_sessions(tx, session::Column::Sid.is_in(beyond), now).await?;
    }
    Ok(())
}

/// Ends the session that the browser had, which may be somebody else's.
async fn end_previous(tx: &DatabaseTransaction, previous: SimpleExpr, now: Timestamp) -> Result<(), Error> {
    let row = session::Entity::find().filter(previous.clone()).one(tx).await?;
    if let Some(row) = row {
        users::lock_exclusive(tx, row.account_id).await?;
        end_sessions(tx, previous, now).await?;
    }
    Ok(())
}
