//! Public keys of others (RFC 7517): those of clients that prove by a signature who they are, or want answers that nobody else can read, and
//! of issuers that are trusted here.
//!
//! A set is read in one of two ways. One that an administrator registers is refused with the reason when anything in it is wrong.
//! Of one that was fetched the usable keys are taken: the others may be for somebody else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::jose::{EncryptionAlg, VerifyingAlg};
use crate::words::words;

/// The longest JWK Set, in bytes.
pub const MAX_JWK_SET: usize = 64 << 10;

/// The most keys of a set.
pub const MAX_KEYS: usize = 20;

/// The longest ID of a key, in bytes.
const MAX_KID: usize = 256;

/// Bits of an RSA key. Fewer are too few (RFC 7518 §3.3), and a signature by more takes long to verify.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// The longest exponent of an RSA key, in bytes. 65537 has three.
const MAX_EXPONENT: usize = 4;

/// Bytes of a coordinate of P-256 (RFC 7518 §6.2.1.2), and of a key of Ed25519 (RFC 8037 §2).
const COORDINATE: usize = 32;

/// Members that only private keys have (RFC 7518 §6.2.2, §6.3.2), and the value of a shared secret (§6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

words! {
    /// `use` of a key (RFC 7517 §4.2).
    KeyUse {
        #[default]
        Signature = "sig",
        Encryption = "enc",
    }
}

/// `alg` of a key (RFC 7517 §4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyAlg {
    Signature(VerifyingAlg),
    Encryption(EncryptionAlg),
}

impl KeyAlg {
    fn read(name: &str) -> Option<Self> {
        VerifyingAlg::read(name).map(Self::Signature).or_else(|| EncryptionAlg::find(name).map(Self::Encryption))
    }
}

/// Why a text is no set of public keys that are of use here. Keys are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetProblem {
    #[error("Write a JWK Set: {{\"keys\": [ … ]}}.")]
    NoSet,
    #[error("A JWK Set is at most {} KiB long.", MAX_JWK_SET >> 10)]
    TooLong,
    #[error("A JWK Set holds at most {MAX_KEYS} keys.")]
    TooMany,
    #[error("No key of the set can verify a signature by RS256, PS256, ES256 or EdDSA.")]
    NoneUsable,
    #[error("No key of the set can verify a signature, or is one to encrypt to: an RSA key, or one on P-256.")]
    NoneOfUse,
    #[error(
        "Key {0} holds “{1}”, a part of a private key or a secret: it is no secret any more. Make a new one, and give its public half only."
    )]
    Private(usize, &'static str),
    #[error("Key {0}: “{1}” is missing or not well formed.")]
    Member(usize, &'static str),
    #[error("Key {0}: an RSA key has 2048 to 8192 bits.")]
    RsaSize(usize),
}

/// A public key, reduced to what verifies a signature or encrypts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PublicJwk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Its one purpose, if it says so.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<KeyUse>,
    /// The one algorithm that it is for, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<KeyAlg>,
    #[serde(flatten)]
    pub key: PublicKey,
}

/// The numbers of a public key, in base64url.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    /// On P-256, which `crv` says.
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    /// Ed25519, which `crv` says.
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
}

/// The thumbprint of a public key: SHA-256 in base64url, 43 characters (RFC 7638).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// The thumbprint, if it is the base64url encoding of 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// One that was kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PublicKey {
    /// The members that make the key, in the order of their names, hashed (RFC 7638 §3.2, RFC 8037 §2). None of the values has a
    /// character that JSON escapes.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        let members = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        };
        Thumbprint(URL_SAFE_NO_PAD.encode(Sha256::digest(members)))
    }
}

impl PublicJwk {
    /// One public key by itself, to verify signatures.
    ///
    /// # Errors
    /// When it is none, or can verify nothing.
    pub fn parse(jwk: &Map<String, Value>) -> Result<Self, JwkSetProblem> {
        Self::read(1, jwk)?.filter(Self::verifies).ok_or(JwkSetProblem::NoneUsable)
    }

