//! Signing keys and signatures, and encryption: no other folder names `josekit`.
//!
//! A key is parsed once, when a [`Signer`] or [`Verifier`] is made for the key ring, and never on the way of a request: parsing
//! costs several times a signature. The framing of a compact JWS (RFC 7515 §3.1) is written here, so that a token is judged by
//! these rules alone: no `crit`, an algorithm that is the key's own, strict base64url, no member twice in the header.

mod decrypt;
mod encrypt;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub(crate) use decrypt::{Decrypter, EncryptionPair};
pub(crate) use encrypt::{Content, Recipient};
use josekit::JoseError;
use josekit::jwe::{self, JweHeader};
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner, JwsVerifier};
use oauth::jose::{EncryptionAlg, SigningAlg, VerifyingAlg};
use oauth::jwk::{JwkSet, PublicJwk, Thumbprint};
use oauth::jwt::ForeignJwt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::app_secret::AppSecret;
use crate::keyring::error::KeyringError;

/// The purpose for which the key that seals private keys is derived.
const SEAL: &str = "signet signing keys";

/// Bits of an RSA key: what every client accepts (RFC 7518 §3.3), and half as slow as more.
const RSA_BITS: u32 = 2_048;

/// Characters of the authentication tag of a JWE by `A256GCM`: 128 bits (RFC 7518 §5.3) in base64url.
const TAG_LENGTH: usize = 22;

/// Member of a stored public JWK: the key was another server's and keeps the ID it had there. Never published.
pub(crate) const IMPORTED: &str = "imported";

/// A private key outside the database. Short-lived: it is sealed, or made into a [`Signer`].
pub(crate) struct KeyPair {
    /// The thumbprint of the public key (RFC 7638).
    pub(crate) kid: String,
    alg: SigningAlg,
    public: Vec<Member>,
    private: Jwk,
}

/// Makes a key. Searching the primes of an RSA key takes up to a second: not for a thread that serves requests.
pub(crate) fn generate(alg: SigningAlg) -> Result<KeyPair, KeyringError> {
    let private = match alg {
        SigningAlg::RS256 => Jwk::generate_rsa_key(RSA_BITS),
        SigningAlg::ES256 => Jwk::generate_ec_key(EcCurve::P256),
        SigningAlg::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519),
    };
    KeyPair::new(alg, private.map_err(unusable)?)
}

/// The key in a JWE that [`KeyPair::seal`] made under the same secret; `kid` is the one its row has.
pub(crate) fn unseal(
    alg: SigningAlg,
    kid: &str,
    sealed: &str,
    app_secret: &AppSecret,
) -> Result<KeyPair, KeyringError> {
    if !has_whole_tag(sealed) {
        return Err(KeyringError::Unusable(format!("the row of the key {kid} is damaged")));
    }
    let text = decrypt(app_secret.derive(SEAL).as_slice(), sealed).map_err(|_| KeyringError::Sealed(kid.to_owned()))?;
    let pair = KeyPair::new(alg, Jwk::from_bytes(text.as_slice()).map_err(unusable)?)?;
    if pair.kid != kid {
        return Err(KeyringError::Unusable(format!("the row of the key {kid} holds the key {}", pair.kid)));
    }
    Ok(pair)
}

/// A text as a JWE that opens with the same key only.
pub(crate) fn seal_text(key: &[u8], text: &str) -> Option<String> {
    encrypt(key, "text/plain", text.as_bytes()).ok()
}

/// The text in a JWE that [`seal_text`] made with the same key.
pub(crate) fn unseal_text(key: &[u8], sealed: &str) -> Option<Zeroizing<String>> {
    let bytes = decrypt(key, Some(sealed).filter(|sealed| has_whole_tag(sealed))?).ok()?;
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// A JWE (RFC 7516; `dir`, `A256GCM`).
fn encrypt(key: &[u8], content_type: &str, bytes: &[u8]) -> Result<String, JoseError> {
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    header.set_content_type(content_type);
    jwe::serialize_compact(bytes, &header, &jwe::Dir.encrypter_from_bytes(key)?)
}

fn decrypt(key: &[u8], sealed: &str) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let (bytes, _) = jwe::deserialize_compact(sealed, &jwe::Dir.decrypter_from_bytes(key)?)?;
    Ok(Zeroizing::new(bytes))
}

