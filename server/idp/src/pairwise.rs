//! The key of the names by which sectors know people ([`oauth::client::Client::known_subject`]).
//!
//! It is drawn once and lies in the database, sealed under `APP_SECRET` as signing keys are. It never changes: with another one
//! everybody would be somebody new to every application that knows them by such a name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::seal::Seal;
use zeroize::Zeroizing;

use crate::app_secret::AppSecret;
use crate::error::Error;
use crate::keyring::KeyringError;
use crate::store::Store;
use crate::{Idp, jose, random, settings};

/// The name of the setting that holds it.
const KEY: &str = "pairwise_key";

/// The label of the key that it is sealed under.
const LABEL: &str = "pairwise subjects";

/// Draws the key if there is none. Of nodes that start at once one is first, and all have its key.
pub(crate) async fn make_key(store: &Store, app_secret: &AppSecret) -> Result<(), Error> {
    if settings::find(store.read(), KEY).await?.is_some() {
        return Ok(());
    }
    let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(random::bytes::<32>()));
    let sealed = jose::seal_text(app_secret.derive(LABEL).as_slice(), &key);
    let sealed = sealed.ok_or_else(|| Error::internal("the key of pairwise subjects cannot be sealed"))?;
    store
        .write(move |tx| {
            let sealed = sealed.clone();
            Box::pin(async move { settings::ensure(tx, KEY, &sealed).await })
        })
        .await
}

/// The key. Where there is none yet nobody has such a name, and a process that makes none gives none.
pub(crate) async fn load_key(store: &Store, app_secret: &AppSecret) -> Result<Seal, Error> {
    let Some(sealed) = settings::find(store.read(), KEY).await? else {
        return Ok(Seal::new(Zeroizing::new(random::bytes::<32>())));
    };
    let text = jose::unseal_text(app_secret.derive(LABEL).as_slice(), &sealed);
    let text = text.ok_or_else(|| KeyringError::Sealed(KEY.to_owned()))?;
    let mut key = Zeroizing::new([0; 32]);
    match URL_SAFE_NO_PAD.decode_slice(text.as_bytes(), key.as_mut_slice()) {
        Ok(32) => Ok(Seal::new(key)),
        _ => Err(KeyringError::Unusable("the key of pairwise subjects has another length".to_owned()).into()),
    }
}

impl Idp {
    /// The key of the names by which sectors know people and sessions. All nodes have the same.
    #[must_use]
    pub fn pairwise(&self) -> &Seal {
        &self.pairwise
    }
}
