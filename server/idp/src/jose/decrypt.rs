//! Decryption of what others encrypted to a key of this server (RFC 7516 §5.2).
//!
//! Of the library only two steps are used: the agreement on the key, and the cipher. Its own way through a JWE takes tags of any length,
//! inflates what is compressed, and decrypts by CBC before it looks at the MAC. Here the lengths are those of the algorithms
//! ([`EncryptedJwt::parse`]), the MAC comes first, and whatever goes wrong with a key is one and the same.

use josekit::jwe::enc::{A128CBC_HS256, A128GCM, A256CBC_HS512, A256GCM};
use josekit::jwe::{self, JweContentEncryption, JweDecrypter, JweHeader};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use oauth::jose::{ContentEncryption, EncryptionAlg, SigningAlg};
use oauth::jwe::EncryptedJwt;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Member, decrypt, encrypt, has_whole_tag, public_members, thumbprint, unusable};
use crate::app_secret::AppSecret;
use crate::keyring::error::KeyringError;

/// The purpose for which the key that seals private keys is derived.
const SEAL: &str = "signet encryption keys";

/// A private key to decrypt by, outside the database. Short-lived: it is sealed, or made into a [`Decrypter`].
pub(crate) struct EncryptionPair {
    /// The thumbprint of the public key (RFC 7638).
    pub(crate) kid: String,
    public: Vec<Member>,
    private: Jwk,
}

impl EncryptionPair {
    /// Makes a key, on P-256.
    pub(crate) fn generate() -> Result<Self, KeyringError> {
        Self::new(Jwk::generate_ec_key(EcCurve::P256).map_err(unusable)?)
    }

    fn new(private: Jwk) -> Result<Self, KeyringError> {
        // Such a key has the members of one that signs by ES256.
        let public = public_members(SigningAlg::ES256, |name| private.parameter(name))?;
        Ok(Self { kid: thumbprint(&public), public, private })
    }

    /// The private key as a JWE (RFC 7516; `dir`, `A256GCM`) that opens only with the same secret.
    pub(crate) fn seal(&self, app_secret: &AppSecret) -> Result<String, KeyringError> {
        let text = Zeroizing::new(self.private.to_string());
        encrypt(app_secret.derive(SEAL).as_slice(), "jwk+json", text.as_bytes()).map_err(unusable)
    }

    /// The key in a JWE that [`EncryptionPair::seal`] made under the same secret; `kid` is the one its row has.
    pub(crate) fn unseal(kid: &str, sealed: &str, app_secret: &AppSecret) -> Result<Self, KeyringError> {
        let damaged = || KeyringError::Unusable(format!("the row of the encryption key {kid} is damaged"));
        if !has_whole_tag(sealed) {
            return Err(damaged());
        }
        let text =
            decrypt(app_secret.derive(SEAL).as_slice(), sealed).map_err(|_| KeyringError::Sealed(kid.to_owned()))?;
        let pair = Self::new(Jwk::from_bytes(text.as_slice()).map_err(unusable)?)?;
        if pair.kid == kid { Ok(pair) } else { Err(damaged()) }
    }

    /// The public key as it is published (RFC 7517). It is for three algorithms, so it names none.
    pub(crate) fn public_jwk(&self) -> Value {
        let about = [("kid", self.kid.as_str()), ("use", "enc")];
        let members = self.public.iter().map(|(name, value)| (*name, value.as_str()));
        about.into_iter().chain(members).collect()
    }

    /// Parses the key for decryption.
    pub(crate) fn decrypter(&self) -> Result<Decrypter, KeyringError> {
        Ok(Decrypter {
            direct: Box::new(jwe::ECDH_ES.decrypter_from_jwk(&self.private).map_err(unusable)?),
            by_128: Box::new(jwe::ECDH_ES_A128KW.decrypter_from_jwk(&self.private).map_err(unusable)?),
            by_256: Box::new(jwe::ECDH_ES_A256KW.decrypter_from_jwk(&self.private).map_err(unusable)?),
        })
    }
}

impl std::fmt::Debug for EncryptionPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptionPair").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A parsed private key, for each algorithm.
#[derive(Debug)]
pub(crate) struct Decrypter {
    direct: Box<dyn JweDecrypter>,
    by_128: Box<dyn JweDecrypter>,
    by_256: Box<dyn JweDecrypter>,
}

impl Decrypter {
    /// The content of a JWE to this key. `None` says nothing of what is wrong.
    pub(crate) fn open(&self, jwt: &EncryptedJwt) -> Option<String> {
        let cipher = cipher(jwt.encryption.enc);
        let key = self.agree(jwt, &*cipher)?;
        (key.len() == jwt.encryption.enc.key_length()).then_some(())?;
        if jwt.encryption.enc.has_mac() {
            has_right_mac(jwt, &key)?;
        }
        let aad = jwt.protected.as_bytes();
        let content = cipher.decrypt(&key, Some(&jwt.iv), &jwt.ciphertext, aad, Some(&jwt.tag)).ok()?;
        String::from_utf8(content).ok()
    }

    /// The key of the content.
    fn agree(&self, jwt: &EncryptedJwt, cipher: &dyn JweContentEncryption) -> Option<Zeroizing<Vec<u8>>> {
        let key = match jwt.encryption.alg {
            EncryptionAlg::EcdhEs => &self.direct,
            EncryptionAlg::EcdhEsA128Kw => &self.by_128,
            EncryptionAlg::EcdhEsA256Kw => &self.by_256,
            EncryptionAlg::RsaOaep256 => return None,
        };
        let mut members = Map::new();
        members.insert("epk".to_owned(), serde_json::to_value(&jwt.epk).ok()?);
        for (name, value) in [("apu", &jwt.apu), ("apv", &jwt.apv)] {
            members.extend(value.as_ref().map(|value| (name.to_owned(), Value::from(value.as_str()))));
        }
        let header = JweHeader::from_map(members).ok()?;
        let key = key.decrypt(jwt.encrypted_key.as_deref(), cipher, &header).ok()?;
        Some(Zeroizing::new(key.into_owned()))
    }
}

fn cipher(enc: ContentEncryption) -> Box<dyn JweContentEncryption> {
    match enc {
        ContentEncryption::A128CbcHs256 => Box::new(A128CBC_HS256),
        ContentEncryption::A256CbcHs512 => Box::new(A256CBC_HS512),
        ContentEncryption::A128Gcm => Box::new(A128GCM),
        ContentEncryption::A256Gcm => Box::new(A256GCM),
    }
}

/// Looks at the MAC before anything is decrypted (RFC 7518 §5.2.2.2): how a content is padded is nobody's business who did not make it.
fn has_right_mac(jwt: &EncryptedJwt, key: &[u8]) -> Option<()> {
    let digest = match jwt.encryption.enc {
        ContentEncryption::A256CbcHs512 => MessageDigest::sha512(),
        _ => MessageDigest::sha256(),
    };
    let mac_key = PKey::hmac(key.get(..key.len() / 2)?).ok()?;
    let mut signer = Signer::new(digest, &mac_key).ok()?;
    let length = u64::try_from(jwt.protected.len()).ok()?.checked_mul(8)?.to_be_bytes();
    for part in [jwt.protected.as_bytes(), &jwt.iv, &jwt.ciphertext, &length] {
        signer.update(part).ok()?;
    }
    let mac = signer.sign_to_vec().ok()?;
    bool::from(mac.get(..jwt.tag.len())?.ct_eq(&jwt.tag)).then_some(())
}
