//! The ways in which a client that describes itself sends its requests, and wants answers to be signed (OpenID Connect Registration §2,
//! RFC 9101 §10.5, RFC 9126 §6, RFC 9449 §5.2, RFC 8705 §3.4).

use serde_json::{Map, Value};

use super::description::{MetadataError, short, words};
use crate::client::{ClientEncryption, check_request_uri};
use crate::jose::{SigningAlg, VerifyingAlg};
use crate::response_type::{ResponseType, registered};

/// Addresses of request objects that are kept.
const MOST_REQUEST_URIS: usize = 10;

/// The ways of one client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestWays {
    pub request_uris: Vec<String>,
    /// The one algorithm of request objects; `None`: any that the keys are for.
    pub signing_alg: Option<VerifyingAlg>,
    /// They must be signed.
    pub signed: bool,
    /// They must be pushed.
    pub pushed: bool,
    /// Its access tokens must be bound to a key.
    pub bound: bool,
    /// Its access tokens must be bound to its certificate.
    pub certificate_bound: bool,
}

impl RequestWays {
    /// True for a client that sends request objects.
    #[must_use]
    pub fn need_keys(&self) -> bool {
        self.signed || self.signing_alg.is_some() || !self.request_uris.is_empty()
    }

    /// # Errors
    /// The first member that cannot be used.
    pub fn read(metadata: &Map<String, Value>) -> Result<Self, MetadataError> {
        let signed = flag(metadata, "require_signed_request_object")?;
        if signed && !["jwks", "jwks_uri"].iter().any(|name| metadata.contains_key(*name)) {
            return Err(problem("require_signed_request_object", "there are no keys: neither jwks nor jwks_uri"));
        }
        Ok(Self {
            request_uris: uris(metadata)?,
            signing_alg: alg(metadata)?,
            signed,
            pushed: flag(metadata, "require_pushed_authorization_requests")?,
            bound: flag(metadata, "dpop_bound_access_tokens")?,
            certificate_bound: flag(metadata, "tls_client_certificate_bound_access_tokens")?,
        })
    }
}

/// The algorithms of answers that this server signs for one client (OpenID Connect Registration §2, JARM §3, RFC 9701 §6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnswerAlgs {
    pub id_token: Option<SigningAlg>,
    pub userinfo: Option<SigningAlg>,
    pub authorization: Option<SigningAlg>,
    pub introspection: Option<SigningAlg>,
}

impl AnswerAlgs {
    /// # Errors
    /// The first member that names an algorithm by which this server does not sign.
    pub fn read(metadata: &Map<String, Value>) -> Result<Self, MetadataError> {
        let alg = |name: &'static str| {
            let Some(value) = metadata.get(name) else { return Ok(None) };
            let word = value.as_str().unwrap_or_default();
            let unknown = || problem(name, &format!("{} is not one by which this server signs", short(word)));
            SigningAlg::find(word).map(Some).ok_or_else(unknown)
        };
        Ok(Self {
            id_token: alg("id_token_signed_response_alg")?,
            userinfo: alg("userinfo_signed_response_alg")?,
            authorization: alg("authorization_signed_response_alg")?,
            introspection: alg("introspection_signed_response_alg")?,
        })
    }
}

/// The algorithms by which answers to one client, and its request objects, are encrypted.
///
/// # Errors
/// The first member that cannot be used.
pub(super) fn read_encryption(metadata: &Map<String, Value>) -> Result<ClientEncryption, MetadataError> {
    let (encryption, problems) = ClientEncryption::read(|name| match metadata.get(name) {
        None | Some(Value::Null) => "",
        Some(value) => value.as_str().unwrap_or("no text"),
    });
    match problems.first() {
        Some((name, why)) => Err(problem(name, &why.to_string())),
        None => Ok(encryption),
    }
}

/// The response types of one client, as they are kept: none where it says nothing of them, or only `code`. Those that nobody here knows
/// are passed over while one is left.
///
/// # Errors
/// When none is left.
pub(super) fn read_response_types(metadata: &Map<String, Value>) -> Result<Vec<ResponseType>, MetadataError> {
    let named = words(metadata, "response_types").unwrap_or_default();
    let known: Vec<ResponseType> = named.iter().filter_map(|text| ResponseType::parse(text)).collect();
    if known.is_empty() && !named.is_empty() {
        return Err(problem("response_types", "this server has none of them"));
    }
    Ok(registered(known))
}

