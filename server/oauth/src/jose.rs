//! The names that the protocol gives to signatures and keys. The signing itself is done elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

use crate::words::words;

/// A JWS algorithm this server signs with (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum SigningAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every client understands (OpenID Connect Core §15.1).
    #[default]
    RS256,
    ES256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlg {
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDsa];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }

    /// `at_hash` or `c_hash` of `value`: the left half of the hash that belongs to the algorithm, base64url
    /// (OpenID Connect Core §3.1.3.6; Ed25519 hashes with SHA-512).
    #[must_use]
    pub fn half_hash(self, value: &str) -> String {
        let half =
            |digest: &[u8]| URL_SAFE_NO_PAD.encode(digest.iter().take(digest.len() / 2).copied().collect::<Vec<_>>());
        match self {
            Self::RS256 | Self::ES256 => half(&Sha256::digest(value)),
            Self::EdDsa => half(&Sha512::digest(value)),
        }
    }
}

impl std::fmt::Display for SigningAlg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

words! {
    /// A JWS algorithm of others whose signatures are accepted: asymmetric ones only (RFC 7518 §3.1, RFC 8037 §3.1).
    VerifyingAlg {
        #[default]
        RS256 = "RS256",
        PS256 = "PS256",
        ES256 = "ES256",
        EdDsa = "EdDSA",
    }
}

/// The other name of EdDSA by the one curve that there is here (RFC 9864 §2.2).
const ED25519: &str = "Ed25519";

impl VerifyingAlg {
    /// The algorithm by any of its names.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::find(if name == ED25519 { Self::EdDsa.as_str() } else { name })
    }

    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|alg| alg.as_str()).chain([ED25519])
    }
}

words! {
    /// A JWS algorithm of the assertions by which clients prove themselves: those by keys, and MACs by a secret that both sides know
    /// (RFC 7518 §3.2).
    AssertionAlg {
        #[default]
        RS256 = "RS256",
        PS256 = "PS256",
        ES256 = "ES256",
        EdDsa = "EdDSA",
        HS256 = "HS256",
        HS384 = "HS384",
        HS512 = "HS512",
    }
}

impl AssertionAlg {
    /// The algorithm by any of its names.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::find(if name == ED25519 { Self::EdDsa.as_str() } else { name })
    }

    /// The same, where it is one by keys.
    #[must_use]
    pub fn by_key(self) -> Option<VerifyingAlg> {
        VerifyingAlg::find(self.as_str())
    }

    /// True for a MAC.
    #[must_use]
    pub fn is_mac(self) -> bool {
        self.by_key().is_none()
    }

    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        VerifyingAlg::names().chain(Self::ALL.iter().filter(|alg| alg.is_mac()).map(|alg| alg.as_str()))
    }
}

impl From<VerifyingAlg> for AssertionAlg {
    fn from(alg: VerifyingAlg) -> Self {
        match alg {
            VerifyingAlg::RS256 => Self::RS256,
            VerifyingAlg::PS256 => Self::PS256,
            VerifyingAlg::ES256 => Self::ES256,
            VerifyingAlg::EdDsa => Self::EdDsa,
        }
    }
}

words! {
    /// A JWE algorithm by which the key of the content is agreed on or wrapped: asymmetric ones only (RFC 7518 §4.1). RSAES-PKCS1-v1_5 is
    /// none of them (RFC 8725 §3.2).
    EncryptionAlg {
        #[default]
        RsaOaep256 = "RSA-OAEP-256",
        EcdhEs = "ECDH-ES",
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        EcdhEsA256Kw = "ECDH-ES+A256KW",
    }
}

words! {
    /// A JWE algorithm by which the content is encrypted (RFC 7518 §5.1). The first is the default (OpenID Connect Registration §2).
    ContentEncryption {
        #[default]
        A128CbcHs256 = "A128CBC-HS256",
        A256CbcHs512 = "A256CBC-HS512",
        A128Gcm = "A128GCM",
        A256Gcm = "A256GCM",
    }
}

impl EncryptionAlg {
    /// Those by which this server decrypts: its own key for that is on P-256. An RSA key would answer whoever asks how well a text was
    /// padded, at a price in time that the asker does not pay.
    pub const DECRYPTED: &[Self] = &[Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];
}

impl ContentEncryption {
    /// Octets of the key: of both keys, where one makes the MAC (RFC 7518 §5.2.2.1).
    #[must_use]
    pub fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    /// Octets of the initialization vector.
    #[must_use]
    pub fn iv_length(self) -> usize {
        if self.has_mac() { 16 } else { 12 }
    }

    /// Octets of the authentication tag. A shorter one could be guessed.
    #[must_use]
    pub fn tag_length(self) -> usize {
        if self == Self::A256CbcHs512 { 32 } else { 16 }
    }

    /// True where the content is encrypted first, and then authenticated by a MAC (RFC 7518 §5.2).
    #[must_use]
    pub fn has_mac(self) -> bool {
        matches!(self, Self::A128CbcHs256 | Self::A256CbcHs512)
    }
}

/// The two algorithms of a JWE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    pub alg: EncryptionAlg,
    pub enc: ContentEncryption,
}

/// The part of its life that a signing key is in. Keys that sign come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Signs, and is published.
    Active,
    /// Is published, so that everybody knows it when it begins to sign.
    Next,
    /// Signs no more; is published while what it signed is accepted.
    Retiring,
    /// Is only remembered.
    Retired,
    /// Became known to others: signs and verifies nothing, and is remembered so that it never comes back.
    Withdrawn,
}

impl KeyState {
    pub const ALL: [Self; 5] = [Self::Active, Self::Next, Self::Retiring, Self::Retired, Self::Withdrawn];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Next => "next",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// True for a key that is in the JWK Set, and verifies.
    #[must_use]
    pub fn is_published(self) -> bool {
        !matches!(self, Self::Retired | Self::Withdrawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core §A.4 prints this pair.
    #[test]
    fn half_hash_agrees_with_the_example_of_the_specification() {
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(SigningAlg::RS256.half_hash(access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
