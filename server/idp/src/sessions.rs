//! Browsers in which somebody is signed in.

use std::net::IpAddr;
use std::sync::Arc;

use oauth::count::Count;
use oauth::id::SessionId;
use oauth::secret::{Secret, SecretDigest};
use oauth::session::{ACR_PASSWORD, AMR_PASSWORD, Session};
use oauth::time::Timestamp;
use oauth::user::User;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait as _};

use crate::entity::{account, grants, session};
use crate::error::Error;
use crate::grants::revoke_grants;
use crate::page::count;
use crate::throttle::{Attempt, Entry, Reservation};
use crate::users::Rehash;
use crate::{Idp, password, random, users};

/// Seconds a session lasts: 30 days, across restarts of the browser.
pub const SESSION_LIFETIME: i64 = 30 * 86_400;

/// A session with the person it belongs to.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub session: Session,
    pub user: Arc<User>,
}

/// A session that is about to be opened.
#[derive(Clone)]
struct Opening {
    row: session::Model,
    /// The session that ends with it.
    previous: Option<SecretDigest>,
    /// The attempt, counted as a wrong one until it is settled.
    counted: Reservation,
}

impl Idp {
    /// Checks a user name (or email address) and a password. Takes as long for a name that does not exist. On success opens a
    /// new session, ends `previous`, and returns the cookie's value. With a `caller`, wrong passwords delay further
    /// ones for the account and for that address; without one they are not counted.
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
    ) -> Result<Entry<Secret>, Error> {
        let account = self.find_account_by_login(login).await?;
        let counters = match caller {
            Some(address) => self.password_counters(account.as_ref(), login, previous, address).await?,
            None => Vec::new(),
        };
        let counted = match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => return Ok(Entry::Delayed { wait }),
        };
        let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
        let right = password::verify(presented, hash).await?;
        let known = account.as_ref().map(|account| account.id);
        let Some(account) = account.filter(|account| right && account.enabled) else {
            let (account, wait) = (known.map(tracing::field::display), counted.delay(self.now()));
            tracing::warn!(address = caller.map(tracing::field::display), account, wait, "a login was refused");
            return Ok(Entry::Refused);
        };
        let better = self.rehash(&account, presented).await?;
        let (cookie, now) = (Secret::new(random::token()), self.now());
        let opening = Opening {
            row: session::Model {
                digest: cookie.digest().as_bytes().to_vec(),
                sid: random::token(),
                account_id: account.id,
                auth_time: now.0,
                acr: ACR_PASSWORD.to_owned(),
                amr: AMR_PASSWORD.to_owned(),
                created_at: now.0,
                expires_at: now.plus(SESSION_LIFETIME).0,
                user_agent: user_agent.map(|text| text.chars().take(200).collect()),
                ip: None,
            },
            previous: previous.map(Secret::digest),
            counted,
        };
        if self.open_session(opening.clone(), account.password_hash, better).await? {
            return Ok(Entry::Opened(cookie));
        }
        // It is another hash now: of another password, or of the same one, if they signed in twice at once for the first time.
        let again = account::Entity::find_by_id(account.id).one(self.store.read()).await?;
        let hash = again.filter(|again| again.enabled).and_then(|again| again.password_hash);
        if password::verify(presented, hash.as_deref()).await? && self.open_session(opening, hash, None).await? {
            return Ok(Entry::Opened(cookie));
        }
        tracing::warn!(account = %account.id, "a login was refused: the account was changed while the password was checked");
        Ok(Entry::Refused)
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
                    if let Some(previous) = opening.previous {
                        session::Entity::delete_by_id(previous.as_bytes().to_vec()).exec(tx).await?;
                    }
                    session::Entity::insert(opening.row.into_active_model()).exec_without_returning(tx).await?;
                    if let Some(better) = better {
                        better.store(tx).await?;
                    }
                    opening.counted.settle(tx).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// The person who is signed in with this cookie.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_session(&self, cookie: &Secret) -> Result<Option<SignedIn>, Error> {
        let row = session::Entity::find_by_id(cookie.digest().as_bytes().to_vec()).one(self.store.read()).await?;
        let Some(row) = row.filter(|row| row.expires_at > self.now().0) else {
            return Ok(None);
        };
        let subject = users::subject_of(row.account_id);
        let Some(user) = self.find_user(&subject).await? else {
            return Ok(None);
        };
        let session = Session {
            subject,
            sid: SessionId::new(row.sid),
            auth_time: Timestamp(row.auth_time),
            acr: row.acr,
            amr: row.amr.split(' ').map(str::to_owned).collect(),
        };
        Ok(Some(SignedIn { session, user }))
    }

    /// Ends a session. What was granted in it ends too, but for grants with `offline_access`; at `client_id` everything that
    /// the user granted ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(&self, cookie: &Secret, session: &Session, client_id: Option<&str>) -> Result<(), Error> {
        let digest = cookie.digest().as_bytes().to_vec();
        let account = users::account_id(&session.subject)?;
        let (sid, client_id, now) = (session.sid.to_string(), client_id.map(str::to_owned), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    session::Entity::delete_by_id(digest).exec(tx).await?;
                    let of_session = grants::Column::Sid.eq(sid).and(grants::Column::Offline.eq(false));
                    revoke_grants(tx, of_session, now).await?;
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

    /// The number of open sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&self) -> Result<Count, Error> {
        let live = session::Column::ExpiresAt.gt(self.now().0);
        count(self.store.read(), session::Entity::find().filter(live).into_query()).await
    }
}
