//! JWTs that others encrypted to a key of this server (RFC 7516), taken apart. What can be judged without a key is judged here, before
//! anything is computed: whoever sends it may be anybody.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jose::{ContentEncryption, Encryption, EncryptionAlg};
use crate::jwt::MAX_JWT;

/// The longest JWE, in bytes: a JWT of the greatest length, encrypted.
pub const MAX_JWE: usize = MAX_JWT / 3 * 4 + 2_048;

/// The longest `kid`, `apu` and `apv`, in bytes.
const MAX_TEXT: usize = 256;

/// Bytes of a coordinate of P-256 (RFC 7518 §6.2.1.2).
const COORDINATE: usize = 32;

/// The description of the refusal of a hint that is encrypted: only its client can read that (OpenID Connect Core §3.1.2.1).
pub const ENCRYPTED_HINT: &str = "id_token_hint is encrypted: send the signed ID token that is in it";

/// The types of what is in it (RFC 7519 §5.2, RFC 9101 §10.8).
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];

/// Why a JWE is not decrypted. Nothing of it depends on a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JweProblem {
    #[error("it is longer than {} KiB", MAX_JWE >> 10)]
    TooLong,
    #[error("it is not an encrypted JWT in compact form")]
    Malformed,
    #[error("its header has {0}, which is not accepted")]
    Header(&'static str),
    #[error("it is encrypted by an algorithm that is not accepted")]
    Algorithm,
}

/// The protected header (RFC 7516 §4.1), as far as it is looked at. A member that comes twice makes it unreadable.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    enc: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    epk: Option<EphemeralKey>,
    apu: Option<String>,
    apv: Option<String>,
    zip: Option<Value>,
    crit: Option<Value>,
    jku: Option<Value>,
    x5u: Option<Value>,
    p2c: Option<Value>,
    p2s: Option<Value>,
}

/// The ephemeral key of the sender (RFC 7518 §4.6.1.1): on P-256, as this server's are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EphemeralKey {
    kty: String,
    crv: String,
    x: String,
    y: String,
    /// Nobody sends it: it is private.
    #[serde(default, skip_serializing)]
    d: Option<Value>,
}

impl EphemeralKey {
    fn is_whole(&self) -> bool {
        let is_coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == COORDINATE);
        self.d.is_none() && self.kty == "EC" && self.crv == "P-256" && is_coordinate(&self.x) && is_coordinate(&self.y)
    }
}

/// A JWT that somebody encrypted.
#[derive(Debug, Clone)]
pub struct EncryptedJwt {
    pub encryption: Encryption,
    pub kid: Option<String>,
    pub epk: EphemeralKey,
    /// Base64url.
    pub apu: Option<String>,
    pub apv: Option<String>,
    /// The encoded header, which is authenticated with the content.
    pub protected: String,
    /// The wrapped key; none where it is agreed on directly.
    pub encrypted_key: Option<Vec<u8>>,
    pub iv: Vec<u8>,
    pub ciphertext: Vec<u8>,
    pub tag: Vec<u8>,
}

impl EncryptedJwt {
    /// True for what has the five parts of a JWE: a JWT that is signed has three.
    #[must_use]
    pub fn is_meant(compact: &str) -> bool {
        compact.split('.').count() == 5
    }