    /// The key of a JWK; `None`: it is for something else. `number` counts it.
    fn read(number: usize, jwk: &Map<String, Value>) -> Result<Option<Self>, JwkSetProblem> {
        if let Some(private) = PRIVATE.into_iter().find(|name| jwk.contains_key(*name)) {
            return Err(JwkSetProblem::Private(number, private));
        }
        let text = |name: &'static str| match jwk.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(JwkSetProblem::Member(number, name)),
        };
        let kid = text("kid")?;
        if kid.is_some_and(|kid| kid.len() > MAX_KID) {
            return Err(JwkSetProblem::Member(number, "kid"));
        }
        let alg = text("alg")?;
        let (known, purpose) = (alg.map(KeyAlg::read), text("use")?.map(KeyUse::find));
        if known == Some(None) || purpose == Some(None) {
            return Ok(None);
        }
        let bytes = |name: &'static str| {
            let text = text(name)?.ok_or(JwkSetProblem::Member(number, name))?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkSetProblem::Member(number, name))
        };
        let fixed = |name: &'static str| match bytes(name)? {
            bytes if bytes.len() == COORDINATE => Ok(URL_SAFE_NO_PAD.encode(bytes)),
            _ => Err(JwkSetProblem::Member(number, name)),
        };
        let key = match (text("kty")?, text("crv")?) {
            (Some("RSA"), _) => {
                let (n, e) = (without_zeros(bytes("n")?), without_zeros(bytes("e")?));
                if !RSA_BITS.contains(&bits(&n)) {
                    return Err(JwkSetProblem::RsaSize(number));
                }
                let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
                if !odd(&n) {
                    return Err(JwkSetProblem::Member(number, "n"));
                }
                if !odd(&e) || e.len() > MAX_EXPONENT || e == [1] {
                    return Err(JwkSetProblem::Member(number, "e"));
                }
                PublicKey::Rsa { n: URL_SAFE_NO_PAD.encode(n), e: URL_SAFE_NO_PAD.encode(e) }
            }
            (Some("EC"), Some("P-256")) => PublicKey::Ec { crv: "P-256".to_owned(), x: fixed("x")?, y: fixed("y")? },
            (Some("OKP"), Some("Ed25519")) => PublicKey::Okp { crv: "Ed25519".to_owned(), x: fixed("x")? },
            (None, _) => return Err(JwkSetProblem::Member(number, "kty")),
            _ => return Ok(None),
        };
        let jwk = Self { kid: kid.map(str::to_owned), purpose: purpose.flatten(), alg: known.flatten(), key };
        Ok(Some(jwk).filter(|jwk| jwk.verifies() || EncryptionAlg::ALL.iter().any(|alg| jwk.encrypts(*alg))))
    }

    /// True when some signature may be this key's.
    #[must_use]
    pub fn verifies(&self) -> bool {
        VerifyingAlg::ALL.iter().any(|alg| self.fits(*alg))
    }

    /// True when signatures by `alg` may be this key's.
    #[must_use]
    pub fn fits(&self, alg: VerifyingAlg) -> bool {
        let kind = match &self.key {
            PublicKey::Rsa { .. } => matches!(alg, VerifyingAlg::RS256 | VerifyingAlg::PS256),
            PublicKey::Ec { .. } => alg == VerifyingAlg::ES256,
            PublicKey::Okp { .. } => alg == VerifyingAlg::EdDsa,
        };
        let is_for =
            self.purpose != Some(KeyUse::Encryption) && self.alg.is_none_or(|only| only == KeyAlg::Signature(alg));
        kind && is_for
    }

    /// True when something may be encrypted to this key by `alg`: Ed25519 only signs.
    #[must_use]
    pub fn encrypts(&self, alg: EncryptionAlg) -> bool {
        let kind = match &self.key {
            PublicKey::Rsa { .. } => alg == EncryptionAlg::RsaOaep256,
            PublicKey::Ec { .. } => alg != EncryptionAlg::RsaOaep256,
            PublicKey::Okp { .. } => false,
        };
        let is_for =
            self.purpose != Some(KeyUse::Signature) && self.alg.is_none_or(|only| only == KeyAlg::Encryption(alg));
        kind && is_for
    }
}

