//! Browsers in which the console is open.

use std::net::IpAddr;

use oauth::secret::Secret;
use oauth::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::admin_token::ADMIN_TOKEN;
use crate::audit::Actor;
use crate::entity::admin_session;
use crate::error::Error;
use crate::throttle::{Admission, Attempt, Counted};
use crate::{Idp, random, settings};

/// Seconds the console stays open after a login.
pub const ADMIN_SESSION_LIFETIME: i64 = 12 * 3_600;

impl Idp {
    /// Opens the console for whoever holds the admin token; returns the cookie's value. With a `caller`, wrong tokens delay
    /// further ones from that address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_console(&self, presented: &Secret, caller: Option<IpAddr>) -> Result<Admission<Secret>, Error> {
        let counters = caller.map(|address| self.counters(Counted::Console, address)).unwrap_or_default();
        let counted = match self.count_attempt(counters).await? {
            Attempt::Counted(counted) => counted,
            Attempt::Delayed { wait } => return Ok(Admission::Delayed { wait }),
        };
        let (address, wait) = (caller.map(tracing::field::display), counted.delay(self.now()));
        let Some(kept) = self.match_admin_token(presented).await? else {
            tracing::warn!(address, wait, "the console was not opened: wrong admin token");
            return Ok(Admission::Refused);
        };
        let (cookie, now) = (Secret::new(random::token()), self.now());
        let row = admin_session::Model {
            digest: cookie.digest().as_bytes().to_vec(),
            created_at: now.0,
            expires_at: now.plus(ADMIN_SESSION_LIFETIME).0,
        };
        let opened = self.store.write(move |tx| {
            Box::pin(async move {
                // Checking took a while: who resets the token meanwhile waits for this lock, or is found here.
                if !settings::hold(tx, ADMIN_TOKEN, kept.as_str()).await? {
                    return Ok(false);
                }
                admin_session::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                counted.settle(tx).await?;
                Ok(true)
            })
        });
        if opened.await? {
            return Ok(Admission::Admitted(cookie));
        }
        tracing::warn!(address, wait, "the console was not opened: there is another admin token now");
        Ok(Admission::Refused)
    }

    /// The administrator who has the console open with this cookie. What the actor does later is refused once the console is
    /// closed, its time is over, or there is another admin token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_admin(&self, cookie: &Secret) -> Result<Option<Actor>, Error> {
        let digest = cookie.digest();
        let found = admin_session::Entity::find_by_id(digest.as_bytes().to_vec()).one(self.store.read()).await?;
        Ok(found.filter(|row| self.now() < Timestamp(row.expires_at)).map(|_| Actor::by_session(digest)))
    }

    /// Closes the console; false where it was not open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_console(&self, cookie: &Secret) -> Result<bool, Error> {
        let digest = cookie.digest().as_bytes().to_vec();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let closed = admin_session::Entity::delete_many()
                        .filter(admin_session::Column::Digest.eq(digest))
                        .exec(tx)
                        .await?;
                    Ok::<_, Error>(closed.rows_affected > 0)
                })
            })
            .await
    }
}
