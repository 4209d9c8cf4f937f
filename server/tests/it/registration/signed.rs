//! Clients that register with their keys (`private_key_jwt`).

use axum::http::{Method, StatusCode};
use idp::testing::Kind;
use serde_json::{Value, json};

use super::manage::{URI, management};
use super::{call, open, register, request, set_policy};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::Answer;
use crate::server::{ISSUER, START, Server, VERIFIER};

fn with_keys(keys: &Value) -> Value {
    json!({
        "client_name": "Signer", "redirect_uris": [URI], "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256", "jwks": keys,
    })
}

async fn redeem(server: &Server, client: &Value, key: &Key, jti: &str, code: &str) -> Answer {
    let id = &client["client_id"];
    let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": START + 300, "jti": jti });
    let assertion = key.sign(claims.as_object().unwrap().clone());
    let fields = [
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", URI),
        ("code_verifier", VERIFIER),
    ];
    server.post("/token", None, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_its_keys_reads_them_back_and_changes_them() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let (first, second) = (Key::new("a"), Key::new("b"));
        let client = register(&server, &with_keys(&first.set())).await;
        assert_eq!(client.get("client_secret"), None, "{kind:?}");
        assert_eq!(client["token_endpoint_auth_method"], "private_key_jwt", "{kind:?}");
        assert_eq!(client["token_endpoint_auth_signing_alg"], "ES256", "{kind:?}");
        let x = |client: &Value| client["jwks"]["keys"][0]["x"].clone();
        assert_eq!(client["jwks"]["keys"][0]["x"], first.set()["keys"][0]["x"], "{kind:?}");
        let (path, token) = management(&client);
        let read = call(&server, Method::GET, &path, Some(&token), "").await;
        assert_eq!(read.json(), client, "{kind:?}");
        let mut browser = server.signed_in().await;
        let code = browser.authorize(&request(&client, URI, "openid")).await;
        let stranger = redeem(&server, &client, &second, "0", &code).await;
        assert_eq!(stranger.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        let tokens = redeem(&server, &client, &first, "1", &code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        // It rolls its key: nobody is asked for that.
        let mut update = with_keys(&second.set());
        update["client_id"] = client["client_id"].clone();
        let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
        assert_eq!(updated.status, StatusCode::OK, "{kind:?}: {}", updated.body);
        assert_ne!(x(&updated.json()), x(&client), "{kind:?}");
        let answer = browser.get(&crate::browser::Browser::request(&request(&client, URI, "openid"))).await;
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{kind:?}: {}", answer.body);
        let old = redeem(&server, &client, &first, "2", &code).await;
        assert_eq!(old.error(), (401, "invalid_client".to_owned()), "{kind:?}");
        server.clock.advance(10);
        let tokens = redeem(&server, &client, &second, "3", &code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        // No secret is given to it later, and no keys are taken from it.
        for method in ["client_secret_basic", "none"] {
            update["token_endpoint_auth_method"] = json!(method);
            let refused = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
            assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{kind:?}");
            assert!(refused.body.contains("token_endpoint_auth_method"), "{kind:?}: {}", refused.body);
        }
    }
}

#[tokio::test]
async fn a_client_may_sign_in_place_of_its_secret_from_now_on() {
    let server = open().await;
    let key = Key::new("a");
    let body = json!({ "client_name": "Signer", "redirect_uris": [URI] });
    let client = register(&server, &body).await;
    let mut browser = server.signed_in().await;
    let before = browser.authorize(&request(&client, URI, "openid")).await;
    let (path, token) = management(&client);
    let mut update = with_keys(&key.set());
    update["client_id"] = client["client_id"].clone();
    let updated = call(&server, Method::PUT, &path, Some(&token), &update.to_string()).await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
    let begun = redeem(&server, &client, &key, "1", &before).await;
    assert_eq!(begun.error(), (400, "invalid_grant".to_owned()), "what was begun with a secret is over");
    let by_secret = super::redeem(&server, &client, URI, &before).await;
    assert_eq!(by_secret.error(), (401, "invalid_client".to_owned()));
    let page = browser.get(&crate::browser::Browser::request(&request(&client, URI, "openid"))).await;
    assert_eq!(page.status, StatusCode::OK, "people are asked again: {}", page.location());
    let code = browser.press(&page, "yes").await.query().text("code");
    let tokens = redeem(&server, &client, &key, "2", &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
}

#[tokio::test]
async fn wrong_keys_are_refused_by_the_name_of_their_member() {
    let server = open().await;
    let mut private = Key::new("a").set();
    private["keys"][0]["d"] = json!("AAAA");
    for (members, member) in [
        (json!({ "jwks": null }), "jwks"),
        (json!({ "jwks": private }), "jwks"),
        (json!({ "jwks": { "keys": [] } }), "jwks"),
        (json!({ "jwks": "x" }), "jwks"),
        (json!({ "jwks_uri": "https://a.example/jwks" }), "jwks"),
        (json!({ "jwks": null, "jwks_uri": "http://a.example/jwks" }), "jwks_uri"),
        (json!({ "token_endpoint_auth_signing_alg": "HS256" }), "token_endpoint_auth_signing_alg"),
        (json!({ "token_endpoint_auth_signing_alg": "RS256" }), "jwks"),
    ] {
        let mut body = with_keys(&Key::new("a").set());
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let refused = call(&server, Method::POST, "/register", None, &body.to_string()).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{members}");
        let said = refused.json()["error_description"].as_str().unwrap().to_owned();
        assert!(said.contains(&format!("its {member} ")), "{members}: {said}");
    }
}
