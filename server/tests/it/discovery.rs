//! Discovery: metadata and keys that the server publishes.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::server::{ISSUER, Server};

const ADDRESSES: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

async fn metadata(server: &Server) -> Value {
    server.browser().get(ADDRESSES[0]).await.json()
}

#[tokio::test]
async fn both_addresses_give_the_same_document() {
    let server = Server::start().await;
    let openid = server.browser().get(ADDRESSES[0]).await;
    let oauth = server.browser().get(ADDRESSES[1]).await;
    assert_eq!((openid.status, oauth.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(openid.header("content-type"), "application/json");
    assert_eq!(openid.body, oauth.body);
}

#[tokio::test]
async fn the_document_names_every_endpoint_and_all_that_is_supported() {
    let server = Server::start().await;
    let document = metadata(&server).await;
    assert_eq!(document["issuer"], ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("device_authorization_endpoint", "/device_authorization"),
        ("backchannel_authentication_endpoint", "/bc-authorize"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("revocation_endpoint", "/revoke"),
        ("introspection_endpoint", "/introspect"),
        ("end_session_endpoint", "/end_session"),
    ] {
        assert_eq!(document[name], format!("{ISSUER}{path}"), "{name}");
    }
    for (name, value) in [
        ("response_types_supported", json!(["code"])),
        (
            "response_modes_supported",
            json!(["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]),
        ),
        ("userinfo_signing_alg_values_supported", json!(["RS256", "ES256", "EdDSA"])),
        ("authorization_signing_alg_values_supported", json!(["RS256", "ES256", "EdDSA"])),
        ("introspection_signing_alg_values_supported", json!(["RS256", "ES256", "EdDSA"])),
        (
            "grant_types_supported",
            json!([
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:openid:params:grant-type:ciba"
            ]),
        ),
        ("subject_types_supported", json!(["public", "pairwise"])),
        ("id_token_signing_alg_values_supported", json!(["RS256", "ES256", "EdDSA"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("acr_values_supported", json!(["1"])),
        ("claims_parameter_supported", json!(true)),
        ("request_parameter_supported", json!(true)),
        ("request_uri_parameter_supported", json!(true)),
        ("require_request_uri_registration", json!(true)),
        ("require_pushed_authorization_requests", json!(false)),
        ("request_object_signing_alg_values_supported", json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("dpop_signing_alg_values_supported", json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])),
    ] {
        assert_eq!(document[name], value, "{name}");
    }
    for name in ["token_endpoint", "revocation_endpoint", "introspection_endpoint"] {
        let methods: Vec<&str> = document[format!("{name}_auth_methods_supported")]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"] {
            assert!(methods.contains(&method), "{name}: {methods:?}");
        }
        let algs = &document[format!("{name}_auth_signing_alg_values_supported")];
        let of_clients = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519", "HS256", "HS384", "HS512"];
        assert_eq!(*algs, json!(of_clients), "{name}");
    }
}

#[tokio::test]
async fn all_scopes_and_their_claims_are_named() {
    let server = Server::start().await;
    let document = metadata(&server).await;
    let has = |name: &str, value: &str| document[name].as_array().unwrap().contains(&Value::from(value));
    for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        assert!(has("scopes_supported", scope), "{scope}");
    }
    for claim in oauth::claims::STANDARD_CLAIMS.iter().chain(&["iss", "aud", "exp", "iat", "auth_time", "acr"]) {
        assert!(has("claims_supported", claim), "{claim}");
    }
}

#[tokio::test]
async fn nothing_in_it_is_null_empty_or_not_supported() {
    let server = Server::start().await;
    let document = metadata(&server).await;
    for (name, value) in document.as_object().unwrap() {
        assert!(!value.is_null(), "{name}");
        assert!(
            value.as_array().is_none_or(|values| !values.is_empty() && values.iter().all(Value::is_string)),
            "{name}"
        );
    }
    let absent = ["registration_endpoint", "check_session_iframe"];
    for name in absent {
        assert!(document.get(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn a_document_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    for address in [ADDRESSES[0], ADDRESSES[1], "/.well-known/jwks.json"] {
        let first = server.browser().get(address).await;
        let etag = first.header("etag");
        assert!(etag.starts_with('"') && etag.len() > 10, "{etag}");
        assert_eq!(first.header("cache-control"), "public, max-age=300");
        let ask = |known: &str| Request::get(address).header("if-none-match", known).body(Body::empty()).unwrap();
        let again = server.send(ask(etag)).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert_eq!(again.header("etag"), etag);
        assert!(again.body.is_empty());
        assert_eq!(server.send(ask(&format!("\"x\", W/{etag}"))).await.status, StatusCode::NOT_MODIFIED);
        assert_eq!(server.send(ask("\"another\"")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_new_scope_is_in_the_document_at_once() {
    let server = Server::start().await;
    metadata(&server).await;
    let draft = oauth::scope::ScopeDraft {
        name: "invoices".into(),
        description: "Your invoices".into(),
        claims: "department".into(),
    };
    server.idp.create_scope(&idp::Actor::admin(), &draft).await.unwrap();
    let document = metadata(&server).await;
    assert!(document["scopes_supported"].as_array().unwrap().contains(&Value::from("invoices")));
    assert!(document["claims_supported"].as_array().unwrap().contains(&Value::from("department")));
}

#[tokio::test]
async fn published_keys_are_public_and_have_names_of_their_own() {
    let server = Server::start().await;
    let jwks = server.browser().get("/.well-known/jwks.json").await;
    assert_eq!(jwks.header("content-type"), "application/json");
    let jwks = jwks.json();
    let keys = jwks["keys"].as_array().unwrap();
    let purposes: Vec<_> = keys.iter().map(|key| (key["use"].as_str().unwrap(), key["alg"].as_str())).collect();
    let signing = ["RS256", "ES256", "EdDSA"].map(|alg| ("sig", Some(alg)));
    assert_eq!(purposes, [&signing[..], &[("enc", None)]].concat());
    let kids: std::collections::BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids.len(), keys.len());
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

#[tokio::test]
async fn health_says_that_the_server_can_work() {
    let server = Server::start().await;
    let answer = server.browser().get("/health").await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "status": "ok" })));
}
