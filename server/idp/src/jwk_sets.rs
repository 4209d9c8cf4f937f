//! JWK Sets of others, fetched from where they say and kept for a while.
//!
//! A set is believed for an hour. A signature by a key that is not in it makes us look again, so that who rolls a key need not
//! wait for that; but a place that answers is asked every five seconds at most, whatever strangers send, and one that does not, once a
//! minute. The last good copy then serves for a day. Where something is to be encrypted, a set without a key for that makes us look again, too.

use std::sync::Arc;

use moka::sync::Cache;
use oauth::client::Client;
use oauth::jose::EncryptionAlg;
use oauth::jwk::JwkSet;
use oauth::jwt::ForeignJwt;
use oauth::time::Timestamp;

use crate::Idp;
use crate::jose::{ForeignKeys, Recipient};
use crate::outbound::{FetchError, Limits};

/// Seconds that a set is believed without a look.
const BELIEVED: i64 = 3_600;

/// Seconds between two looks at a place that answers.
const PAUSE: i64 = 5;

/// Seconds between two looks at one that does not.
const PAUSE_AFTER_FAILURE: i64 = 60;

/// Seconds that the last good copy serves.
const KEPT: i64 = 86_400;

/// The most places whose sets are kept.
const MOST: u64 = 1_000;

/// The sets that this process fetched, by their addresses.
pub(crate) struct JwkSets(Cache<String, Held>);

/// A set, or that there was none to be had.
#[derive(Debug, Clone)]
struct Held {
    set: Option<Arc<ForeignKeys>>,
    /// When the set was fetched.
    fetched_at: Timestamp,
    /// When the place was asked last.
    asked_at: Timestamp,
}

impl JwkSets {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

impl std::fmt::Debug for JwkSets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwkSets(…)")
    }
}

impl Idp {
    /// When this process fetched the keys at the client's `jwks_uri`. `None`: it has none of them.
    #[must_use]
    pub fn keys_fetched_at(&self, client: &Client) -> Option<Timestamp> {
        let held = self.jwk_sets.0.get(client.jwks_uri.as_deref()?)?;
        held.set.map(|_| held.fetched_at)
    }

    /// True when a key of the set at `uri` signed the JWT. `None`: it cannot be had.
    pub(crate) async fn is_signed_by_set_at(&self, uri: &str, jwt: &ForeignJwt) -> Option<bool> {
        self.is_good_by_set_at(uri, |keys| keys.signed(jwt)).await
    }

    /// True when something is good by the set at `uri`. `None`: the set cannot be had.
    pub(crate) async fn is_good_by_set_at(&self, uri: &str, is_good: impl Fn(&ForeignKeys) -> bool) -> Option<bool> {
        let found = self.find_in_set_at(uri, |keys| is_good(keys).then_some(())).await;
        found.map(|found| found.is_some())
    }

    /// The key to encrypt to by `alg` in the set at `uri`. `None`: the set cannot be had.
    pub(crate) async fn recipient_at(&self, uri: &str, alg: EncryptionAlg) -> Option<Option<Arc<Recipient>>> {
        self.find_in_set_at(uri, |keys| keys.recipient(alg)).await
    }

    /// Something in the set at `uri`, which is fetched anew if it is old or does not have it. `None`: the set cannot be had.
    async fn find_in_set_at<T>(&self, uri: &str, find: impl Fn(&ForeignKeys) -> Option<T>) -> Option<Option<T>> {
        let held = self.jwk_sets.0.get(uri);
        let now = self.now();
        let usable = |held: &Held| held.set.clone().filter(|_| now < held.fetched_at.plus(KEPT));
        if let Some(held) = &held {
            let fresh = usable(held).filter(|_| now < held.fetched_at.plus(BELIEVED));
            if let Some(found) = fresh.and_then(|set| find(&set)) {
                return Some(Some(found));
            }
            let pause =
                if held.asked_at == held.fetched_at && held.set.is_some() { PAUSE } else { PAUSE_AFTER_FAILURE };
            if now < held.asked_at.plus(pause) {
                return usable(held).map(|set| find(&set));
            }
        }
        // Whoever asks meanwhile waits for the same answer.
        let next = match self.outbound.get(uri, Limits::JWK_SET).await {
            Ok(fetched) => match JwkSet::fetched(&String::from_utf8_lossy(&fetched.body)) {
                Ok(set) => Some(Arc::new(ForeignKeys::parse(&set))),
                Err(problem) => {
                    tracing::warn!(uri, %problem, "what was fetched is no JWK Set that helps");
                    None
                }
            },
            // Nobody was asked, so that says nothing of the place.
            Err(FetchError::Busy) => return held.as_ref().and_then(usable).map(|set| find(&set)),
            // The door wrote down why.
            Err(_) => None,
        };
        let held = match next {
            Some(set) => Held { set: Some(set), fetched_at: now, asked_at: now },
            None => {
                let before = held.unwrap_or(Held { set: None, fetched_at: now, asked_at: now });
                Held { asked_at: now, ..before }
            }
        };
        let set = usable(&held);
        self.jwk_sets.0.insert(uri.to_owned(), held);
        set.map(|set| find(&set))
    }
}
