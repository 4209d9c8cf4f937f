//! The key to which clients encrypt their request objects, and those that were it before.
//!
//! One is published. Its life is shorter than that of a signing key: the next one takes its place at once, for nobody has to know a key
//! before it is used, and the one before decrypts for as long as somebody may keep a copy of the JWK Set. Then it is deleted: what was
//! encrypted to it can be read by nobody any more.

use oauth::jose::EncryptionAlg;
use oauth::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit::{self, Actor, Change};
use crate::entity::encryption_key::{self, Column, Model};
use crate::error::Error;
use crate::jose::EncryptionPair;
use crate::keyring::{EncryptionKeyInfo, StoredEncryptionKey};
use crate::{Idp, settings};

/// Seconds a key that was replaced still decrypts: some clients keep the JWK Set for a day whatever they are told, and a request may wait
/// for its person.
pub const ENCRYPTION_KEY_RETIRING: i64 = 2 * 86_400;

/// The setting whose row is the lock.
const LOCK: &str = "encryption_keys_lock";

impl Idp {
    /// Creates the first key, if there is none.
    pub(crate) async fn create_missing_encryption_key(&self) -> Result<(), Error> {
        if self.keyring().encryption_key().is_some() {
            return Ok(());
        }
        self.replace_encryption_key(&Actor::system(), None).await.map(drop)
    }

    /// Replaces the key when its time has come, and deletes those whose time is over.
    pub(super) async fn advance_encryption_keys(&self) -> Result<(), Error> {
        let now = self.now();
        let keyring = self.keyring();
        if keyring.encryption_keys().iter().any(|key| key.expires_at.is_some_and(|end| end <= now)) {
            let over = encryption_key::Entity::delete_many().filter(Column::ExpiresAt.lte(now.0));
            let deleted = self.store.write(move |tx| Box::pin(async move { Ok::<_, Error>(over.exec(tx).await?) }));
            deleted.await?;
            self.reload_keyring().await?;
        }
        let Some(key) = keyring.encryption_key() else { return self.create_missing_encryption_key().await };
        match self.options.tunables.key_rotation {
            Some(period) if now >= key.created_at.plus(period) => {
                self.replace_encryption_key(&Actor::system(), Some(&key.kid)).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// When the next thing happens to the key by itself: it is replaced, or decrypts no more.
    #[must_use]
    pub fn next_encryption_step(&self, key: &EncryptionKeyInfo) -> Option<Timestamp> {
        let rotation = || Some(key.created_at.plus(self.options.tunables.key_rotation?));
        key.expires_at.or_else(rotation)
    }

    /// Puts a new key in the place of `replaced`, which still decrypts for a while. Nothing happens where that is not published any
    /// more. Returns the ID of the key that is.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], or when the database does not answer.
    pub async fn replace_encryption_key(&self, actor: &Actor, replaced: Option<&str>) -> Result<String, Error> {
        let (spare, now) = (self.make_encryption_key()?, self.now());
        let (actor, replaced) = (actor.clone(), replaced.map(str::to_owned));
        let published = self.store.write(move |tx| {
            let (actor, replaced, spare) = (actor.clone(), replaced.clone(), spare.clone());
            Box::pin(async move {
                let published = lock(tx).await?;
                if let Some(key) = published.filter(|key| replaced.as_ref() != Some(&key.kid)) {
                    return Ok(key.kid);
                }
                encryption_key::Entity::update_many()
                    .col_expr(Column::ExpiresAt, Expr::value(now.plus(ENCRYPTION_KEY_RETIRING).0))
                    .filter(Column::ExpiresAt.is_null())
                    .exec(tx)
                    .await?;
                let action = if replaced.is_some() { "key.rotate" } else { "key.create" };
                put(tx, spare, action, &actor, now).await
            })
        });
        let published = self.after_change(published.await)?;
        self.reload_keyring().await?;
        Ok(published)
    }

    /// Deletes a key that became known to others: what is encrypted to it is refused from now on. Where it is published, a new one takes
    /// its place. False when there is no such key.
    pub(super) async fn withdraw_encryption_key(&self, actor: &Actor, kid: &str) -> Result<bool, Error> {
        let (spare, now) = (self.make_encryption_key()?, self.now());
        let (actor, kid) = (actor.clone(), kid.to_owned());
        let withdrawn = self.store.write(move |tx| {
            let (actor, kid, spare) = (actor.clone(), kid.clone(), spare.clone());
            Box::pin(async move {
                let published = lock(tx).await?;
                let deleted = encryption_key::Entity::delete_by_id(&kid).exec(tx).await?;
                if deleted.rows_affected == 0 {
                    return Ok(false);
                }
                let successor = match published.filter(|key| key.kid == kid) {
                    Some(_) => Some(put(tx, spare, "key.create", &actor, now).await?),
                    None => None,
                };
                let before = Some(json!({ "alg": EncryptionAlg::EcdhEs, "use": "enc" }));
                let after = Some(json!({ "alg": EncryptionAlg::EcdhEs, "use": "enc", "successor": successor }));
                audit::append(tx, Change { actor, action: "key.withdraw", target: kid, before, after }, now).await?;
                Ok::<_, Error>(true)
            })
        });
        let withdrawn = self.after_change(withdrawn.await)?;
        self.reload_keyring().await?;
        Ok(withdrawn)
    }

    fn make_encryption_key(&self) -> Result<Model, Error> {
        let pair = EncryptionPair::generate()?;
        let private_jwe = pair.seal(&self.options.app_secret)?;
        Ok(Model { kid: pair.kid, private_jwe, created_at: self.now().0, expires_at: None })
    }
}

/// Takes the lock until the commit, and reads the key that is published.
async fn lock(tx: &DatabaseTransaction) -> Result<Option<Model>, Error> {
    settings::lock(tx, LOCK).await?;
    Ok(encryption_key::Entity::find().filter(Column::ExpiresAt.is_null()).one(tx).await?)
}

async fn put(
    tx: &DatabaseTransaction,
    key: Model,
    action: &'static str,
    actor: &Actor,
    now: Timestamp,
) -> Result<String, Error> {
    let kid = key.kid.clone();
    encryption_key::Entity::insert(key.into_active_model()).exec_without_returning(tx).await?;
    let after = Some(json!({ "alg": EncryptionAlg::EcdhEs, "use": "enc", "kid": kid }));
    let change = Change { actor: actor.clone(), action, target: kid.clone(), before: None, after };
    audit::append(tx, change, now).await?;
    Ok(kid)
}

/// The keys that decrypt, the newest first.
pub(crate) async fn load(store: &crate::store::Store) -> Result<Vec<StoredEncryptionKey>, Error> {
    let rows = encryption_key::Entity::find().order_by_desc(Column::CreatedAt).all(store.read()).await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredEncryptionKey {
            kid: row.kid,
            private_jwe: row.private_jwe,
            created_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
        })
        .collect())
}