fn without_zeros(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// The length of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The public keys of somebody else (RFC 7517 §5), all of them usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    keys: Vec<PublicJwk>,
}

impl JwkSet {
    /// A set by which signatures are verified, as an administrator registers it. Keys for other purposes are left out.
    ///
    /// # Errors
    /// The first thing that is wrong, and a set without a usable key.
    pub fn parse(text: &str) -> Result<Self, JwkSetProblem> {
        let set = Self::read(text)?.of_signatures();
        if set.keys.is_empty() { Err(JwkSetProblem::NoneUsable) } else { Ok(set) }
    }

    /// A set of a client, as it is registered: the same, with the keys to encrypt to.
    ///
    /// # Errors
    /// The first thing that is wrong, and a set without a key of use.
    pub fn of_client(text: &str) -> Result<Self, JwkSetProblem> {
        let set = Self::read(text)?;
        if set.keys.is_empty() { Err(JwkSetProblem::NoneOfUse) } else { Ok(set) }
    }

    fn read(text: &str) -> Result<Self, JwkSetProblem> {
        let jwks = members(text)?;
        if jwks.len() > MAX_KEYS {
            return Err(JwkSetProblem::TooMany);
        }
        let mut keys = Vec::new();
        for (index, jwk) in jwks.iter().enumerate() {
            let jwk = jwk.as_object().ok_or(JwkSetProblem::NoSet)?;
            keys.extend(PublicJwk::read(index + 1, jwk)?);
        }
        Ok(Self { keys })
    }

    /// The usable keys of a set that was fetched, the first of them if there are many. A key that somebody published with its
    /// private half is none: it proves nothing.
    ///
    /// # Errors
    /// When it is no set, or none of its keys is usable.
    pub fn fetched(text: &str) -> Result<Self, JwkSetProblem> {
        let jwks = members(text)?;
        let read = |(index, jwk): (usize, &Value)| PublicJwk::read(index + 1, jwk.as_object()?).ok().flatten();
        let keys: Vec<_> = jwks.iter().enumerate().filter_map(read).take(MAX_KEYS).collect();
        if keys.is_empty() { Err(JwkSetProblem::NoneOfUse) } else { Ok(Self { keys }) }
    }

    /// The keys that verify signatures.
    #[must_use]
    pub fn of_signatures(&self) -> Self {
        Self { keys: self.keys.iter().filter(|key| key.verifies()).cloned().collect() }
    }

    /// The same, without a word of their purpose: as sets were kept that had no other keys.
    #[must_use]
    pub fn without_use(&self) -> Self {
        let keys = self.of_signatures().keys.into_iter().map(|key| PublicJwk { purpose: None, ..key });
        Self { keys: keys.collect() }
    }

    /// True when a key of the set verifies signatures.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.keys.iter().any(PublicJwk::verifies)
    }

    /// True when the set has a key to encrypt to by `alg`.
    #[must_use]
    pub fn encrypts(&self, alg: EncryptionAlg) -> bool {
        self.keys.iter().any(|key| key.encrypts(alg))
    }

    #[must_use]
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The set as JSON for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

