//! The way in which a client proves who it is, chosen from what it says of itself (RFC 7591 §2, OpenID Connect Relying Party
//! Metadata Choices 1.0).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::description::{MetadataError, short, words};
use crate::client::ClientAuthMethod;
use crate::field::check_https_url;
use crate::jose::{AssertionAlg, VerifyingAlg};
use crate::jwk::{JwkSet, JwkSetProblem};

/// The methods that a kind of registration can give.
#[derive(Debug, Clone, Copy)]
pub struct Methods {
    /// The best first.
    pub supported: &'static [ClientAuthMethod],
    /// The one of a client that names none.
    pub fallback: ClientAuthMethod,
    /// The method that a client prefers goes before better ones. It is told which it got.
    pub as_preferred: bool,
}

impl Methods {
    /// Those of a client with a document. A secret cannot be shared with whoever may read it (draft §4.1), so it is no method. The
    /// client is not told which one was chosen, so it is the best that both can, whatever it prefers.
    pub const DOCUMENT: Self = Self {
        supported: &[ClientAuthMethod::PrivateKeyJwt, ClientAuthMethod::None],
        fallback: ClientAuthMethod::None,
        as_preferred: false,
    };

    /// Those of a client that registers. One that names none gets a secret (RFC 7591 §2).
    pub const REGISTRATION: Self = Self {
        supported: &[
            ClientAuthMethod::PrivateKeyJwt,
            ClientAuthMethod::ClientSecretJwt,
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::ClientSecretPost,
            ClientAuthMethod::None,
        ],
        fallback: ClientAuthMethod::ClientSecretBasic,
        as_preferred: true,
    };
}

/// A method, with the keys that verify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    pub method: ClientAuthMethod,
    pub jwks: Option<JwkSet>,
    pub jwks_uri: Option<String>,
    /// The one algorithm of assertions; `None`: any that the keys are for, or any MAC.
    pub signing_alg: Option<AssertionAlg>,
}

impl Authentication {
    /// A method without keys.
    #[must_use]
    pub fn by(method: ClientAuthMethod) -> Self {
        Self { method, jwks: None, jwks_uri: None, signing_alg: None }
    }
}

/// The best method that both sides can. Where there is a list of alternatives, the single value is a preference (RP Metadata
/// Choices §3), and where there is none, the only choice. A method that is passed over for its keys is noted in `dropped`.
///
/// # Errors
/// When there is none; for the reason of its keys, if they are the reason.
pub(super) fn choose(
    metadata: &Map<String, Value>,
    methods: Methods,
    dropped: &mut Vec<String>,
) -> Result<Authentication, MetadataError> {
    let preferred = metadata.get("token_endpoint_auth_method").and_then(Value::as_str);
    let choices = words(metadata, "token_endpoint_auth_methods_supported").unwrap_or_default();
    let offered: Vec<&str> = preferred.into_iter().chain(choices).collect();
    let Some(first) = offered.first() else {
        return Ok(Authentication::by(methods.fallback));
    };
    let named = preferred.filter(|_| methods.as_preferred);
    let mut candidates: Vec<ClientAuthMethod> =
        methods.supported.iter().copied().filter(|method| offered.contains(&method.as_str())).collect();
    // A stable sort: the others stay in their order.
    candidates.sort_by_key(|method| named != Some(method.as_str()));
    let mut unusable = None;
    for method in candidates {
        if method != ClientAuthMethod::PrivateKeyJwt {
            dropped
                .extend(unusable.map(|reason: MetadataError| format!("{}: {reason}", ClientAuthMethod::PrivateKeyJwt)));
            let mac = if method == ClientAuthMethod::ClientSecretJwt { read_mac(metadata)? } else { None };
            return Ok(Authentication { signing_alg: mac, ..Authentication::by(method) });
        }
        match read_keys(metadata, true) {
            Ok(authentication) => return Ok(authentication),
            Err(reason) => unusable = Some(reason),
        }
    }
    Err(unusable.unwrap_or_else(|| MetadataError::Method(short(first))))
}

/// The keys of a client that signs requests, or wants answers encrypted, and proves itself otherwise.
///
/// # Errors
/// When they are of no use; if it signs, when they cannot verify anything.
pub(super) fn keys_beside(
    metadata: &Map<String, Value>,
    authentication: Authentication,
    signs: bool,
) -> Result<Authentication, MetadataError> {
    let read = read_keys(metadata, signs)?;
    Ok(Authentication { jwks: read.jwks, jwks_uri: read.jwks_uri, ..authentication })
}