    /// # Errors
    /// When it is no JWE, is compressed, has extensions, or is made by another algorithm than those that this server decrypts; when a part
    /// has another length than the algorithms give it.
    pub fn parse(compact: &str) -> Result<Self, JweProblem> {
        if compact.len() > MAX_JWE {
            return Err(JweProblem::TooLong);
        }
        let protected = compact.split('.').next().unwrap_or_default();
        let mut parts = compact.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
        let mut next = || parts.next().and_then(Result::ok).ok_or(JweProblem::Malformed);
        let (header, encrypted_key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(JweProblem::Malformed);
        }
        let header: Header = serde_json::from_slice(&header).map_err(|_| JweProblem::Malformed)?;
        header.check()?;
        let alg = EncryptionAlg::find(&header.alg).filter(|alg| EncryptionAlg::DECRYPTED.contains(alg));
        let enc = ContentEncryption::find(&header.enc);
        let (Some(alg), Some(enc)) = (alg, enc) else { return Err(JweProblem::Algorithm) };
        let epk = header.epk.filter(EphemeralKey::is_whole).ok_or(JweProblem::Header("no epk on P-256"))?;
        let wrapped = if alg == EncryptionAlg::EcdhEs { 0 } else { enc.key_length() + 8 };
        if encrypted_key.len() != wrapped || iv.len() != enc.iv_length() || tag.len() != enc.tag_length() {
            return Err(JweProblem::Malformed);
        }
        Ok(Self {
            encryption: Encryption { alg, enc },
            kid: header.kid,
            epk,
            apu: header.apu,
            apv: header.apv,
            protected: protected.to_owned(),
            encrypted_key: Some(encrypted_key).filter(|key| !key.is_empty()),
            iv,
            ciphertext,
            tag,
        })
    }
}

impl Header {
    fn check(&self) -> Result<(), JweProblem> {
        let refused = [
            ("zip", &self.zip),
            ("crit", &self.crit),
            ("jku", &self.jku),
            ("x5u", &self.x5u),
            ("p2c", &self.p2c),
            ("p2s", &self.p2s),
        ];
        if let Some((name, _)) = refused.into_iter().find(|(_, value)| value.is_some()) {
            return Err(JweProblem::Header(name));
        }
        let is_other = |media: &Option<String>| {
            media.as_ref().is_some_and(|media| {
                let media = media.to_ascii_lowercase();
                !TYPES.contains(&media.strip_prefix("application/").unwrap_or(&media))
            })
        };
        for (name, media) in [("a typ of something else", &self.typ), ("a cty of something else", &self.cty)] {
            if is_other(media) {
                return Err(JweProblem::Header(name));
            }
        }
        for (name, text) in [("a long kid", &self.kid), ("a long apu", &self.apu), ("a long apv", &self.apv)] {
            if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
                return Err(JweProblem::Header(name));
            }
        }
        let is_encoded = |text: &Option<String>| text.as_ref().is_none_or(|text| URL_SAFE_NO_PAD.decode(text).is_ok());
        if is_encoded(&self.apu) && is_encoded(&self.apv) { Ok(()) } else { Err(JweProblem::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn header() -> Value {
        let number = "A".repeat(43);
        json!({
            "alg": "ECDH-ES+A128KW", "enc": "A128GCM", "cty": "JWT",
            "epk": { "kty": "EC", "crv": "P-256", "x": number, "y": number },
        })
    }

    fn compact(header: &Value, lengths: [usize; 4]) -> String {
        let parts = lengths.map(|length| URL_SAFE_NO_PAD.encode(vec![7; length]));
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), parts.join("."))
    }

    fn with(name: &str, value: Value) -> Value {
        let mut header = header();
        header[name] = value;
        header
    }

    #[test]
    fn what_can_be_decrypted_is_taken_apart() {
        let parsed = EncryptedJwt::parse(&compact(&header(), [24, 12, 5, 16])).unwrap();
        assert_eq!(parsed.encryption, Encryption { alg: EncryptionAlg::EcdhEsA128Kw, enc: ContentEncryption::A128Gcm });
        assert_eq!((parsed.encrypted_key.map(|key| key.len()), parsed.ciphertext.len()), (Some(24), 5));
        let direct = EncryptedJwt::parse(&compact(&with("alg", json!("ECDH-ES")), [0, 12, 0, 16])).unwrap();
        assert_eq!(direct.encrypted_key, None);
        for (enc, key, iv, tag) in [
            ("A128CBC-HS256", 40, 16, 16),
            ("A256CBC-HS512", 72, 16, 32),
            ("A128GCM", 24, 12, 16),
            ("A256GCM", 40, 12, 16),
        ] {
            let text = |key, iv, tag| compact(&with("enc", json!(enc)), [key, iv, 16, tag]);
            assert!(EncryptedJwt::parse(&text(key, iv, tag)).is_ok(), "{enc}");
            for (key, iv, tag) in
                [(key - 1, iv, tag), (key + 8, iv, tag), (0, iv, tag), (key, iv + 1, tag), (key, iv, 1), (key, iv, 0)]
            {
                assert_eq!(EncryptedJwt::parse(&text(key, iv, tag)).unwrap_err(), JweProblem::Malformed, "{enc}");
            }
        }
        assert!(
            EncryptedJwt::parse(&compact(&with("typ", json!("application/OAuth-authz-req+jwt")), [24, 12, 5, 16]))
                .is_ok()
        );
    }

