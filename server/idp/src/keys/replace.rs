//! Replacing keys: the first ones, by hand, and for good.
//!
//! Keys change one after another: every change takes one lock and reads the keys again before it decides. Whoever asks for a
//! replacement names the key to be replaced, so of any number who ask at once one is served, and the others are told the result.

use oauth::jose::{KeyState, SigningAlg};
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{KEY_RETIRING, KEY_SETTLING, change};
use crate::audit::{self, Actor, Change};
use crate::entity::signing_key::{self, Column, Model};
use crate::error::Error;
use crate::keyring::{KeyInfo, KeyringError};
use crate::{Idp, settings};

/// The setting whose row is the lock.
const LOCK: &str = "signing_keys_lock";

/// Tries of a change that found, under the lock, other keys than before.
const TRIES: usize = 5;

impl Idp {
    /// The ID of the key that signs with `alg`, as far as this process knows.
    ///
    /// # Errors
    /// When there is none.
    pub fn signing_kid(&self, alg: SigningAlg) -> Result<String, Error> {
        let keyring = self.keyring();
        let active = keyring.find_key(alg, KeyState::Active).ok_or(KeyringError::NoSigner(alg))?;
        Ok(active.kid.clone())
    }

    /// Replaces the key `replaced` of `alg` now: by the next one if the clients had time to see it, else by a new one. The old
    /// one stays published while tokens signed with it live. Nothing happens where it does not sign any more. Returns the ID
    /// of the key that signs.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], or when the database does not answer.
    pub async fn rotate_key(&self, actor: &Actor, alg: SigningAlg, replaced: &str) -> Result<String, Error> {
        for _ in 0..TRIES {
            // Another node may have changed the keys within the last second.
            self.reload_keyring().await?;
            let signing = self.signing_kid(alg)?;
            if signing != replaced {
                return Ok(signing);
            }
            let now = self.now();
            let settled = |next: &KeyInfo| now >= next.created_at.plus(KEY_SETTLING);
            let spare = match self.keyring().find_key(alg, KeyState::Next) {
                Some(next) if settled(next) => None,
                _ => Some(self.make_key(alg, KeyState::Active).await?),
            };
            let (actor, replaced) = (actor.clone(), replaced.to_owned());
            let rotated = self
                .store
                .write(move |tx| Box::pin(async move { rotate(tx, &actor, alg, &replaced, spare, now).await }));
            match self.after_change(rotated.await) {
                Err(Error::Stale) => {}
                result => {
                    self.reload_keyring().await?;
                    return result;
                }
            }
        }
        Err(Error::Stale)
    }

    /// Withdraws a key for good: it is published no more, and verifies nothing. Where it signs, a new one does from now on; not
    /// the next one, which lies beside the one that became known. Nothing happens to a key that was withdrawn before. A key to decrypt by
    /// is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key, [`Error::Unauthorized`], or when the database does not answer.
    pub async fn withdraw_key(&self, actor: &Actor, kid: &str) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.reload_keyring().await?;
            let key = self.keyring().keys().iter().find(|key| key.kid == kid).cloned();
            let Some(key) = key else {
                let withdrawn = self.withdraw_encryption_key(actor, kid).await?;
                return if withdrawn { Ok(()) } else { Err(Error::NotFound) };
            };
            let spare = match key.state {
                KeyState::Active => Some(self.make_key(key.alg, KeyState::Active).await?),
                _ => None,
            };
            let (actor, now) = (actor.clone(), self.now());
            let withdrawn =
                self.store.write(move |tx| Box::pin(async move { withdraw(tx, &actor, &key, spare, now).await }));
            match self.after_change(withdrawn.await) {
                Err(Error::Stale) => {}
                result => {
                    self.reload_keyring().await?;
                    return result;
                }
            }
        }
        Err(Error::Stale)
    }

    /// Creates a first key of each algorithm that has none.
    pub(crate) async fn create_missing_keys(&self) -> Result<(), Error> {
        let keyring = self.keyring();
        let is_missing = |alg: &SigningAlg| keyring.find_key(*alg, KeyState::Active).is_none();
        let mut made = Vec::new();
        for alg in SigningAlg::ALL.into_iter().filter(is_missing) {
            made.push((alg, self.make_key(alg, KeyState::Active).await?));
        }
        if made.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let created = self.store.write(move |tx| Box::pin(async move { create_first(tx, made, now).await }));
        self.after_change(created.await)?;
        self.reload_keyring().await
    }

    /// Lets the key `next` sign instead of `active`, if both are still what they were. False when somebody was faster.
    pub(super) async fn promote(&self, active: &KeyInfo, next: &KeyInfo) -> Result<bool, Error> {
        let (alg, now) = (next.alg, self.now());
        let (active, kid) = (active.kid.clone(), next.kid.clone());
        let next = kid.clone();
        let promoted = self.store.write(move |tx| {
            Box::pin(async move {
                let keys = lock(tx, alg).await?;
                if keys.signing().is_none_or(|key| key.kid != active) || keys.next().is_none_or(|key| key.kid != next) {
                    return Ok(false);
                }
                retire(tx, alg, now).await?;
                activate(tx, &next, now).await?;
                audit::append(tx, change(&Actor::system(), "key.rotate", alg, &next), now).await?;
                Ok(true)
            })
        });
        let promoted = self.after_change(promoted.await)?;
        if promoted {
            tracing::info!(%alg, kid, "the next key signs from now on");
        }
        self.reload_keyring().await?;
        Ok(promoted)
    }
}

