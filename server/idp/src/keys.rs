//! Signing keys in the database, and the key ring made of them.

use std::sync::Arc;

use oauth::jose::SigningAlg;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::signing_key;
use crate::error::Error;
use crate::keyring::{KeyState, Keyring, StoredKey};
use crate::sessions::SESSION_LIFETIME;
use crate::{Idp, jose};

/// Seconds a key that was replaced stays published. Access tokens live a day at most, but a client may show the ID token of a
/// login as a hint for as long as the session lasts.
pub const KEY_RETIRING: i64 = SESSION_LIFETIME + 86_400;

impl Idp {
    /// The keys in use now. A snapshot: hold it while one answer is made.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// Replaces the key of `alg`; the old one stays published while tokens signed with it live. Returns the new key's ID.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate_key(&self, actor: &Actor, alg: SigningAlg) -> Result<String, Error> {
        let key = self.make_key(alg, KeyState::Active).await?;
        let (kid, now) = (key.kid.clone(), self.now());
        let change = Change {
            actor: actor.clone(),
            action: "key.rotate",
            target: kid.clone(),
            before: None,
            after: Some(json!({ "alg": alg, "kid": kid })),
        };
        let rotated = self.store.write(move |tx| {
            Box::pin(async move {
                retire(tx, alg, now).await?;
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
        self.keyring.store(Arc::new(Keyring::build(&keys, &self.app_secret)?));
        Ok(())
    }

    /// Creates a first key of each algorithm that has none. Two nodes that do so at once both succeed: both keys are published.
    pub(crate) async fn create_missing_keys(&self) -> Result<(), Error> {
        for alg in SigningAlg::ALL {
            let exists = signing_key::Entity::find()
                .filter(signing_key::Column::Alg.eq(alg.as_str()))
                .filter(signing_key::Column::State.eq(KeyState::Active.as_str()))
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
        Ok(signing_key::Model {
            kid: pair.kid.clone(),
            alg: alg.to_string(),
            state: state.as_str().to_owned(),
            private_jwe: pair.seal(&self.app_secret)?,
            public_jwk: pair.public_jwk().to_string(),
            created_at: self.now().0,
            retired_at: None,
            expires_at: None,
        })
    }
}

/// The keys that are still published.
pub(crate) async fn load(store: &crate::store::Store, now: Timestamp) -> Result<Vec<StoredKey>, Error> {
    let rows = signing_key::Entity::find().order_by_desc(signing_key::Column::CreatedAt).all(store.read()).await?;
    let live = rows.into_iter().filter(|row| row.expires_at.is_none_or(|expiry| now.0 < expiry));
    live.map(|row| {
        Ok(StoredKey {
            alg: SigningAlg::find(&row.alg)
                .ok_or_else(|| Error::internal(format!("the key {} has an unknown algorithm", row.kid)))?,
            state: KeyState::find(&row.state)
                .ok_or_else(|| Error::internal(format!("the key {} has an unknown state", row.kid)))?,
            kid: row.kid,
            private_jwe: row.private_jwe,
            public_jwk: row.public_jwk,
            created_at: Timestamp(row.created_at),
            retired_at: row.retired_at.map(Timestamp),
        })
    })
    .collect()
}

async fn retire(tx: &DatabaseTransaction, alg: SigningAlg, now: Timestamp) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::State, Expr::value(KeyState::Retiring.as_str()))
        .col_expr(signing_key::Column::RetiredAt, Expr::value(now.0))
        .col_expr(signing_key::Column::ExpiresAt, Expr::value(now.plus(KEY_RETIRING).0))
        .filter(signing_key::Column::Alg.eq(alg.as_str()))
        .filter(signing_key::Column::State.eq(KeyState::Active.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