/// The keys of a client that signs, or only wants answers encrypted: in `jwks` or at `jwks_uri`, but not both (RFC 7591 §2).
fn read_keys(metadata: &Map<String, Value>, signs: bool) -> Result<Authentication, MetadataError> {
    let signing_alg = if signs { read_alg(metadata)? } else { None };
    let by_keys = Authentication::by(ClientAuthMethod::PrivateKeyJwt);
    let member = |name: &str| metadata.get(name).filter(|value| !value.is_null());
    match (member("jwks"), member("jwks_uri")) {
        (None, None) => Err(keys("jwks", "it is missing, and so is jwks_uri")),
        (Some(_), Some(_)) => Err(keys("jwks", "there is a jwks_uri, too, and only one of them can count")),
        (Some(set), None) => {
            let read = JwkSet::of_client(&set.to_string());
            let read =
                read.and_then(|set| if signs && !set.verifies() { Err(JwkSetProblem::NoneUsable) } else { Ok(set) });
            let set = read.map_err(|problem| keys("jwks", &problem.to_string()))?;
            if let Some(alg) = signing_alg
                && !set.keys().iter().any(|key| key.fits(alg))
            {
                return Err(keys("jwks", &format!("none of its keys is for {alg}")));
            }
            Ok(Authentication { jwks: Some(set), signing_alg: signing_alg.map(Into::into), ..by_keys })
        }
        (None, Some(uri)) => {
            let checked = check_https_url(uri.as_str().unwrap_or_default()).ok().flatten();
            let uri = checked.ok_or_else(|| keys("jwks_uri", "it is no https URL"))?;
            Ok(Authentication { jwks_uri: Some(uri), signing_alg: signing_alg.map(Into::into), ..by_keys })
        }
    }
}

/// The one MAC of a client's assertions.
fn read_mac(metadata: &Map<String, Value>) -> Result<Option<AssertionAlg>, MetadataError> {
    let name = "token_endpoint_auth_signing_alg";
    let Some(value) = metadata.get(name) else { return Ok(None) };
    let alg = value.as_str().and_then(AssertionAlg::find).filter(|alg| alg.is_mac());
    let other = || MetadataError::Member(name, "with client_secret_jwt it is HS256, HS384 or HS512".to_owned());
    alg.map(Some).ok_or_else(other)
}

/// The one algorithm that the client signs by. Nobody tells it which of several was chosen, so of several each is good that a key is
/// for.
fn read_alg(metadata: &Map<String, Value>) -> Result<Option<VerifyingAlg>, MetadataError> {
    let (one, several) = ("token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_alg_values_supported");
    let named = metadata.get(one).and_then(Value::as_str);
    let offered: Vec<&str> = named.into_iter().chain(words(metadata, several).unwrap_or_default()).collect();
    let named: BTreeSet<VerifyingAlg> = offered.iter().filter_map(|name| VerifyingAlg::read(name)).collect();
    let usable: Vec<VerifyingAlg> = named.into_iter().collect();
    match usable[..] {
        _ if offered.is_empty() => Ok(None),
        [] => {
            let known: Vec<&str> = VerifyingAlg::names().collect();
            Err(keys(one, &format!("it must be one of {}", known.join(", "))))
        }
        [only] => Ok(Some(only)),
        _ => Ok(None),
    }
}

