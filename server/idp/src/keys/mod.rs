//! Signing keys, and those to decrypt by, in the database, and the key ring made of them.

pub(crate) mod encryption;
mod replace;
mod schedule;

use std::sync::Arc;

use oauth::jose::{KeyState, SigningAlg};
use oauth::time::Timestamp;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use crate::audit::{Actor, Change};
use crate::entity::signing_key::{self, Column};
use crate::error::Error;
use crate::keyring::{Keyring, StoredKey};
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

    /// Reads the keys from the database again.
    ///
    /// # Errors
    /// When the database does not answer, or a key was sealed under another `APP_SECRET`.
    pub async fn reload_keyring(&self) -> Result<(), Error> {
        let keys = load(&self.store, self.now()).await?;
        let encryption_keys = encryption::load(&self.store).await?;
        self.keyring.store(Arc::new(Keyring::build(&keys, &encryption_keys, &self.options.app_secret)?));
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
                KeyState::Withdrawn => KeyState::Withdrawn,
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
