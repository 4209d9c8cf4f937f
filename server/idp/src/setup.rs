//! The first start, and the token that opens the console.

use std::net::IpAddr;

use oauth::secret::{Secret, SecretDigest};
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use tokio::sync::Semaphore;

use crate::audit::{self, Actor, Change};
use crate::entity::admin_session;
use crate::error::Error;
use crate::throttle::{Attempt, Counted, Entry};
use crate::{Idp, password, random, scopes, settings};

/// The setting that holds the digest of the admin token.
const ADMIN_TOKEN: &str = "admin_token_digest";

/// Seconds the console stays open after a login.
pub const ADMIN_SESSION_LIFETIME: i64 = 12 * 3_600;

/// The shortest admin token that is accepted, in bytes. One made here has 43; whoever chooses a short one chooses the risk.
pub const MIN_ADMIN_TOKEN: usize = 8;

/// Calls of the admin API whose token is looked at at once. A right token there costs no write, so whatever is looked at before
/// the first wrong one of many is counted goes through: no more than these.
static TURNS: Semaphore = Semaphore::const_new(4);

impl Idp {
    /// Whether the first setup is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_set_up(&self) -> Result<bool, Error> {
        if self.set_up.get().is_some() {
            return Ok(true);
        }
        let done = settings::find(self.store.read(), ADMIN_TOKEN).await?.is_some();
        if done {
            // It is never undone, so it need not be asked again.
            let _ = self.set_up.set(());
        }
        Ok(done)
    }

    /// Does the first setup: keeps the digest of `chosen`, or of a token made here, and creates the core scopes. Returns the
    /// token; `None` when the setup was done before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_up(&self, chosen: Option<&Secret>) -> Result<Option<Secret>, Error> {
        let token = chosen.cloned().unwrap_or_else(|| Secret::new(random::token()));
        let done = self.set_up_with(encode(&token.digest())).await?;
        Ok(done.then_some(token))
    }

    /// Does the first setup with what is kept of an admin token: its digest, or the hash that another server kept. False when
    /// the setup was done before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn set_up_with(&self, kept: String) -> Result<bool, Error> {
        let now = self.now();
        let done = self.store.write(move |tx| {
            Box::pin(async move {
                if !settings::put_first(tx, ADMIN_TOKEN, &kept).await? {
                    return Ok(false);
                }
                scopes::put_core_scopes(tx, now).await?;
                let change = Change {
                    actor: Actor::system(),
                    action: "server.set_up",
                    target: "server".to_owned(),
                    before: None,
                    after: None,
                };
                audit::append(tx, change, now).await?;
                Ok(true)
            })
        });
        self.after_change(done.await)
    }

    /// Makes a new admin token; the old one and every open console end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset_admin_token(&self) -> Result<Secret, Error> {
        if let Some(token) = self.set_up(None).await? {
            return Ok(token);
        }
        let token = Secret::new(random::token());
        let (digest, now) = (encode(&token.digest()), self.now());
        let reset = self.store.write(move |tx| {
            Box::pin(async move {
                settings::put(tx, ADMIN_TOKEN, &digest).await?;
                admin_session::Entity::delete_many().exec(tx).await?;
                let change = Change {
                    actor: Actor::system(),
                    action: "server.reset_admin_token",
                    target: "server".to_owned(),
                    before: None,
                    after: None,
                };
                audit::append(tx, change, now).await
            })
        });
        self.after_change(reset.await)?;
        Ok(token)
    }

    /// Whether this is the admin token.
    async fn is_admin_token(&self, presented: &Secret) -> Result<bool, Error> {
        let Some(kept) = settings::find(self.store.read(), ADMIN_TOKEN).await? else {
            return Ok(false);
        };
        if let Some(digest) = decode(&kept) {
            return Ok(digest == presented.digest());
        }
        if !password::verify(presented.expose(), Some(&kept)).await? {
            return Ok(false);
        }
        // A hash that was imported is slow, and this is asked at every call: from now on there is a digest.
        let digest = encode(&presented.digest());
        let replaced = self
            .store
            .write(move |tx| Box::pin(async move { settings::replace(tx, ADMIN_TOKEN, &kept, &digest).await }));
        replaced.await?;
        Ok(true)
    }

    /// Checks the admin token of a call of the admin API. With a `caller`, wrong ones delay further calls from that address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn check_admin_token(&self, presented: &Secret, caller: Option<IpAddr>) -> Result<Entry<()>, Error> {
        let Some(address) = caller else {
            return Ok(if self.is_admin_token(presented).await? { Entry::Opened(()) } else { Entry::Refused });
        };
        let _turn = TURNS.acquire().await.map_err(Error::internal)?;
        let counter = self.counter(&Counted::AdminApi(address));
        let wait = self.find_delay(std::slice::from_ref(&counter)).await?;
        if wait > 0 {
            return Ok(Entry::Delayed { wait });
        }
        if self.is_admin_token(presented).await? {
            return Ok(Entry::Opened(()));
        }
        match self.count_attempt(vec![counter]).await? {
            Attempt::Counted(counted) => {
                tracing::warn!(%address, wait = counted.delay(self.now()), "a call with a wrong admin token was refused");
                Ok(Entry::Refused)
            }
            Attempt::Delayed { wait } => Ok(Entry::Delayed { wait }),
        }
    }

    /// Opens the console for whoever holds the admin token; returns the cookie's value. With a `caller`, wrong tokens delay
    /// further ones from that address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_console(&self, presented: &Secret, caller: Option<IpAddr>) -> Result<Entry<Secret>, Error> {
        let counters = caller.map(|address| self.counter(&Counted::Console(address))).into_iter().collect();
        let counted = match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => return Ok(Entry::Delayed { wait }),
        };
        if !self.is_admin_token(presented).await? {
            let (address, wait) = (caller.map(tracing::field::display), counted.delay(self.now()));
            tracing::warn!(address, wait, "the console was not opened: wrong admin token");
            return Ok(Entry::Refused);
        }
        let (cookie, now) = (Secret::new(random::token()), self.now());
        let row = admin_session::Model {
            digest: cookie.digest().as_bytes().to_vec(),
            created_at: now.0,
            expires_at: now.plus(ADMIN_SESSION_LIFETIME).0,
        };
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    admin_session::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                    counted.settle(tx).await
                })
            })
            .await?;
        Ok(Entry::Opened(cookie))
    }

    /// Who has the console open with this cookie.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_admin(&self, cookie: &Secret) -> Result<Option<Actor>, Error> {
        let found =
            admin_session::Entity::find_by_id(cookie.digest().as_bytes().to_vec()).one(self.store.read()).await?;
        Ok(found.filter(|row| self.now() < Timestamp(row.expires_at)).map(|_| Actor::admin()))
    }

    /// Closes the console.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_console(&self, cookie: &Secret) -> Result<(), Error> {
        let digest = cookie.digest().as_bytes().to_vec();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    admin_session::Entity::delete_many()
                        .filter(admin_session::Column::Digest.eq(digest))
                        .exec(tx)
                        .await?;
                    Ok::<_, Error>(())
                })
            })
            .await
    }
}

fn encode(digest: &SecretDigest) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

fn decode(text: &str) -> Option<SecretDigest> {
    use base64::Engine as _;
    SecretDigest::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()?)
}
