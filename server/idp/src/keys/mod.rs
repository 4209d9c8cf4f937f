//! Signing keys in the database, and the key ring made of them.

mod schedule;

use std::sync::Arc;

use oauth::jose::SigningAlg;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::signing_key::{self, Column};
use crate::error::Error;
use crate::keyring::{KeyInfo, KeyState, Keyring, StoredKey};
use crate::sessions::SESSION_LIFETIME;
use crate::{Idp, jose};

/// Seconds a key that was replaced stays published. Access tokens live a day at most, but a client may show the ID token of a
/// login as a hint for as long as the session lasts.
pub const KEY_RETIRING: i64 = SESSION_LIFETIME + 86_400;

/// Seconds a key has to be published before a rotation by hand may let it sign: `/.well-known/jwks.json` may be kept for five
/// minutes, and some clients keep it for a day whatever they are told.
pub const KEY_SETTLING: i64 = 86_400;

impl Idp {
    /// The keys in use now. A snapshot: hold it while one answer is made.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// Replaces the key of `alg` now: by the next one if the clients had time to see it, else by a new one. The old one stays
    /// published while tokens signed with it live. Returns the ID of the key that signs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate_key(&self, actor: &Actor, alg: SigningAlg) -> Result<String, Error> {
        // Another node may have changed the keys within the last second.
        self.reload_keyring().await?;
        let keyring = self.keyring();
        let settled = |key: &&KeyInfo| self.now() >= key.created_at.plus(KEY_SETTLING);
        if let (Some(active), Some(next)) =
            (keyring.find_key(alg, KeyState::Active), keyring.find_key(alg, KeyState::Next).filter(settled))
        {
            // Where somebody was faster, the key has just been replaced: once is what was wanted.
            self.promote(actor, active, next).await?;
            return self.keyring().find_key(alg, KeyState::Active).map(|key| key.kid.clone()).ok_or(Error::NotFound);
        }
        let key = self.make_key(alg, KeyState::Active).await?;
        let (kid, now) = (key.kid.clone(), self.now());
        let change = change(actor, "key.rotate", alg, &kid);
        let rotated = self.store.write(move |tx| {
            Box::pin(async move {
                let next = signing_key::Entity::find()
                    .filter(Column::Alg.eq(alg.as_str()))
                    .filter(Column::State.eq(KeyState::Next.as_str()))
                    .one(tx)
                    .await?;
                let key = signing_key::Model { successor: next.map(|next| next.kid), ..key };
                retire(tx, alg, None, now).await?;
                signing_key::Entity::insert(key.into_active_model()).exec_without_returning(tx).await?;
                audit::append(tx, change, now).await
            })
        });
        self.after_change(rotated.await)?;
        self.reload_keyring().await?;
        Ok(kid)
    }

    /// Reads the keys from the database again.
    ///
    /// # Errors
    /// When the database does not answer, or a key was sealed under another `APP_SECRET`.
    pub async fn reload_keyring(&self) -> Result<(), Error> {
        let keys = load(&self.store, self.now()).await?;
        self.keyring.store(Arc::new(Keyring::build(&keys, &self.options.app_secret)?));
        Ok(())
    }

    /// Creates a first key of each algorithm that has none. Two nodes that do so at once both succeed: both keys are published.
    pub(crate) async fn create_missing_keys(&self) -> Result<(), Error> {
        for alg in SigningAlg::ALL {
            let exists = signing_key::Entity::find()
                .filter(Column::Alg.eq(alg.as_str()))
                .filter(Column::State.eq(KeyState::Active.as_str()))
                .one(self.store.read())
                .await?;
            if exists.is_none() {
                self.rotate_key(&Actor::system(), alg).await?;
            }
        }
        Ok(())
    }

    async fn make_key(&self, alg: SigningAlg, state: KeyState) -> Result<signing_key::Model, Error> {
        let pair = tokio::task::spawn_blocking(move || jose::generate(alg)).await.map_err(Error::internal)??;
        let now = self.now().0;
        Ok(signing_key::Model {
            kid: pair.kid.clone(),
            alg: alg.to_string(),
            state: state.as_str().to_owned(),
            private_jwe: pair.seal(&self.options.app_secret)?,
            public_jwk: pair.public_jwk().to_string(),
            created_at: now,
            retired_at: None,
            expires_at: None,
            activated_at: (state == KeyState::Active).then_some(now),
            successor: None,
        })
    }

    /// Lets `next` sign instead of `active`. False when `active` does not sign any more: somebody was faster.
    async fn promote(&self, actor: &Actor, active: &KeyInfo, next: &KeyInfo) -> Result<bool, Error> {
        let (alg, now) = (next.alg, self.now());
        let (active, next) = (active.kid.clone(), next.kid.clone());
        let (change, kid) = (change(actor, "key.rotate", alg, &next), next.clone());
        let promoted = self.store.write(move |tx| {
            Box::pin(async move {
                // The row count is the lock: of all nodes, one retires the key.
                if retire(tx, alg, Some(&active), now).await? == 0 {
                    return Ok(false);
                }
                // Where two nodes made their first keys at once, there is another one.
                retire(tx, alg, None, now).await?;
                let promoted = signing_key::Entity::update_many()
                    .col_expr(Column::State, Expr::value(KeyState::Active.as_str()))
                    .col_expr(Column::ActivatedAt, Expr::value(now.0))
                    .filter(Column::Kid.eq(&next))
                    .filter(Column::State.eq(KeyState::Next.as_str()))
                    .exec(tx)
                    .await?;
                if promoted.rows_affected != 1 {
                    return Err(Error::Stale);
                }
                audit::append(tx, change, now).await?;
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

pub(crate) fn change(actor: &Actor, action: &'static str, alg: SigningAlg, kid: &str) -> Change {
    let after = Some(json!({ "alg": alg, "kid": kid }));
    Change { actor: actor.clone(), action, target: kid.to_owned(), before: None, after }
}

/// The keys, those that are only remembered too.
pub(crate) async fn load(store: &crate::store::Store, now: Timestamp) -> Result<Vec<StoredKey>, Error> {
    let rows = signing_key::Entity::find().order_by_desc(Column::CreatedAt).all(store.read()).await?;
    rows.into_iter()
        .map(|row| {
            let unknown = |what: &str| Error::internal(format!("the key {} has an unknown {what}", row.kid));
            let state = match KeyState::find(&row.state).ok_or_else(|| unknown("state"))? {
                // Its time is over, whether somebody has written that down yet or not.
                _ if row.expires_at.is_some_and(|expiry| expiry <= now.0) => KeyState::Retired,
                state => state,
            };
            // Keys from before there was a next one signed from the moment they were made.
            let activated_at = row.activated_at.or((state != KeyState::Next).then_some(row.created_at));
            Ok(StoredKey {
                alg: SigningAlg::find(&row.alg).ok_or_else(|| unknown("algorithm"))?,
                state,
                kid: row.kid,
                private_jwe: row.private_jwe,
                public_jwk: row.public_jwk,
                created_at: Timestamp(row.created_at),
                activated_at: activated_at.map(Timestamp),
                retired_at: row.retired_at.map(Timestamp),
                expires_at: row.expires_at.map(Timestamp),
            })
        })
        .collect()
}

/// Ends the signing of the active key `kid` of `alg`, or of all that there are. Returns how many there were. What is not needed
/// any more, their private halves, goes.
async fn retire(tx: &DatabaseTransaction, alg: SigningAlg, kid: Option<&str>, now: Timestamp) -> Result<u64, Error> {
    let mut update = signing_key::Entity::update_many()
        .col_expr(Column::State, Expr::value(KeyState::Retiring.as_str()))
        .col_expr(Column::PrivateJwe, Expr::value(""))
        .col_expr(Column::RetiredAt, Expr::value(now.0))
        .col_expr(Column::ExpiresAt, Expr::value(now.plus(KEY_RETIRING).0))
        .filter(Column::Alg.eq(alg.as_str()))
        .filter(Column::State.eq(KeyState::Active.as_str()));
    if let Some(kid) = kid {
        update = update.filter(Column::Kid.eq(kid));
    }
    Ok(update.exec(tx).await?.rows_affected)
}
