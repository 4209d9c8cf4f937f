//! The life of a key by the calendar: next, active, retiring, retired.
//!
//! A key is published some days before it signs, so that whoever keeps a copy of the JWK Set has it when the first token comes.
//! It signs for a time that the operator chose, stays published while what it signed is accepted, is then remembered for a year
//! and deleted. Any number of nodes may look at the calendar at once: each step is taken under a lock, by one of them.

use oauth::jose::{KeyState, SigningAlg};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::change;
use super::replace::{insert, lock};
use crate::audit::{self, Actor};
use crate::entity::signing_key::{self, Column};
use crate::error::Error;
use crate::keyring::{KeyInfo, Keyring};
use crate::{Idp, chores};

/// Seconds a key is published before it signs, at most: a week. Half of the time that keys sign, where that is less.
const PUBLISHED_BEFORE: i64 = 7 * 86_400;

/// Seconds a key that is not published any more is remembered.
const REMEMBERED: i64 = 365 * 86_400;

impl Idp {
    /// Takes every key a step further whose time has come.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn advance_keys(&self) -> Result<(), Error> {
        chores::note(&self.failed_chores.keys, self.keep_calendar().await)
    }

    async fn keep_calendar(&self) -> Result<(), Error> {
        self.retire_expired_keys().await?;
        for alg in SigningAlg::ALL {
            let keyring = self.keyring();
            let (Some(active), Some(due)) = (keyring.find_key(alg, KeyState::Active), self.rotation_of(&keyring, alg))
            else {
                continue;
            };
            match keyring.find_key(alg, KeyState::Next) {
                Some(next) if self.now() >= due => {
                    self.promote(active, next).await?;
                }
                None if self.now() >= due.plus(-self.published_before()) => self.publish_next_key(alg, active).await?,
                _ => {}
            }
        }
        self.advance_encryption_keys().await
    }

    /// When the next thing happens to a key by itself: a next one begins to sign, an active one is replaced, a retiring one is
    /// not published any more.
    #[must_use]
    pub fn next_step(&self, key: &KeyInfo) -> Option<Timestamp> {
        match key.state {
            KeyState::Next | KeyState::Active => self.rotation_of(&self.keyring(), key.alg),
            KeyState::Retiring => key.expires_at,
            KeyState::Retired | KeyState::Withdrawn => None,
        }
    }

    /// When the key of `alg` is to be replaced: after its time, but not before the next one was published for long enough.
    fn rotation_of(&self, keyring: &Keyring, alg: SigningAlg) -> Option<Timestamp> {
        let due = keyring.find_key(alg, KeyState::Active)?.activated_at?.plus(self.options.tunables.key_rotation?);
        let next = keyring.find_key(alg, KeyState::Next);
        Some(next.map_or(due, |next| due.max(next.created_at.plus(self.published_before()))))
    }

    fn published_before(&self) -> i64 {
        self.options.tunables.key_rotation.map_or(PUBLISHED_BEFORE, |period| PUBLISHED_BEFORE.min(period / 2))
    }

    /// Makes the key that comes after `active`, unless another node has.
    async fn publish_next_key(&self, alg: SigningAlg, active: &KeyInfo) -> Result<(), Error> {
        let (key, now, active) = (self.make_key(alg, KeyState::Next).await?, self.now(), active.kid.clone());
        let kid = key.kid.clone();
        let change = change(&Actor::system(), "key.publish", alg, &kid);
        let published = self.store.write(move |tx| {
            Box::pin(async move {
                let keys = lock(tx, alg).await?;
                if keys.next().is_some() || keys.signing().is_none_or(|key| key.kid != active) {
                    return Ok(false);
                }
                signing_key::Entity::update_many()
                    .col_expr(Column::Successor, Expr::value(key.kid.clone()))
                    .filter(Column::Kid.eq(active))
                    .exec(tx)
                    .await?;
                insert(tx, key).await?;
                audit::append(tx, change, now).await?;
                Ok(true)
            })
        });
        if self.after_change(published.await)? {
            tracing::info!(%alg, kid, "the next key is published");
        }
        self.reload_keyring().await
    }

    /// Writes down which keys are not published any more, and forgets those that have not been for long.
    async fn retire_expired_keys(&self) -> Result<(), Error> {
        let now = self.now();
        let expired = signing_key::Entity::find()
            .filter(Column::State.eq(KeyState::Retiring.as_str()))
            .filter(Column::ExpiresAt.lte(now.0))
            .all(self.store.read())
            .await?;
        let forgotten = signing_key::Entity::find()
            .filter(Column::State.eq(KeyState::Retired.as_str()))
            .filter(Column::ExpiresAt.lte(now.plus(-REMEMBERED).0))
            .all(self.store.read())
            .await?;
        if expired.is_empty() && forgotten.is_empty() {
            return Ok(());
        }
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                for key in expired {
                    let retired = signing_key::Entity::update_many()
                        .col_expr(Column::State, Expr::value(KeyState::Retired.as_str()))
                        .col_expr(Column::PrivateJwe, Expr::value(""))
                        .filter(Column::Kid.eq(&key.kid))
                        .filter(Column::State.eq(KeyState::Retiring.as_str()))
                        .exec(tx)
                        .await?;
                    if let (1, Some(alg)) = (retired.rows_affected, SigningAlg::find(&key.alg)) {
                        audit::append(tx, change(&Actor::system(), "key.retire", alg, &key.kid), now).await?;
                    }
                }
                for key in forgotten {
                    signing_key::Entity::delete_by_id(key.kid).exec(tx).await?;
                }
                Ok(())
            })
        });
        self.after_change(written.await)?;
        self.reload_keyring().await
    }
}
