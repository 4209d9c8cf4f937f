//! Encryption that a client is registered for: of answers to it, and of its request objects (OpenID Connect Registration §2, JARM §3,
//! RFC 9701 §6).

use std::collections::BTreeMap;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::field::FieldProblem;
use crate::jose::{ContentEncryption, Encryption, EncryptionAlg};
use crate::jwk::JwkSet;
use crate::words::words;

words! {
    /// A message that can be encrypted.
    Encrypted {
        #[default]
        IdToken = "id_token",
        Userinfo = "userinfo",
        Authorization = "authorization",
        Introspection = "introspection",
        RequestObject = "request_object",
    }
}

impl Encrypted {
    /// The two members of the metadata that say by what.
    #[must_use]
    pub fn members(self) -> (&'static str, &'static str) {
        match self {
            Self::IdToken => ("id_token_encrypted_response_alg", "id_token_encrypted_response_enc"),
            Self::Userinfo => ("userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc"),
            Self::Authorization => ("authorization_encrypted_response_alg", "authorization_encrypted_response_enc"),
            Self::Introspection => ("introspection_encrypted_response_alg", "introspection_encrypted_response_enc"),
            Self::RequestObject => ("request_object_encryption_alg", "request_object_encryption_enc"),
        }
    }

    /// The algorithms by which the key of the content is agreed on or wrapped.
    #[must_use]
    pub fn algs(self) -> &'static [EncryptionAlg] {
        if self.is_answer() { EncryptionAlg::ALL } else { EncryptionAlg::DECRYPTED }
    }

    /// True for what this server encrypts, to a key of the client.
    #[must_use]
    pub fn is_answer(self) -> bool {
        self != Self::RequestObject
    }
}

/// Something wrong with a member.
pub type MemberProblem = (&'static str, FieldProblem);

/// The algorithms of a client, for each message that it wants encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientEncryption(BTreeMap<Encrypted, Encryption>);

impl ClientEncryption {
    /// Reads the members, each a text or nothing; and what is wrong with some.
    pub fn read<'a>(find: impl Fn(&'static str) -> &'a str) -> (Self, Vec<MemberProblem>) {
        let (mut read, mut problems) = (BTreeMap::new(), Vec::new());
        for part in Encrypted::ALL {
            let (alg_name, enc_name) = part.members();
            match (find(alg_name).trim(), find(enc_name).trim()) {
                ("", "") => {}
                ("", _) => problems.push((enc_name, FieldProblem::EncryptionHalf(alg_name))),
                (alg, enc) => {
                    let found = part.algs().iter().copied().find(|known| known.as_str() == alg);
                    // The default of the specifications.
                    let content =
                        if enc.is_empty() { Some(ContentEncryption::default()) } else { ContentEncryption::find(enc) };
                    if found.is_none() {
                        problems.push((alg_name, FieldProblem::OneOf(words_of(part.algs()))));
                    }
                    if content.is_none() {
                        problems.push((enc_name, FieldProblem::OneOf(words_of(ContentEncryption::ALL))));
                    }
                    read.extend(found.zip(content).map(|(alg, enc)| (*part, Encryption { alg, enc })));
                }
            }
        }
        (Self(read), problems)
    }

    /// True for a client that nothing is registered of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn find(&self, part: Encrypted) -> Option<Encryption> {
        self.0.get(&part).copied()
    }

    /// True when some answer to the client is encrypted.
    #[must_use]
    pub fn has_answers(&self) -> bool {
        self.0.keys().any(|part| part.is_answer())
    }

    /// Makes sure that there is a key to encrypt each answer to. Keys at an address are looked for when there is an answer.
    ///
    /// # Errors
    /// The first member that no key fits.
    pub fn check_keys(&self, jwks: Option<&JwkSet>, jwks_uri: Option<&str>) -> Result<(), MemberProblem> {
        let fits = |alg| jwks.map_or(jwks_uri.is_some(), |set| set.encrypts(alg));
        match self.0.iter().find(|(part, encryption)| part.is_answer() && !fits(encryption.alg)) {
            Some((part, encryption)) => Err((part.members().0, FieldProblem::EncryptionKeyNeeded(encryption.alg))),
            None => Ok(()),
        }
    }

    /// The two words for a form. The default of the second is not said.
    #[must_use]
    pub fn texts(&self, part: Encrypted) -> (String, String) {
        let Some(found) = self.find(part) else { return Default::default() };
        let enc = Some(found.enc).filter(|enc| *enc != ContentEncryption::default());
        (found.alg.to_string(), enc.map(|enc| enc.to_string()).unwrap_or_default())
    }
}