fn uris(metadata: &Map<String, Value>) -> Result<Vec<String>, MetadataError> {
    let name = "request_uris";
    let Some(value) = metadata.get(name) else { return Ok(Vec::new()) };
    let values = value.as_array().ok_or_else(|| problem(name, "it is no list"))?;
    if values.len() > MOST_REQUEST_URIS {
        return Err(problem(name, &format!("it has more than {MOST_REQUEST_URIS} addresses")));
    }
    let uri = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        check_request_uri(text)
            .map_err(|_| problem(name, &format!("{} is no https URL of at most 512 bytes", short(text))))
    };
    values.iter().map(uri).collect()
}

fn alg(metadata: &Map<String, Value>) -> Result<Option<VerifyingAlg>, MetadataError> {
    let name = "request_object_signing_alg";
    let Some(value) = metadata.get(name) else { return Ok(None) };
    let word = value.as_str().unwrap_or_default();
    VerifyingAlg::read(word)
        .map(Some)
        .ok_or_else(|| problem(name, &format!("{} is not one of this server", short(word))))
}

fn flag(metadata: &Map<String, Value>, name: &'static str) -> Result<bool, MetadataError> {
    metadata
        .get(name)
        .map_or(Ok(false), |value| value.as_bool().ok_or_else(|| problem(name, "it is neither true nor false")))
}

fn problem(name: &'static str, why: &str) -> MetadataError {
    MetadataError::Member(name, why.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<RequestWays, MetadataError> {
        let Value::Object(metadata) = value else { panic!("it is an object") };
        RequestWays::read(&metadata)
    }

    #[test]
    fn what_cannot_be_encrypted_is_named() {
        for (metadata, member) in [
            (json!({ "id_token_encrypted_response_enc": "A128GCM" }), "id_token_encrypted_response_enc"),
            (json!({ "userinfo_encrypted_response_alg": ["ECDH-ES"] }), "userinfo_encrypted_response_alg"),
            (json!({ "request_object_encryption_alg": "dir" }), "request_object_encryption_alg"),
        ] {
            let found = read_encryption(metadata.as_object().unwrap()).unwrap_err();
            assert!(matches!(&found, MetadataError::Member(name, _) if *name == member), "{metadata}: {found}");
        }
        let nothing = json!({ "id_token_encrypted_response_alg": null, "id_token_encrypted_response_enc": "" });
        assert!(read_encryption(nothing.as_object().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(read(json!({})), Ok(RequestWays::default()));
        let ways = read(json!({
            "request_uris": ["https://a.example/r#1"], "request_object_signing_alg": "PS256",
            "require_signed_request_object": true, "require_pushed_authorization_requests": true, "jwks": { "keys": [] },
            "dpop_bound_access_tokens": true, "tls_client_certificate_bound_access_tokens": true,
        }));
        let ways = ways.unwrap();
        assert_eq!((ways.request_uris.len(), ways.signing_alg), (1, Some(VerifyingAlg::PS256)));
        assert!(ways.signed && ways.pushed && ways.bound);
        let long = format!("https://a.example/{}", "a".repeat(600));
        for (metadata, member) in [
            (json!({ "request_uris": "https://a.example" }), "request_uris"),
            (json!({ "request_uris": ["http://a.example/r"] }), "request_uris"),
            (json!({ "request_uris": [long] }), "request_uris"),
            (json!({ "request_uris": [7] }), "request_uris"),
            (json!({ "request_uris": vec!["https://a.example/r"; 11] }), "request_uris"),
            (json!({ "request_object_signing_alg": "none" }), "request_object_signing_alg"),
            (json!({ "request_object_signing_alg": "HS256" }), "request_object_signing_alg"),
            (json!({ "require_signed_request_object": "true" }), "require_signed_request_object"),
            (json!({ "require_signed_request_object": true }), "require_signed_request_object"),
            (json!({ "require_pushed_authorization_requests": 1 }), "require_pushed_authorization_requests"),
            (json!({ "dpop_bound_access_tokens": "yes" }), "dpop_bound_access_tokens"),
            (json!({ "tls_client_certificate_bound_access_tokens": 1 }), "tls_client_certificate_bound_access_tokens"),
        ] {
            let found = read(metadata.clone()).unwrap_err();
            assert!(matches!(&found, MetadataError::Member(name, _) if *name == member), "{metadata}: {found}");
        }
    }
}