    #[test]
    fn what_is_dangerous_is_refused_before_anything_is_computed() {
        use JweProblem as P;
        let number = "A".repeat(43);
        let epk = |kty: &str, crv: &str, x: &str| json!({ "kty": kty, "crv": crv, "x": x, "y": number });
        for (header, problem) in [
            (with("zip", json!("DEF")), P::Header("zip")),
            (with("crit", json!(["exp"])), P::Header("crit")),
            (with("p2c", json!(1_000_000_000)), P::Header("p2c")),
            (with("p2s", json!("AA")), P::Header("p2s")),
            (with("jku", json!("https://evil.example")), P::Header("jku")),
            (with("x5u", json!("https://evil.example")), P::Header("x5u")),
            (with("cty", json!("text/plain")), P::Header("a cty of something else")),
            (with("typ", json!("at+jwt")), P::Header("a typ of something else")),
            (with("kid", json!("k".repeat(257))), P::Header("a long kid")),
            (with("apu", json!("A".repeat(260))), P::Header("a long apu")),
            (with("apv", json!("@")), P::Malformed),
            (with("alg", json!("dir")), P::Algorithm),
            (with("alg", json!("RSA1_5")), P::Algorithm),
            (with("alg", json!("RSA-OAEP")), P::Algorithm),
            (with("alg", json!("RSA-OAEP-256")), P::Algorithm),
            (with("alg", json!("PBES2-HS512+A256KW")), P::Algorithm),
            (with("alg", json!("A256GCMKW")), P::Algorithm),
            (with("alg", json!("ECDH-ES+A192KW")), P::Algorithm),
            (with("alg", json!("none")), P::Algorithm),
            (with("enc", json!("A192GCM")), P::Algorithm),
            (with("enc", json!("none")), P::Algorithm),
            (with("alg", json!(["ECDH-ES"])), P::Malformed),
            (with("kid", json!(1)), P::Malformed),
            (with("epk", Value::Null), P::Header("no epk on P-256")),
            (with("epk", epk("EC", "P-384", &number)), P::Header("no epk on P-256")),
            (with("epk", epk("OKP", "P-256", &number)), P::Header("no epk on P-256")),
            (with("epk", epk("EC", "P-256", "AAAA")), P::Header("no epk on P-256")),
            (
                with("epk", json!({ "kty": "EC", "crv": "P-256", "x": number, "y": number, "d": number })),
                P::Header("no epk on P-256"),
            ),
        ] {
            assert_eq!(EncryptedJwt::parse(&compact(&header, [24, 12, 5, 16])).unwrap_err(), problem, "{header}");
        }
        let twice = URL_SAFE_NO_PAD.encode(header().to_string().replacen('{', r#"{"alg":"ECDH-ES","#, 1));
        for text in [
            format!("{twice}.AA.AA.AA.AA"),
            "....".to_owned(),
            "a.b.c".to_owned(),
            format!("{}.e", compact(&header(), [24, 12, 5, 16])),
        ] {
            assert_eq!(EncryptedJwt::parse(&text).unwrap_err(), P::Malformed, "{text}");
        }
        assert_eq!(EncryptedJwt::parse(&"a".repeat(MAX_JWE + 1)).unwrap_err(), P::TooLong);
        assert!(!EncryptedJwt::is_meant("a.b.c") && EncryptedJwt::is_meant("a.b.c.d.e"));
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_too_odd(header in ".{0,200}", text in "[A-Za-z0-9._=-]{0,300}") {
            let encoded = format!("{}.AA.AA.AA.AA", URL_SAFE_NO_PAD.encode(header));
            for text in [text, encoded] {
                let _ = EncryptedJwt::parse(&text);
            }
        }
    }
}