/// False for a JWE whose tag was shortened: the library takes that for a tag, and a tag of one octet can be guessed.
fn has_whole_tag(sealed: &str) -> bool {
    sealed.rsplit('.').next().is_some_and(|tag| tag.len() == TAG_LENGTH)
}

impl KeyPair {
    fn new(alg: SigningAlg, private: Jwk) -> Result<Self, KeyringError> {
        let public = public_members(alg, |name| private.parameter(name))?;
        Ok(Self { kid: thumbprint(&public), alg, public, private })
    }

    /// The private key as a JWE (RFC 7516; `dir`, `A256GCM`) that opens only with the same secret.
    pub(crate) fn seal(&self, app_secret: &AppSecret) -> Result<String, KeyringError> {
        let text = Zeroizing::new(self.private.to_string());
        encrypt(app_secret.derive(SEAL).as_slice(), "jwk+json", text.as_bytes()).map_err(unusable)
    }

    /// The public key as it is published (RFC 7517).
    pub(crate) fn public_jwk(&self) -> Value {
        published(self.alg, &self.kid, &self.public)
    }

    /// Parses the key for signing.
    #[expect(clippy::disallowed_methods, reason = "signers are made here, for the key ring")]
    pub(crate) fn signer(&self) -> Result<Signer, KeyringError> {
        let key: Result<Box<dyn JwsSigner>, JoseError> = match self.alg {
            SigningAlg::RS256 => jws::RS256.signer_from_jwk(&self.private).map(|key| Box::new(key) as _),
            SigningAlg::ES256 => jws::ES256.signer_from_jwk(&self.private).map(|key| Box::new(key) as _),
            SigningAlg::EdDsa => jws::EdDSA.signer_from_jwk(&self.private).map(|key| Box::new(key) as _),
        };
        Ok(Signer { kid: self.kid.clone(), alg: self.alg, key: key.map_err(unusable)? })
    }
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPair").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

/// A parsed private key.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) kid: String,
    alg: SigningAlg,
    key: Box<dyn JwsSigner>,
}

impl Signer {
    /// A JWS of `claims`, which are JSON, in compact form.
    pub(crate) fn sign_jwt(&self, typ: Option<&str>, claims: &[u8]) -> Result<String, KeyringError> {
        let header = Header {
            alg: self.alg.as_str().into(),
            typ: typ.map(Cow::Borrowed),
            kid: Some(self.kid.as_str().into()),
            crit: None,
        };
        let header = serde_json::to_vec(&header).map_err(unusable)?;
        // Room for the signature as well, so that the token is never copied to grow.
        let mut jwt =
            String::with_capacity((header.len() + claims.len()) * 4 / 3 + 4 + self.key.signature_len() * 4 / 3 + 4);
        URL_SAFE_NO_PAD.encode_string(header, &mut jwt);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut jwt);
        let signature = self.key.sign(jwt.as_bytes()).map_err(unusable)?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }
}

/// A parsed public key.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) alg: SigningAlg,
    /// It comes from another server, whose private half was never ours to keep safe.
    pub(crate) imported: bool,
    key: Box<dyn JwsVerifier>,
}