fn members(text: &str) -> Result<Vec<Value>, JwkSetProblem> {
    if text.len() > MAX_JWK_SET {
        return Err(JwkSetProblem::TooLong);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(mut set)) => match set.remove("keys") {
            Some(Value::Array(keys)) => Ok(keys),
            _ => Err(JwkSetProblem::NoSet),
        },
        _ => Err(JwkSetProblem::NoSet),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn b64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa(bytes: usize) -> Value {
        json!({ "kty": "RSA", "kid": "r", "n": b64(&vec![0xff; bytes]), "e": "AQAB" })
    }

    fn ec() -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": b64(&[1; 32]), "y": b64(&[2; 32]), "kid": "e", "use": "sig" })
    }

    fn set(keys: &[Value]) -> String {
        json!({ "keys": keys }).to_string()
    }

    fn with(mut jwk: Value, name: &str, value: Value) -> Value {
        jwk[name] = value;
        jwk
    }

    #[test]
    fn a_set_is_kept_without_what_verifies_nothing() {
        let okp = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&[3; 32]), "x5c": ["…"], "alg": "EdDSA" });
        let other = json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" });
        let encrypts = with(rsa(256), "use", json!("enc"));
        let text = set(&[rsa(256), ec(), okp, other, encrypts]);
        let parsed = JwkSet::parse(&text).unwrap();
        assert_eq!((parsed.keys().len(), JwkSet::of_client(&text).unwrap().keys().len()), (3, 4));
        assert!(!parsed.to_text().contains("x5c"));
        assert_eq!(JwkSet::parse(&parsed.to_text()), Ok(parsed.clone()));
        let kept: JwkSet = serde_json::from_value(serde_json::to_value(&parsed).unwrap()).unwrap();
        assert_eq!(kept, parsed);
    }

    #[test]
    fn whatever_is_private_is_refused_by_its_name() {
        for name in PRIVATE {
            let jwk = with(ec(), name, json!("AA"));
            let problem = JwkSet::parse(&set(&[ec(), jwk.clone()])).unwrap_err();
            assert_eq!(problem, JwkSetProblem::Private(2, name));
            assert!(problem.to_string().contains(&format!("“{name}”")), "{problem}");
            assert_eq!(JwkSet::fetched(&set(&[jwk])), Err(JwkSetProblem::NoneOfUse), "nor is it used");
        }
        let shared = json!({ "kty": "oct", "k": "AAAA" });
        assert_eq!(JwkSet::parse(&set(&[shared])), Err(JwkSetProblem::Private(1, "k")));
    }

    #[test]
    fn hostile_keys_are_refused() {
        use JwkSetProblem as P;
        for (jwk, problem) in [
            (rsa(255), P::RsaSize(1)),
            (rsa(1_025), P::RsaSize(1)),
            (with(rsa(256), "n", json!(b64(&[&[0; 64][..], &[0xff; 200][..]].concat()))), P::RsaSize(1)),
            (with(rsa(256), "n", json!(b64(&[&[0xff; 255][..], &[2]].concat()))), P::Member(1, "n")),
            (with(rsa(256), "e", json!("AQ")), P::Member(1, "e")),
            (with(rsa(256), "e", json!("AA")), P::Member(1, "e")),
            (with(rsa(256), "e", json!(b64(&[1; 5]))), P::Member(1, "e")),
            (with(rsa(256), "e", json!("AQAB==")), P::Member(1, "e")),
            (with(rsa(256), "e", json!(65_537)), P::Member(1, "e")),
            (with(ec(), "x", json!(b64(&[1; 33]))), P::Member(1, "x")),
            (with(ec(), "y", Value::Null), P::Member(1, "y")),
            (with(ec(), "kid", json!("k".repeat(257))), P::Member(1, "kid")),
            (with(ec(), "kty", json!(["EC"])), P::Member(1, "kty")),
            (json!({}), P::Member(1, "kty")),
            (with(ec(), "alg", json!("HS256")), P::NoneUsable),
            (with(ec(), "alg", json!("RS256")), P::NoneUsable),
            (json!("no key"), P::NoSet),
        ] {
            let text = set(&[jwk]);
            assert_eq!(JwkSet::parse(&text), Err(problem), "{}", text.chars().take(200).collect::<String>());
            assert!(JwkSet::fetched(&text).is_err());
        }
        assert!(JwkSet::parse(&set(&[rsa(256)])).is_ok() && JwkSet::parse(&set(&[rsa(1_024)])).is_ok());
        for text in ["", "[]", "{}", "{\"keys\":{}}", "null"] {
            assert_eq!(JwkSet::parse(text), Err(P::NoSet), "{text}");
        }
        assert_eq!(JwkSet::parse(&set(&[])), Err(P::NoneUsable));
        assert_eq!(JwkSet::parse(&set(&vec![ec(); MAX_KEYS + 1])), Err(P::TooMany));
        assert_eq!(JwkSet::parse(&" ".repeat(MAX_JWK_SET + 1)), Err(P::TooLong));
    }

    #[test]
    fn of_a_fetched_set_the_good_keys_are_taken_and_not_too_many() {
        let mixed = set(&[json!(7), rsa(255), with(ec(), "d", json!("AA")), ec()]);
        assert_eq!(JwkSet::fetched(&mixed).unwrap().keys().len(), 1);
        assert_eq!(JwkSet::fetched(&set(&vec![ec(); 100])).unwrap().keys().len(), MAX_KEYS);
    }

    #[test]
    fn a_key_fits_the_algorithms_of_its_kind() {
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&[3; 32]) });
        let keys = JwkSet::parse(&set(&[rsa(256), with(rsa(256), "alg", json!("PS256")), ec(), ed])).unwrap();
        let fits = |alg| keys.keys().iter().map(|key| key.fits(alg)).collect::<Vec<_>>();
        assert_eq!(fits(VerifyingAlg::RS256), [true, false, false, false]);
        assert_eq!(fits(VerifyingAlg::PS256), [true, true, false, false]);
        assert_eq!(fits(VerifyingAlg::ES256), [false, false, true, false]);
        assert_eq!(fits(VerifyingAlg::EdDsa), [false, false, false, true]);
    }

    #[test]
    fn a_key_has_one_purpose_if_it_says_so() {
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&[3; 32]) });
        let enc = |jwk: Value| with(jwk, "use", json!("enc"));
        let wraps = with(enc(ec()), "alg", json!("ECDH-ES+A256KW"));
        let text = set(&[rsa(256), enc(rsa(256)), ec(), wraps, with(rsa(256), "alg", json!("RS256")), ed.clone()]);
        let keys = JwkSet::of_client(&text).unwrap();
        let encrypts = |alg| keys.keys().iter().map(|key| key.encrypts(alg)).collect::<Vec<_>>();
        assert_eq!(encrypts(EncryptionAlg::RsaOaep256), [true, true, false, false, false, false]);
        assert_eq!(encrypts(EncryptionAlg::EcdhEs), [false; 6], "the one on P-256 signs, and the other one wraps");
        assert_eq!(encrypts(EncryptionAlg::EcdhEsA256Kw), [false, false, false, true, false, false]);
        let verifies: Vec<_> = keys.keys().iter().map(PublicJwk::verifies).collect();
        assert_eq!(verifies, [true, false, true, false, true, true]);
        let kept: JwkSet = serde_json::from_value(serde_json::to_value(&keys).unwrap()).unwrap();
        assert_eq!((&kept, JwkSet::of_client(&keys.to_text()).as_ref()), (&keys, Ok(&keys)));
        let only = set(&[enc(rsa(256))]);
        assert_eq!((JwkSet::parse(&only), JwkSet::of_client(&only).is_ok()), (Err(JwkSetProblem::NoneUsable), true));
        for odd in [enc(ed), with(ec(), "use", json!("other")), with(rsa(256), "alg", json!("RSA1_5"))] {
            assert_eq!(JwkSet::of_client(&set(&[odd])), Err(JwkSetProblem::NoneOfUse));
        }
        assert!(!JwkSet::of_client(&only).unwrap().without_use().verifies());
    }

    #[test]
    fn thumbprints_agree_with_the_examples_of_the_specifications() {
        // RFC 7638 section 3.1, RFC 8037 section A.3.
        let rsa = json!({ "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" });
        let okp = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        for (jwk, thumbprint) in
            [(rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), (okp, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
        {
            let jwk = PublicJwk::parse(jwk.as_object().unwrap()).unwrap();
            assert_eq!(jwk.key.thumbprint(), Thumbprint::parse(thumbprint).unwrap());
        }
        assert_eq!((Thumbprint::parse("short"), Thumbprint::parse(&"=".repeat(43))), (None, None));
    }
}