/// The keys of one algorithm, read under the lock.
pub(super) struct Locked(Vec<Model>);

impl Locked {
    /// The key that signs: the newest, where an older version let two nodes make their first ones at once.
    pub(super) fn signing(&self) -> Option<&Model> {
        let active = self.0.iter().filter(|key| key.state == KeyState::Active.as_str());
        active.max_by_key(|key| (key.activated_at.unwrap_or(key.created_at), key.created_at, &key.kid))
    }

    pub(super) fn next(&self) -> Option<&Model> {
        self.0.iter().find(|key| key.state == KeyState::Next.as_str())
    }
}

/// Takes the lock until the commit, and reads the keys of `alg` that sign or will.
pub(super) async fn lock(tx: &DatabaseTransaction, alg: SigningAlg) -> Result<Locked, Error> {
    settings::lock(tx, LOCK).await?;
    let states = [KeyState::Active.as_str(), KeyState::Next.as_str()];
    let keys =
        signing_key::Entity::find().filter(Column::Alg.eq(alg.as_str())).filter(Column::State.is_in(states)).all(tx);
    Ok(Locked(keys.await?))
}

async fn create_first(tx: &DatabaseTransaction, made: Vec<(SigningAlg, Model)>, now: Timestamp) -> Result<(), Error> {
    for (alg, key) in made {
        // Another node made one meanwhile: ours is forgotten.
        if lock(tx, alg).await?.signing().is_some() {
            continue;
        }
        let kid = key.kid.clone();
        insert(tx, key).await?;
        audit::append(tx, change(&Actor::system(), "key.create", alg, &kid), now).await?;
    }
    Ok(())
}

async fn rotate(
    tx: &DatabaseTransaction,
    actor: &Actor,
    alg: SigningAlg,
    replaced: &str,
    spare: Option<Model>,
    now: Timestamp,
) -> Result<String, Error> {
    let keys = lock(tx, alg).await?;
    let signing = keys.signing().ok_or(KeyringError::NoSigner(alg))?;
    if signing.kid != replaced {
        return Ok(signing.kid.clone());
    }
    retire(tx, alg, now).await?;
    let kid = match keys.next().filter(|next| now.0 >= next.created_at + KEY_SETTLING) {
        Some(next) => {
            activate(tx, &next.kid, now).await?;
            next.kid.clone()
        }
        None => succeed(tx, &keys, spare).await?,
    };
    audit::append(tx, change(actor, "key.rotate", alg, &kid), now).await?;
    Ok(kid)
}

async fn withdraw(
    tx: &DatabaseTransaction,
    actor: &Actor,
    key: &KeyInfo,
    spare: Option<Model>,
    now: Timestamp,
) -> Result<(), Error> {
    let keys = lock(tx, key.alg).await?;
    let row = signing_key::Entity::find_by_id(&key.kid).one(tx).await?.ok_or(Error::NotFound)?;
    if row.state == KeyState::Withdrawn.as_str() {
        return Ok(());
    }
    let successor = if row.state == KeyState::Active.as_str() {
        retire(tx, key.alg, now).await?;
        Some(succeed(tx, &keys, spare).await?)
    } else {
        None
    };
    signing_key::Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Withdrawn.as_str()))
        .col_expr(Column::PrivateJwe, Expr::value(""))
        .col_expr(Column::RetiredAt, Expr::value(now.0))
        .col_expr(Column::ExpiresAt, Expr::value(now.0))
        .filter(Column::Kid.eq(&key.kid))
        .exec(tx)
        .await?;
    let change = Change {
        actor: actor.clone(),
        action: "key.withdraw",
        target: key.kid.clone(),
        before: Some(json!({ "alg": key.alg, "state": row.state })),
        after: Some(json!({ "alg": key.alg, "state": KeyState::Withdrawn.as_str(), "successor": successor })),
    };
    audit::append(tx, change, now).await
}

/// Lets a key that was made beforehand sign. Making one takes too long to be done under the lock.
async fn succeed(tx: &DatabaseTransaction, keys: &Locked, spare: Option<Model>) -> Result<String, Error> {
    let spare = spare.ok_or(Error::Stale)?;
    let kid = spare.kid.clone();
    insert(tx, Model { successor: keys.next().map(|next| next.kid.clone()), ..spare }).await?;
    Ok(kid)
}

pub(super) async fn insert(tx: &DatabaseTransaction, key: Model) -> Result<(), Error> {
    signing_key::Entity::insert(key.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

async fn activate(tx: &DatabaseTransaction, kid: &str, now: Timestamp) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Active.as_str()))
        .col_expr(Column::ActivatedAt, Expr::value(now.0))
        .filter(Column::Kid.eq(kid))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends the signing of the keys of `alg`. Their private halves are not needed any more, so they go.
async fn retire(tx: &DatabaseTransaction, alg: SigningAlg, now: Timestamp) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Retiring.as_str()))
        .col_expr(Column::PrivateJwe, Expr::value(""))
        .col_expr(Column::RetiredAt, Expr::value(now.0))
        .col_expr(Column::ExpiresAt, Expr::value(now.plus(KEY_RETIRING).0))
        .filter(Column::Alg.eq(alg.as_str()))
        .filter(Column::State.eq(KeyState::Active.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