impl Verifier {
    /// Parses a public key and returns it with the JWK to publish: nothing but the members of a public key of its kind. `kid`
    /// must be its thumbprint, unless the JWK says that it was [`IMPORTED`].
    #[expect(clippy::disallowed_methods, reason = "verifiers are made here, for the key ring")]
    pub(crate) fn parse(alg: SigningAlg, kid: &str, jwk: &Map<String, Value>) -> Result<(Self, Value), KeyringError> {
        let members = public_members(alg, |name| jwk.get(name))?;
        let imported = jwk.get(IMPORTED) == Some(&Value::Bool(true));
        if !imported && thumbprint(&members) != kid {
            return Err(KeyringError::Unusable(format!("the row of the key {kid} holds another public key")));
        }
        let published = published(alg, kid, &members);
        let jwk = Jwk::from_map(published.as_object().cloned().unwrap_or_default()).map_err(unusable)?;
        let key: Result<Box<dyn JwsVerifier>, JoseError> = match alg {
            SigningAlg::RS256 => jws::RS256.verifier_from_jwk(&jwk).map(|key| Box::new(key) as _),
            SigningAlg::ES256 => jws::ES256.verifier_from_jwk(&jwk).map(|key| Box::new(key) as _),
            SigningAlg::EdDsa => jws::EdDSA.verifier_from_jwk(&jwk).map(|key| Box::new(key) as _),
        };
        Ok((Self { alg, imported, key: key.map_err(unusable)? }, published))
    }

    /// The payload, if the signature over it is this key's by this key's algorithm.
    pub(crate) fn verify(&self, jws: &CompactJws<'_>) -> Option<Vec<u8>> {
        (jws.header.alg == self.alg.as_str()).then_some(())?;
        self.key.verify(jws.signing_input, &jws.signature).ok()?;
        URL_SAFE_NO_PAD.decode(jws.payload).ok()
    }
}

/// The protected header of a JWS, as far as it is looked at.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header<'a> {
    pub(crate) alg: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) typ: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<Cow<'a, str>>,
    /// Extensions that must be understood (RFC 7515 §4.1.11). None is.
    #[serde(default, skip_serializing)]
    crit: Option<Value>,
}

/// A compact JWS taken apart; nothing in it is believed yet.
#[derive(Debug)]
pub(crate) struct CompactJws<'a> {
    pub(crate) header: Header<'static>,
    signing_input: &'a [u8],
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> CompactJws<'a> {
    pub(crate) fn parse(compact: &'a str) -> Option<Self> {
        let (signing_input, signature) = compact.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let header: Header<'static> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        header.crit.is_none().then_some(())?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { header, signing_input: signing_input.as_bytes(), payload, signature })
    }
}

/// Public keys of somebody else, parsed: nothing of them is parsed on the way of a request.
#[derive(Debug, Default)]
pub(crate) struct ForeignKeys {
    keys: Vec<ForeignKey>,
    thumbprints: Vec<Thumbprint>,
    recipients: Vec<Arc<Recipient>>,
}

/// A key for one algorithm.
#[derive(Debug)]
struct ForeignKey {
    alg: VerifyingAlg,
    kid: Option<String>,
    key: Box<dyn JwsVerifier>,
}

impl ForeignKeys {
    /// The keys of a set, each for all algorithms that it is for. One that is on no curve, or no key for another reason, is left
    /// out.
    pub(crate) fn parse(set: &JwkSet) -> Self {
        let of_key = |jwk: &PublicJwk| -> Vec<ForeignKey> {
            let fitting = VerifyingAlg::ALL.iter().filter(|alg| jwk.fits(**alg));
            fitting.filter_map(|alg| ForeignKey::parse(*alg, jwk)).collect()
        };
        let thumbprints = set.keys().iter().filter(|jwk| jwk.verifies()).map(|jwk| jwk.key.thumbprint()).collect();
        let recipients = set.keys().iter().flat_map(Recipient::parse).map(Arc::new).collect();
        Self { keys: set.keys().iter().flat_map(of_key).collect(), thumbprints, recipients }
    }

    /// The key to encrypt to by `alg`: one that is for nothing else, or the first.
    pub(crate) fn recipient(&self, alg: EncryptionAlg) -> Option<Arc<Recipient>> {
        let fitting = || self.recipients.iter().filter(|recipient| recipient.alg == alg);
        fitting().find(|recipient| recipient.is_for_this).or_else(|| fitting().next()).cloned()
    }

