//! The keys in use, parsed: an immutable snapshot that is replaced as a whole when a key is made or retired.

pub(crate) mod error;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use oauth::jose::{KeyState, SigningAlg};
use oauth::time::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use error::KeyringError;

use crate::app_secret::AppSecret;
use crate::jose::{self, CompactJws, Signer, Verifier};

/// Every key that signs or verifies now, and the JWK Set (RFC 7517 §5) that says so to the world. Nothing is parsed after
/// [`Keyring::build`].
#[derive(Debug)]
pub struct Keyring {
    signers: BTreeMap<SigningAlg, Signer>,
    verifiers: HashMap<String, Verifier>,
    jwks: Bytes,
    etag: String,
    keys: Vec<KeyInfo>,
}

/// A key as the database has it.
#[derive(Debug, Clone)]
pub(crate) struct StoredKey {
    /// The thumbprint of the public key (RFC 7638); of an imported key, the ID it had before.
    pub(crate) kid: String,
    pub(crate) alg: SigningAlg,
    pub(crate) state: KeyState,
    /// The private JWK in a JWE; looked at while the key is active.
    pub(crate) private_jwe: String,
    /// The public JWK as JSON.
    pub(crate) public_jwk: String,
    pub(crate) created_at: Timestamp,
    /// When it began to sign.
    pub(crate) activated_at: Option<Timestamp>,
    pub(crate) retired_at: Option<Timestamp>,
    /// When it is published no more.
    pub(crate) expires_at: Option<Timestamp>,
}

/// The facts of a key that the console shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    pub kid: String,
    pub alg: SigningAlg,
    pub state: KeyState,
    pub created_at: Timestamp,
    /// When it began to sign; none while it is next.
    pub activated_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
    /// When it is published no more; none while it is next or active.
    pub expires_at: Option<Timestamp>,
}

/// A JWT that one of these keys signed. Who it is for and whether it has expired is for the caller to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    pub kid: String,
    pub alg: SigningAlg,
    pub typ: Option<String>,
    /// The key comes from another server: whoever has that server's file can sign with it.
    pub imported: bool,
    pub claims: Map<String, Value>,
}

impl Verified {
    /// True for what this server signs as an ID token: other kinds of its JWTs say in `typ` what they are.
    pub(crate) fn is_id_token(&self) -> bool {
        self.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"))
    }
}

impl Keyring {
    /// Parses the keys. Where two of an algorithm are active (an older version let nodes make their first keys at once), the newest
    /// signs.
    ///
    /// # Errors
    /// [`KeyringError::Sealed`] under another secret; [`KeyringError::Unusable`] for a damaged row.
    pub(crate) fn build(keys: &[StoredKey], app_secret: &AppSecret) -> Result<Self, KeyringError> {
        let mut keys: Vec<&StoredKey> = keys.iter().collect();
        // The first match wins in careless clients: the key that signs by the usual algorithm comes first.
        keys.sort_by_key(|key| (key.state, key.alg, std::cmp::Reverse((key.activated_at, key.created_at, &key.kid))));
        let (mut signers, mut verifiers, mut published) = (BTreeMap::new(), HashMap::new(), Vec::new());
        for key in keys.iter().filter(|key| key.state.is_published()) {
            let jwk =
                serde_json::from_str(&key.public_jwk).map_err(|error| KeyringError::Unusable(error.to_string()))?;
            let (verifier, jwk) = Verifier::parse(key.alg, &key.kid, &jwk)?;
            verifiers.insert(key.kid.clone(), verifier);
            published.push(jwk);
            if key.state == KeyState::Active {
                let signer = jose::unseal(key.alg, &key.kid, &key.private_jwe, app_secret)?.signer()?;
                signers.entry(key.alg).or_insert(signer);
            }
        }
        let jwks = Bytes::from(json!({ "keys": published }).to_string());
        let etag = crate::etag(&jwks);
        Ok(Self { signers, verifiers, jwks, etag, keys: keys.into_iter().map(KeyInfo::from).collect() })
    }

    /// Signs `claims`, which are the JSON of a JWT.
    ///
    /// Runs where it is called: RS256 takes a quarter of a millisecond, less than the way to another thread and back under load,
    /// and no more than any other request takes from its core.
    ///
    /// # Errors
    /// [`KeyringError::NoSigner`] when there is no active key of `alg`.
    pub fn sign(&self, alg: SigningAlg, typ: Option<&str>, claims: &[u8]) -> Result<String, KeyringError> {
        self.signers.get(&alg).ok_or(KeyringError::NoSigner(alg))?.sign_jwt(typ, claims)
    }

    /// The claims of a compact JWS, if a key of this ring signed it by the key's own algorithm.
    #[must_use]
    pub fn verify(&self, compact: &str) -> Option<Verified> {
        let jws = CompactJws::parse(compact)?;
        let kid = jws.header.kid.as_deref()?;
        let verifier = self.verifiers.get(kid)?;
        let claims = serde_json::from_slice(&verifier.verify(&jws)?).ok()?;
        let typ = jws.header.typ.as_deref().map(str::to_owned);
        Some(Verified { kid: kid.to_owned(), alg: verifier.alg, typ, imported: verifier.imported, claims })
    }

    /// The JWK Set as it is served, and its `ETag`.
    #[must_use]
    pub fn jwks(&self) -> (&Bytes, &str) {
        (&self.jwks, &self.etag)
    }

    /// The algorithms that there is a key to sign with, the usual one first.
    #[must_use]
    pub fn active_algs(&self) -> Vec<SigningAlg> {
        self.signers.keys().copied().collect()
    }

    /// The key of `alg` in this state, the newest where there are several.
    #[must_use]
    pub fn find_key(&self, alg: SigningAlg, state: KeyState) -> Option<&KeyInfo> {
        self.keys.iter().find(|key| key.alg == alg && key.state == state)
    }

    /// The keys, the ones that sign first.
    #[must_use]
    pub fn keys(&self) -> &[KeyInfo] {
        &self.keys
    }
}

impl From<&StoredKey> for KeyInfo {
    fn from(key: &StoredKey) -> Self {
        Self {
            kid: key.kid.clone(),
            alg: key.alg,
            state: key.state,
            created_at: key.created_at,
            activated_at: key.activated_at,
            retired_at: key.retired_at,
            expires_at: key.expires_at,
        }
    }
}

#[cfg(test)]
mod tests;