fn keys(member: &'static str, problem: &str) -> MetadataError {
    MetadataError::Keys(member, problem.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(metadata: &Value, methods: Methods) -> (Result<Authentication, MetadataError>, Vec<String>) {
        let mut dropped = Vec::new();
        (choose(metadata.as_object().unwrap(), methods, &mut dropped), dropped)
    }

    fn method(metadata: &Value, methods: Methods) -> &'static str {
        of(metadata, methods).0.unwrap().method.as_str()
    }

    fn ec() -> Value {
        let number = "A".repeat(43);
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": number, "y": number }] })
    }

    #[test]
    fn a_document_proves_itself_by_the_best_that_both_can() {
        let uri = "https://a.example/jwks";
        for (metadata, chosen) in [
            (json!({}), "none"),
            (json!({ "jwks_uri": uri }), "none"),
            (json!({ "token_endpoint_auth_method": "none", "jwks_uri": uri }), "none"),
            (json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri }), "private_key_jwt"),
            (json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": ec() }), "private_key_jwt"),
            (
                json!({ "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"], "jwks_uri": uri }),
                "private_key_jwt",
            ),
            (
                json!({
                    "token_endpoint_auth_method": "none", "jwks_uri": uri,
                    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                }),
                "private_key_jwt",
            ),
            (
                json!({
                    "token_endpoint_auth_method": "tls_client_auth",
                    "token_endpoint_auth_methods_supported": ["tls_client_auth", "none"],
                }),
                "none",
            ),
        ] {
            assert_eq!(method(&metadata, Methods::DOCUMENT), chosen, "{metadata}");
        }
    }

    #[test]
    fn keys_that_cannot_be_used_are_the_reason_or_are_passed_over() {
        let uri = "https://a.example/jwks";
        for (members, member) in [
            (json!({}), "jwks"),
            (json!({ "jwks": ec(), "jwks_uri": uri }), "jwks"),
            (json!({ "jwks": "x" }), "jwks"),
            (json!({ "jwks": { "keys": [] } }), "jwks"),
            (json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } }), "jwks"),
            (json!({ "jwks": { "keys": [{ "kty": "RSA", "n": "AQAB", "e": "AQAB" }] } }), "jwks"),
            (json!({ "jwks": ec(), "token_endpoint_auth_signing_alg": "RS256" }), "jwks"),
            (json!({ "jwks_uri": "http://a.example/jwks" }), "jwks_uri"),
            (json!({ "jwks_uri": "javascript:x" }), "jwks_uri"),
            (json!({ "jwks_uri": 7 }), "jwks_uri"),
            (json!({ "jwks_uri": uri, "token_endpoint_auth_signing_alg": "HS256" }), "token_endpoint_auth_signing_alg"),
            (json!({ "jwks_uri": uri, "token_endpoint_auth_signing_alg": "none" }), "token_endpoint_auth_signing_alg"),
        ] {
            let mut metadata = members.clone();
            metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
            for methods in [Methods::DOCUMENT, Methods::REGISTRATION] {
                let refused = of(&metadata, methods).0.unwrap_err();
                assert!(matches!(&refused, MetadataError::Keys(found, _) if *found == member), "{metadata}: {refused}");
                assert!(refused.to_string().contains(member), "{refused}");
            }
            metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "none"]);
            let (chosen, dropped) = of(&metadata, Methods::DOCUMENT);
            assert_eq!(chosen.unwrap(), Authentication::by(ClientAuthMethod::None), "{metadata}");
            assert!(dropped[0].contains(member), "{dropped:?}");
        }
    }

    #[test]
    fn the_algorithm_is_the_one_that_is_left_or_any_of_the_keys() {
        for (one, several, alg) in [
            (json!(null), json!(null), None),
            (json!("RS256"), json!(null), Some(VerifyingAlg::RS256)),
            (json!("RS256"), json!(["RS256", "RS512"]), Some(VerifyingAlg::RS256)),
            (json!("RS512"), json!(["RS512", "PS256"]), Some(VerifyingAlg::PS256)),
            (json!("RS256"), json!(["RS256", "ES256"]), None),
            (json!("Ed25519"), json!(["EdDSA"]), Some(VerifyingAlg::EdDsa)),
        ] {
            let metadata = json!({
                "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks",
                "token_endpoint_auth_signing_alg": one, "token_endpoint_auth_signing_alg_values_supported": several,
            });
            assert_eq!(of(&metadata, Methods::DOCUMENT).0.unwrap().signing_alg, alg.map(Into::into), "{metadata}");
        }
    }

    #[test]
    fn whoever_registers_gets_the_method_that_it_prefers() {
        for (preferred, list, chosen) in [
            (json!("none"), json!(["private_key_jwt", "none"]), "none"),
            (json!("client_secret_post"), json!(["private_key_jwt", "client_secret_post"]), "client_secret_post"),
            (json!(null), json!(["none", "client_secret_post", "private_key_jwt"]), "private_key_jwt"),
            (json!("tls_client_auth"), json!(["client_secret_post", "none"]), "client_secret_post"),
            (json!(null), json!(null), "client_secret_basic"),
        ] {
            let metadata = json!({
                "token_endpoint_auth_method": preferred, "token_endpoint_auth_methods_supported": list, "jwks": ec(),
            });
            assert_eq!(method(&metadata, Methods::REGISTRATION), chosen, "{metadata}");
        }
    }
}