    /// True when one of the keys has this thumbprint.
    pub(crate) fn has(&self, key: &Thumbprint) -> bool {
        self.thumbprints.contains(key)
    }

    /// True when one of the keys made the signature of the JWT. Its `kid` only helps to find the key: sets are bounded, and so is
    /// what is tried.
    pub(crate) fn signed(&self, jwt: &ForeignJwt) -> bool {
        let Some(jws) = CompactJws::parse(jwt.compact().expose()) else {
            return false;
        };
        let named = |key: &&ForeignKey| jwt.kid.is_none() || key.kid.is_none() || key.kid == jwt.kid;
        let mut candidates = self.keys.iter().filter(|key| key.alg == jwt.alg).filter(named);
        candidates.any(|candidate| candidate.key.verify(jws.signing_input, &jws.signature).is_ok())
    }
}

/// True when `jwk`, which came with the JWT, made its signature by its algorithm.
pub(crate) fn is_signed_by(jwk: &PublicJwk, jwt: &ForeignJwt) -> bool {
    let key = ForeignKey::parse(jwt.alg, jwk).filter(|_| jwk.fits(jwt.alg));
    ForeignKeys { keys: key.into_iter().collect(), ..ForeignKeys::default() }.signed(jwt)
}

impl ForeignKey {
    #[expect(
        clippy::disallowed_methods,
        reason = "keys of others are parsed here: when their set is read, or they come with a proof"
    )]
    fn parse(alg: VerifyingAlg, jwk: &PublicJwk) -> Option<Self> {
        let members = serde_json::to_value(&jwk.key).ok()?.as_object()?.clone();
        let parsed = Jwk::from_map(members).and_then(|jwk| -> Result<Box<dyn JwsVerifier>, JoseError> {
            Ok(match alg {
                VerifyingAlg::RS256 => Box::new(jws::RS256.verifier_from_jwk(&jwk)?),
                VerifyingAlg::PS256 => Box::new(jws::PS256.verifier_from_jwk(&jwk)?),
                VerifyingAlg::ES256 => Box::new(jws::ES256.verifier_from_jwk(&jwk)?),
                VerifyingAlg::EdDsa => Box::new(jws::EdDSA.verifier_from_jwk(&jwk)?),
            })
        });
        Some(Self { alg, kid: jwk.kid.clone(), key: parsed.ok()? })
    }
}

/// The members that make a public key of this kind, and its thumbprint (RFC 7638 §3.2, RFC 8037 §2), in the order of their names.
fn member_names(alg: SigningAlg) -> &'static [&'static str] {
    match alg {
        SigningAlg::RS256 => &["e", "kty", "n"],
        SigningAlg::ES256 => &["crv", "kty", "x", "y"],
        SigningAlg::EdDsa => &["crv", "kty", "x"],
    }
}

type Member = (&'static str, String);

fn public_members<'a>(alg: SigningAlg, find: impl Fn(&str) -> Option<&'a Value>) -> Result<Vec<Member>, KeyringError> {
    let member = |name: &&'static str| {
        let value = find(name).and_then(Value::as_str);
        value
            .map(|value| (*name, value.to_owned()))
            .ok_or_else(|| KeyringError::Unusable(format!("a key for {alg} has no {name}")))
    };
    member_names(alg).iter().map(member).collect()
}

/// SHA-256 of the members as JSON without white space, base64url (RFC 7638 §3).
fn thumbprint(members: &[Member]) -> String {
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("{}:{}", Value::from(*name), Value::from(value.as_str()))).collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{}}}", members.join(","))))
}

fn published(alg: SigningAlg, kid: &str, members: &[Member]) -> Value {
    let about = [("kid", kid), ("alg", alg.as_str()), ("use", "sig")];
    let members = members.iter().map(|(name, value)| (*name, value.as_str()));
    about.into_iter().chain(members).collect()
}

/// The library's words about a key are for the log. They never repeat the key.
fn unusable(error: impl std::fmt::Display) -> KeyringError {
    KeyringError::Unusable(error.to_string())
}

#[cfg(test)]
mod tests;
