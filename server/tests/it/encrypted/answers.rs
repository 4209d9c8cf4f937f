//! Answers by each algorithm that discovery lists.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::client::ClientKind;
use oauth::form::Form;
use oauth::jose::SigningAlg;
use serde_json::{Value, json};

use super::{Readers, change, encrypt, pairs};
use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, claims, jwt_header, text};
use crate::signed_answers::verified;

/// A server whose client `web` has keys to encrypt to.
async fn start() -> (Server, Readers) {
    let (server, readers) = (Server::start().await, Readers::new());
    change(&server, "web", json!({ "jwks": readers.set() })).await;
    (server, readers)
}

#[tokio::test]
async fn id_tokens_are_signed_and_then_encrypted() {
    let (server, readers) = start().await;
    let mut browser = server.signed_in().await;
    for (alg, enc) in pairs(&server, "id_token").await {
        encrypt(&server, "id_token", &alg, &enc).await;
        let tokens = server.tokens_in(&mut browser, &[("nonce", "n-7")]).await;
        let encrypted = text(&tokens, "id_token");
        let id_token = readers.nested(encrypted, &alg, &enc);
        let claims = verified(&server, &id_token).await;
        assert_eq!((&claims["iss"], &claims["aud"], &claims["nonce"]), (&json!(ISSUER), &json!("web"), &json!("n-7")));
        assert_eq!(claims["at_hash"], SigningAlg::RS256.half_hash(text(&tokens, "access_token")));
        assert!(!encrypted.contains(&id_token[..100]));
        // Its client can read it, and sends what is in it (OpenID Connect Core section 3.1.2.1).
        assert_ne!(browser.silently(&[("id_token_hint", &id_token)]).await, "invalid_request");
        let hinted = browser.get(&Browser::request(&[("prompt", "none"), ("id_token_hint", encrypted)])).await;
        assert_eq!(hinted.query().text("error"), "invalid_request");
        assert!(hinted.query().text("error_description").contains("is encrypted"), "{}", hinted.location());
        let bye = browser.get(&format!("/end_session?id_token_hint={encrypted}")).await;
        assert_eq!(bye.status, StatusCode::BAD_REQUEST);
        assert!(bye.body.contains("is encrypted"), "{}", bye.body);
    }
    // A refresh gives another one.
    let tokens = server.tokens("openid offline_access").await;
    let again = server.refresh(&tokens).await.json();
    assert_eq!(text(&again, "id_token").split('.').count(), 5);
    // The default (OpenID Connect Registration section 2).
    encrypt(&server, "id_token", "ECDH-ES", "").await;
    let tokens = server.tokens("openid").await;
    readers.nested(text(&tokens, "id_token"), "ECDH-ES", "A128CBC-HS256");
    encrypt(&server, "id_token", "", "").await;
    let tokens = server.tokens("openid").await;
    assert_eq!(claims(text(&tokens, "id_token"))["aud"], "web");
}

#[tokio::test]
async fn userinfo_is_encrypted_with_or_without_a_signature() {
    let (server, readers) = start().await;
    let tokens = server.tokens("openid email").await;
    let token = text(&tokens, "access_token");
    let plain = server.userinfo(token).await.json();
    for (alg, enc) in pairs(&server, "userinfo").await {
        encrypt(&server, "userinfo", &alg, &enc).await;
        change(&server, "web", json!({ "userinfo_signed_response_alg": "" })).await;
        let answer = server.userinfo(token).await;
        assert_eq!(answer.header("content-type"), "application/jwt", "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let (head, content) = readers.of(&alg).open(&answer.body);
        assert_eq!((&head["alg"], &head["enc"], head.get("cty")), (&json!(alg), &json!(enc), None));
        assert_eq!(serde_json::from_str::<Value>(&content).unwrap(), plain);
        change(&server, "web", json!({ "userinfo_signed_response_alg": "ES256" })).await;
        let answer = server.userinfo(token).await;
        assert_eq!(answer.header("content-type"), "application/jwt");
        let jwt = readers.nested(&answer.body, &alg, &enc);
        assert_eq!(jwt_header(&jwt)["alg"], "ES256");
        let mut claims = verified(&server, &jwt).await;
        let members = claims.as_object_mut().unwrap();
        assert_eq!((members.remove("iss").unwrap(), members.remove("aud").unwrap()), (json!(ISSUER), json!("web")));
        assert_eq!(claims, plain);
    }
}

#[tokio::test]
async fn authorization_responses_are_encrypted_in_every_mode() {
    let (server, readers) = start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    for (alg, enc) in pairs(&server, "authorization").await {
        encrypt(&server, "authorization", &alg, &enc).await;
        let answer = browser.get(&Browser::request(&[("response_mode", "jwt")])).await;
        let response = answer.query().text("response");
        let claims = verified(&server, &readers.nested(&response, &alg, &enc)).await;
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["exp"]),
            (&json!(ISSUER), &json!("web"), &json!(START + 600))
        );
        let tokens = server.redeem(text(&claims, "code")).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    }
    encrypt(&server, "authorization", "ECDH-ES", "A256GCM").await;
    for mode in ["query.jwt", "fragment.jwt"] {
        let answer = browser.get(&Browser::request(&[("response_mode", mode)])).await;
        let (place, response) = answer.location().split_once("response=").unwrap();
        assert!(place.starts_with(CALLBACK) && !response.contains('&'), "{mode}");
        let claims = claims(&readers.nested(response, "ECDH-ES", "A256GCM"));
        assert_eq!(claims["state"], "s-1", "{mode}");
    }
    let page = browser.get(&Browser::request(&[("response_mode", "form_post.jwt")])).await;
    readers.nested(&page.field("response"), "ECDH-ES", "A256GCM");
    // Errors, too.
    let refused = browser.get(&Browser::request(&[("response_mode", "jwt"), ("prompt", "none login")])).await;
    let refused = claims(&readers.nested(&refused.query().text("response"), "ECDH-ES", "A256GCM"));
    assert_eq!((&refused["error"], &refused["state"]), (&json!("invalid_request"), &json!("s-1")));
    // Nothing is encrypted that is not signed (JARM section 2.1).
    let plain = browser.get(&Browser::request(&[])).await;
    assert!(!plain.query().text("code").is_empty());
}

