//! The document of a client (draft-ietf-oauth-client-id-metadata-document-02 §4).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{ClientUrl, Description, MetadataError, Methods, narrow};
use crate::client::{Client, ClientCiba, ClientSubjects, GrantType};
use crate::destination::Destination;
use crate::words::words;

words! {
    /// The way in which this server came to a document.
    DocumentSource {
        /// It was fetched.
        #[default]
        Live = "live",
        /// It is part of this server, for the days on which it cannot be fetched.
        BuiltIn = "built_in",
        /// An administrator put it here. It is not fetched.
        Upload = "upload",
    }
}

/// Members of a key that only its owner may know (RFC 7518 §6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Reads the document of a client and narrows it to what this server can do.
///
/// # Errors
/// When it is not the document of this client, says what nobody may know, or nothing is left that can work.
pub fn read_document(url: &ClientUrl, document: &[u8]) -> Result<Description, MetadataError> {
    let Ok(Value::Object(metadata)) = serde_json::from_slice(document) else {
        return Err(MetadataError::NotAnObject);
    };
    // To the letter (§4).
    if metadata.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
        return Err(MetadataError::ClientId);
    }
    check_no_secrets(&metadata)?;
    let mut described = narrow(&metadata, Methods::DOCUMENT, Vec::new())?;
    leave_out_ciba(&mut described)?;
    // The document is fetched when somebody signs in: nothing else is fetched for it then.
    if described.subjects.sector_identifier_uri.take().is_some() {
        described.dropped.push("sector_identifier_uri: a document has none".to_owned());
    }
    if described.subjects.sector(&described.redirect_uris).is_err() {
        described.dropped.push("subject_type: the redirect URIs have no one host that is a sector".to_owned());
        described.subjects = ClientSubjects::default();
    }
    let Description { subjects, redirect_uris, grant_types, logout, .. } = &described;
    if let Err(problem) = subjects.check_unvouched(redirect_uris, grant_types, logout) {
        described.dropped.push(format!("subject_type: {problem}"));
        described.subjects = ClientSubjects::default();
    }
    Ok(described)
}

/// Anybody can have a document, and whoever may ask for people by name learns who there is (CIBA §14).
fn leave_out_ciba(described: &mut Description) -> Result<(), MetadataError> {
    if !described.grant_types.contains(&GrantType::Ciba) {
        return Ok(());
    }
    described.ciba = ClientCiba::default();
    described.dropped.push(format!("grant type {}: a document cannot have it", GrantType::Ciba));
    described.grant_types.retain(|grant| *grant != GrantType::Ciba);
    let is_for_people = |grant: &GrantType| grant.signs_people_in() || *grant == GrantType::JwtBearer;
    if described.grant_types.iter().any(is_for_people) { Ok(()) } else { Err(MetadataError::GrantType) }
}

/// No secret in a place that everybody reads (§4.1).
fn check_no_secrets(metadata: &Map<String, Value>) -> Result<(), MetadataError> {
    if let Some(name) = metadata.keys().find(|name| name.starts_with("client_secret")) {
        return Err(MetadataError::Secret(name.chars().take(40).collect()));
    }
    let method = metadata.get("token_endpoint_auth_method").and_then(Value::as_str).unwrap_or_default();
    if method.starts_with("client_secret") {
        return Err(MetadataError::SharedSecret(method.chars().take(40).collect()));
    }
    let keys = metadata.get("jwks").and_then(|jwks| jwks.get("keys")).and_then(Value::as_array);
    let is_private = |key: &Value| {
        key.get("kty").is_some_and(|kty| kty == "oct") || PRIVATE_MEMBERS.iter().any(|name| key.get(name).is_some())
    };
    if keys.is_some_and(|keys| keys.iter().any(is_private)) {
        return Err(MetadataError::Secret("a private key".to_owned()));
    }
    Ok(())
}

/// True when answers to `after` go to no place where answers to `before` did not go, and it proves itself in the same way:
/// whoever agreed to the one need not be asked about the other.
#[must_use]
pub fn same_answers(before: &Client, after: &Client) -> bool {
    let places = |client: &Client| -> BTreeSet<String> {
        let places = client.redirect_uris.iter().map(|uri| match Destination::of(uri.as_str()) {
            Destination::Site(place) => format!("site {place}"),
            // Ports of a program change from start to start.
            Destination::Loopback(_) => "loopback".to_owned(),
            Destination::App(scheme) => format!("app {scheme}"),
        });
        places.collect()
    };
    before.token_endpoint_auth_method == after.token_endpoint_auth_method && places(before) == places(after)
}

