//! Encryption to keys of others: JWEs in compact form (RFC 7516 §7.1).

use josekit::JoseError;
use josekit::jwe::{self, JweEncrypter, JweHeader};
use josekit::jwk::Jwk;
use oauth::jose::{ContentEncryption, EncryptionAlg};
use oauth::jwk::{KeyUse, PublicJwk};

use super::unusable;
use crate::keyring::error::KeyringError;

/// A public key of somebody else, parsed to encrypt to it by one algorithm.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) alg: EncryptionAlg,
    /// It says that it is for nothing else.
    pub(crate) is_for_this: bool,
    kid: Option<String>,
    key: Box<dyn JweEncrypter>,
}

/// The content of a JWE.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    /// A JWT that was signed: the two are one nested JWT (RFC 7519 §5.2).
    Signed(&'a str),
    /// JSON that nobody signed.
    Json(&'a [u8]),
}

impl Recipient {
    /// The key by each algorithm that it is for. None that is on no curve, or no key for another reason.
    pub(super) fn parse(jwk: &PublicJwk) -> Vec<Self> {
        let fitting = EncryptionAlg::ALL.iter().filter(|alg| jwk.encrypts(**alg));
        fitting.filter_map(|alg| Self::by(*alg, jwk)).collect()
    }

    fn by(alg: EncryptionAlg, jwk: &PublicJwk) -> Option<Self> {
        let members = serde_json::to_value(&jwk.key).ok()?.as_object()?.clone();
        let parsed = Jwk::from_map(members).and_then(|jwk| -> Result<Box<dyn JweEncrypter>, JoseError> {
            Ok(match alg {
                EncryptionAlg::RsaOaep256 => Box::new(jwe::RSA_OAEP_256.encrypter_from_jwk(&jwk)?),
                EncryptionAlg::EcdhEs => Box::new(jwe::ECDH_ES.encrypter_from_jwk(&jwk)?),
                EncryptionAlg::EcdhEsA128Kw => Box::new(jwe::ECDH_ES_A128KW.encrypter_from_jwk(&jwk)?),
                EncryptionAlg::EcdhEsA256Kw => Box::new(jwe::ECDH_ES_A256KW.encrypter_from_jwk(&jwk)?),
            })
        });
        let is_for_this = jwk.purpose == Some(KeyUse::Encryption);
        Some(Self { alg, is_for_this, kid: jwk.kid.clone(), key: parsed.ok()? })
    }

    /// The content as a JWE that only the owner of the key can read.
    pub(crate) fn encrypt(&self, enc: ContentEncryption, content: Content<'_>) -> Result<String, KeyringError> {
        let mut header = JweHeader::new();
        header.set_content_encryption(enc.as_str());
        if let Some(kid) = &self.kid {
            header.set_key_id(kid);
        }
        let bytes = match content {
            Content::Signed(jwt) => {
                header.set_content_type("JWT");
                jwt.as_bytes()
            }
            Content::Json(json) => json,
        };
        jwe::serialize_compact(bytes, &header, &*self.key).map_err(unusable)
    }
}