pub(super) async fn introspect(server: &Server, accept: &str, token: &str) -> Answer {
    let request = Request::post("/introspect")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("web:{SECRET}"))))
        .header(header::ACCEPT, accept);
    server.send(request.body(Body::from(crate::server::encode(&[("token", token)]))).unwrap()).await
}

#[tokio::test]
async fn answers_about_tokens_are_encrypted_for_who_asks_for_a_jwt() {
    let (server, readers) = start().await;
    let tokens = server.tokens("openid").await;
    let token = text(&tokens, "access_token");
    let plain = introspect(&server, "application/json", token).await.json();
    let media_type = "application/token-introspection+jwt";
    for (alg, enc) in pairs(&server, "introspection").await {
        encrypt(&server, "introspection", &alg, &enc).await;
        let answer = introspect(&server, media_type, token).await;
        assert_eq!(answer.header("content-type"), media_type, "{}", answer.body);
        let jwt = readers.nested(&answer.body, &alg, &enc);
        assert_eq!(jwt_header(&jwt)["typ"], "token-introspection+jwt");
        assert_eq!(verified(&server, &jwt).await["token_introspection"], plain);
        assert_eq!(introspect(&server, "application/json", token).await.json(), plain);
    }
}

/// OpenID Connect Core §3.3: the ID token that comes through the browser.
#[tokio::test]
async fn id_tokens_of_the_authorization_endpoint_are_encrypted() {
    let readers = Readers::new();
    let server = Server::start().await.with_legacy_response_types(true).await;
    server
        .create_client(ClientKind::Web, "old", |draft, _| {
            draft.security_profile = "legacy".to_owned();
            draft.grant_types.push("implicit".to_owned());
            draft.response_types = "code\nid_token\ncode id_token token".to_owned();
            draft.jwks = readers.set().to_string();
            draft.id_token_encrypted_response_alg = "RSA-OAEP-256".to_owned();
            draft.id_token_encrypted_response_enc = "A128GCM".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    for response_type in ["id_token", "code id_token token"] {
        let request = Browser::request(&[("client_id", "old"), ("response_type", response_type), ("nonce", "n-1")]);
        let page = browser.get(&request).await;
        let answer = if page.status == StatusCode::OK { browser.press(&page, "yes").await } else { page };
        let (_, fragment) = answer.location().split_once('#').unwrap();
        let fragment = Form::parse(fragment.as_bytes()).unwrap();
        let id_token = readers.nested(&fragment.text("id_token"), "RSA-OAEP-256", "A128GCM");
        let claims = verified(&server, &id_token).await;
        let code = fragment.text("code");
        assert_eq!(claims["nonce"], "n-1");
        let c_hash = (!code.is_empty()).then(|| SigningAlg::RS256.half_hash(&code));
        assert_eq!(claims.get("c_hash").and_then(Value::as_str).map(str::to_owned), c_hash);
    }
}

/// OpenID Connect Back-Channel Logout 1.0 §2.6: as ID tokens are.
#[tokio::test]
async fn logout_tokens_are_encrypted_as_id_tokens_are() {
    let (authority, readers) = (Authority::default(), Readers::new());
    let site = TestSite::start(&authority, |_| Reply::with("HTTP/1.1 200 OK", "")).await;
    let server = Server::start().await.asking(site.options(&authority)).await;
    let told = json!({
        "jwks": readers.set(), "backchannel_logout_uri": site.url("/bye"),
        "id_token_encrypted_response_alg": "ECDH-ES+A256KW", "id_token_encrypted_response_enc": "A256CBC-HS512",
    });
    change(&server, "web", told).await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    let id_token = readers.nested(text(&tokens, "id_token"), "ECDH-ES+A256KW", "A256CBC-HS512");
    browser.get(&format!("/end_session?id_token_hint={id_token}")).await;
    assert_eq!(server.idp.deliver_logouts().await.unwrap(), 1);
    let posted = site.posted();
    let token = Form::parse(posted[0].as_bytes()).unwrap().text("logout_token");
    let token = readers.nested(&token, "ECDH-ES+A256KW", "A256CBC-HS512");
    assert_eq!(jwt_header(&token)["typ"], "logout+jwt");
    assert_eq!(verified(&server, &token).await["sid"], claims(&id_token)["sid"]);
}