/// True when `after` proves itself as `before` did: by nothing, by a secret, whichever way it travels, or by a signature. What was
/// begun in one way is not ended in another.
#[must_use]
pub fn same_proof(before: &Client, after: &Client) -> bool {
    let (before, after) = (before.token_endpoint_auth_method, after.token_endpoint_auth_method);
    before == after || (before.shows_secret() && after.shows_secret())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::ClientOrigin;
    use crate::id::ClientId;

    const URL: &str = "https://a.example/client.json";

    fn read(change: impl FnOnce(&mut Value)) -> Result<Description, MetadataError> {
        let mut document = json!({ "client_id": URL, "redirect_uris": ["https://a.example/cb"] });
        change(&mut document);
        read_document(&ClientUrl::parse(URL).unwrap(), document.to_string().as_bytes())
    }

    #[test]
    fn a_document_does_not_ask_for_people_by_name() {
        let grants = |grants: Value| read(|document| document["grant_types"] = grants);
        let both = grants(json!(["authorization_code", GrantType::Ciba])).unwrap();
        assert_eq!((both.grant_types, both.ciba.is_empty()), (vec![GrantType::AuthorizationCode], true));
        assert_eq!(grants(json!([GrantType::Ciba, "refresh_token"])), Err(MetadataError::GrantType));
    }

    #[test]
    fn a_document_has_the_sector_of_its_redirect_uris() {
        let pairwise = |change: fn(&mut Value)| {
            let described = read(|document| {
                document["subject_type"] = "pairwise".into();
                change(document);
            });
            let described = described.unwrap();
            (described.subjects.is_pairwise(), described.dropped.len())
        };
        assert_eq!(pairwise(|_| {}), (true, 0));
        assert_eq!(pairwise(|document| document["sector_identifier_uri"] = "https://s.example/".into()), (true, 1));
        let two = json!(["https://a.example/cb", "https://b.example/cb"]);
        let described = read(|document| {
            document["subject_type"] = "pairwise".into();
            document["redirect_uris"] = two;
        });
        assert!(described.unwrap().subjects.is_empty());
    }

    #[test]
    fn a_document_is_of_the_client_and_holds_no_secrets() {
        assert!(read(|_| {}).is_ok());
        for id in [json!("https://a.example/client.json?"), json!("https://a.example:443/client.json"), json!(null)] {
            assert_eq!(read(|document| document["client_id"] = id.clone()), Err(MetadataError::ClientId), "{id}");
        }
        for (member, value) in [
            ("client_secret", json!("x")),
            ("client_secret_expires_at", json!(0)),
            ("jwks", json!({"keys": [{"kty": "EC", "x": "x", "d": "x"}]})),
            ("jwks", json!({"keys": [{"kty": "EC"}, {"kty": "oct", "k": "x"}]})),
        ] {
            let refused = read(|document| document[member] = value.clone());
            assert!(matches!(refused, Err(MetadataError::Secret(_))), "{member}");
        }
        for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
            let refused = read(|document| document["token_endpoint_auth_method"] = json!(method));
            assert_eq!(refused, Err(MetadataError::SharedSecret(method.to_owned())));
        }
        let public = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]});
        assert!(read(|document| document["jwks"] = public).is_ok());
        for text in ["", "[]", "7", "{", "<html>", "\"x\"", "{\"a\":1}x", "\u{feff}{}"] {
            let url = ClientUrl::parse(URL).unwrap();
            assert_eq!(read_document(&url, text.as_bytes()), Err(MetadataError::NotAnObject), "{text}");
        }
        let deep = "[".repeat(10_000);
        assert_eq!(read_document(&ClientUrl::parse(URL).unwrap(), deep.as_bytes()), Err(MetadataError::NotAnObject));
    }

    /// As ChatGPT has it for a connector of somebody's, written down by hand on 26 November 2026. It offers nothing but to sign.
    const OF_A_CONNECTOR: &str = r#"{
        "client_id": "https://chatgpt.com/oauth/aBcDeF123456/client.json", "client_uri": "https://chatgpt.com/",
        "redirect_uris": ["https://chatgpt.com/connector/oauth/aBcDeF123456"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "client_name": "ChatGPT",
        "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "RS256",
        "jwks_uri": "https://chatgpt.com/oauth/jwks.json"}"#;

    #[test]
    fn a_document_that_offers_nothing_but_to_sign_is_served() {
        let id = "https://chatgpt.com/oauth/aBcDeF123456/client.json";
        let described = read_document(&ClientUrl::parse(id).unwrap(), OF_A_CONNECTOR.as_bytes()).unwrap();
        let client = described.to_client(ClientId::new(id), "chatgpt.com", ClientOrigin::MetadataDocument);
        assert_eq!(client.token_endpoint_auth_method, crate::client::ClientAuthMethod::PrivateKeyJwt);
        assert_eq!(client.token_endpoint_auth_signing_alg, Some(crate::jose::AssertionAlg::RS256));
        assert_eq!(client.jwks_uri.as_deref(), Some("https://chatgpt.com/oauth/jwks.json"));
        assert!(described.dropped.is_empty() && !client.may_be_impersonated_at("https://chatgpt.com/"));
    }

    #[test]
    fn another_place_for_answers_is_another_matter() {
        let client = |uris: Value| {
            let description = read(|document| document["redirect_uris"] = uris).unwrap();
            description.to_client(ClientId::new(URL), "a.example", ClientOrigin::MetadataDocument)
        };
        let first = client(json!(["https://a.example/cb", "http://localhost:1/cb"]));
        assert!(same_answers(&first, &client(json!(["http://127.0.0.1:7/x", "https://a.example/other"]))));
        assert!(!same_answers(&first, &client(json!(["https://a.example/cb"]))));
        assert!(!same_answers(&first, &client(json!(["https://b.example/cb", "http://localhost/cb"]))));
        assert!(!same_answers(&first, &client(json!(["https://a.example/cb", "app.x:/cb"]))));
        let mut method = first.clone();
        method.token_endpoint_auth_method = crate::client::ClientAuthMethod::ClientSecretPost;
        assert!(!same_answers(&first, &method) && !same_proof(&first, &method) && same_proof(&first, &first));
        let mut basic = method.clone();
        basic.token_endpoint_auth_method = crate::client::ClientAuthMethod::ClientSecretBasic;
        assert!(!same_answers(&basic, &method) && same_proof(&basic, &method));
        basic.token_endpoint_auth_method = crate::client::ClientAuthMethod::PrivateKeyJwt;
        assert!(!same_proof(&basic, &method) && !same_proof(&basic, &first));
    }
}