fn words_of(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The members, by the names of the specifications.
impl Serialize for ClientEncryption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len() * 2))?;
        for (part, encryption) in &self.0 {
            let (alg, enc) = part.members();
            map.serialize_entry(alg, encryption.alg.as_str())?;
            map.serialize_entry(enc, encryption.enc.as_str())?;
        }
        map.end()
    }
}

/// As it was kept. A client with an algorithm that this version does not know cannot be read: an answer that was to be encrypted is
/// never sent as it is.
impl<'de> Deserialize<'de> for ClientEncryption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::<String, Value>::deserialize(deserializer)?;
        let (read, problems) = Self::read(|name| members.get(name).and_then(Value::as_str).unwrap_or_default());
        match problems.first() {
            Some((name, _)) => Err(serde::de::Error::custom(format!("{name} has an algorithm that is not known"))),
            None => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(metadata: &Value) -> (ClientEncryption, Vec<MemberProblem>) {
        ClientEncryption::read(|name| metadata.get(name).and_then(Value::as_str).unwrap_or_default())
    }

    #[test]
    fn each_message_has_two_algorithms_and_the_second_has_a_default() {
        for part in Encrypted::ALL {
            let (alg_name, enc_name) = part.members();
            for alg in part.algs() {
                let (read_by_default, problems) = read(&json!({ alg_name: alg.as_str() }));
                let encryption = Encryption { alg: *alg, enc: ContentEncryption::A128CbcHs256 };
                assert_eq!((read_by_default.find(*part), problems.len()), (Some(encryption), 0));
                assert_eq!(read_by_default.texts(*part), (alg.to_string(), String::new()));
                for enc in ContentEncryption::ALL {
                    let members = json!({ alg_name: alg.as_str(), enc_name: enc.as_str() });
                    let (both, _) = read(&members);
                    assert_eq!(both.find(*part), Some(Encryption { alg: *alg, enc: *enc }));
                    assert_eq!(serde_json::to_value(&both).unwrap(), members);
                    assert_eq!(serde_json::from_value::<ClientEncryption>(members).unwrap(), both);
                }
            }
        }
        assert!(read(&json!({})).0.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for part in Encrypted::ALL {
            let (alg, enc) = part.members();
            for (metadata, member) in [
                (json!({ enc: "A128GCM" }), enc),
                (json!({ alg: "RSA1_5" }), alg),
                (json!({ alg: "RSA-OAEP" }), alg),
                (json!({ alg: "dir" }), alg),
                (json!({ alg: "PBES2-HS256+A128KW" }), alg),
                (json!({ alg: "A128KW" }), alg),
                (json!({ alg: if part.is_answer() { "RSA-OAEP-512" } else { "RSA-OAEP-256" } }), alg),
                (json!({ alg: "ECDH-ES", enc: "A192GCM" }), enc),
                (json!({ alg: "ECDH-ES", enc: "none" }), enc),
            ] {
                let (found, problems) = read(&metadata);
                assert!(found.is_empty() && problems.len() == 1, "{metadata}");
                assert_eq!(problems[0].0, member, "{metadata}");
                assert!(serde_json::from_value::<ClientEncryption>(metadata).is_err());
            }
        }
    }

    #[test]
    fn an_answer_needs_a_key_that_fits() {
        let number = "A".repeat(43);
        let ec = |purpose: &str| json!({ "kty": "EC", "crv": "P-256", "x": number, "y": number, "use": purpose });
        let set = |purpose: &str| JwkSet::of_client(&json!({ "keys": [ec(purpose)] }).to_string()).unwrap();
        let of = |part: Encrypted, alg: &str| read(&json!({ part.members().0: alg })).0;
        for part in Encrypted::ALL {
            let (fits, unfit) =
                (of(*part, "ECDH-ES"), of(*part, if part.is_answer() { "RSA-OAEP-256" } else { "ECDH-ES" }));
            assert_eq!(fits.has_answers(), part.is_answer());
            assert!(fits.check_keys(Some(&set("enc")), None).is_ok());
            assert!(fits.check_keys(None, Some("https://a.example/jwks")).is_ok());
            for refused in [
                fits.check_keys(None, None),
                fits.check_keys(Some(&set("sig")), None),
                unfit.check_keys(Some(&set("enc")), None),
            ] {
                assert_eq!(refused.err().map(|(name, _)| name), part.is_answer().then_some(part.members().0));
            }
        }
    }
}
