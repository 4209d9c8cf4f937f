//! The keys in use, parsed: an immutable snapshot that is replaced as a whole when a key is made or retired.

pub(crate) mod error;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use oauth::jose::{KeyState, SigningAlg};
use oauth::jwe::EncryptedJwt;
use oauth::time::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use error::KeyringError;

use crate::app_secret::AppSecret;
use crate::jose::{self, CompactJws, Decrypter, EncryptionPair, Signer, Verifier};

/// Every key that signs or verifies now, and the JWK Set (RFC 7517 §5) that says so to the world. Nothing is parsed after
/// [`Keyring::build`].
#[derive(Debug)]
pub struct Keyring {
    signers: BTreeMap<SigningAlg, Signer>,
    verifiers: HashMap<String, Verifier>,
    jwks: Bytes,
    etag: String,
    keys: Vec<KeyInfo>,
    decrypters: HashMap<String, Decrypter>,
    encryption_keys: Vec<EncryptionKeyInfo>,
}

/// A key to decrypt by, as the database has it.
#[derive(Debug, Clone)]
pub(crate) struct StoredEncryptionKey {
    /// The thumbprint of the public key (RFC 7638).
    pub(crate) kid: String,
    /// The private JWK in a JWE.
    pub(crate) private_jwe: String,
    pub(crate) created_at: Timestamp,
    /// None while it is published.
    pub(crate) expires_at: Option<Timestamp>,
}

/// The facts of a key to which clients encrypt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionKeyInfo {
    pub kid: String,
    pub created_at: Timestamp,
    /// When it decrypts no more; none while it is published.
    pub expires_at: Option<Timestamp>,
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
    pub(crate) fn build(
        keys: &[StoredKey],
        encryption_keys: &[StoredEncryptionKey],
        app_secret: &AppSecret,
    ) -> Result<Self, KeyringError> {
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
        let mut decrypters = HashMap::new();
        for key in encryption_keys {
            let pair = EncryptionPair::unseal(&key.kid, &key.private_jwe, app_secret)?;
            decrypters.insert(key.kid.clone(), pair.decrypter()?);
            // Behind those that sign: careless clients take the first.
            published.extend(key.expires_at.is_none().then(|| pair.public_jwk()));
        }
        let jwks = Bytes::from(json!({ "keys": published }).to_string());
        let etag = crate::etag(&jwks);
        let keys = keys.into_iter().map(KeyInfo::from).collect();
        let encryption_keys = encryption_keys.iter().map(EncryptionKeyInfo::from).collect();
        Ok(Self { signers, verifiers, jwks, etag, keys, decrypters, encryption_keys })
    }

    /// The content of a JWE to one of the keys: the one that it names, or the one that is published. `None` says nothing of what is wrong.
    #[must_use]
    pub fn decrypt(&self, jwt: &EncryptedJwt, now: Timestamp) -> Option<String> {
        let mut keys = self.encryption_keys.iter();
        let key = match &jwt.kid {
            Some(kid) => keys.find(|key| key.kid == *kid && key.expires_at.is_none_or(|end| now < end)),
            None => self.encryption_key(),
        };
        self.decrypters.get(&key?.kid)?.open(jwt)
    }

    /// The key to which clients encrypt now.
    #[must_use]
    pub fn encryption_key(&self) -> Option<&EncryptionKeyInfo> {
        self.encryption_keys.iter().find(|key| key.expires_at.is_none())
    }

    /// The keys that decrypt, the newest first.
    #[must_use]
    pub fn encryption_keys(&self) -> &[EncryptionKeyInfo] {
        &self.encryption_keys
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

impl EncryptionKeyInfo {
    /// Published and used, or only kept for what is on its way.
    #[must_use]
    pub fn state(&self) -> KeyState {
        if self.expires_at.is_none() { KeyState::Active } else { KeyState::Retiring }
    }
}

impl From<&StoredEncryptionKey> for EncryptionKeyInfo {
    fn from(key: &StoredEncryptionKey) -> Self {
        Self { kid: key.kid.clone(), created_at: key.created_at, expires_at: key.expires_at }
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
