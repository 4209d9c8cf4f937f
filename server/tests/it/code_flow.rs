//! The authorization code flow, from the first request to the tokens.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use oauth::jose::SigningAlg;
use serde_json::Value;

use crate::browser::Browser;
use crate::server::{CALLBACK, CHALLENGE, ISSUER, SECRET, START, Server, VERIFIER, claims, jwt_header, text};

const WITH_PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

#[tokio::test]
async fn somebody_signs_in_agrees_and_the_client_gets_tokens() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let asked = browser.get(&Browser::request(&[("nonce", "n-1")])).await;
    let consent = browser.sign_in_at(&asked).await;
    assert_eq!(consent.status, StatusCode::OK);
    assert!(consent.body.contains("The web app"));
    let answer = browser.press(&consent, "yes").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("cache-control"), "no-store");
    let query = answer.query();
    assert_eq!((query.text("state"), query.text("iss")), ("s-1".to_owned(), ISSUER.to_owned()));
    let code = query.text("code");
    assert!(code.len() >= 43, "{code}");

    let answer = server.redeem(&code).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3_600);
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_minimal_id_token_says_what_the_protocol_says_and_nothing_about_the_person() {
    let server = Server::start().await;
    crate::id_token_claims::make_minimal(&server).await;
    let mut browser = server.signed_in().await;
    server.clock.advance(5);
    let tokens =
        server.tokens_in(&mut browser, &[("scope", "openid profile email address phone"), ("nonce", "n-1")]).await;
    let id_token = claims(text(&tokens, "id_token"));
    let names: Vec<&str> = id_token.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "jti", "nonce", "sub"];
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(id_token["iss"], ISSUER);
    assert_eq!(id_token["aud"], "web");
    assert_eq!(id_token["nonce"], "n-1");
    assert_eq!(id_token["auth_time"], START);
    assert_eq!(id_token["iat"], START + 5);
    assert_eq!(id_token["exp"], START + 5 + 3_600);
    assert_eq!(id_token["acr"], "1");
    assert_eq!(id_token["amr"], serde_json::json!(["pwd"]));
    assert_eq!(id_token["at_hash"], SigningAlg::RS256.half_hash(text(&tokens, "access_token")));
    assert_eq!(text(&id_token, "sub").len(), 36);
}

#[tokio::test]
async fn without_a_nonce_in_the_request_there_is_none_in_the_id_token() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    assert!(claims(text(&tokens, "id_token")).get("nonce").is_none());
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let server = Server::start().await;
    assert!(server.tokens("email").await.get("id_token").is_none());
}

/// The key of the JWKS that signed this.
async fn key_of(server: &Server, jwt: &str) -> Value {
    let kid = jwt_header(jwt)["kid"].clone();
    let jwks = server.browser().get("/.well-known/jwks.json").await.json();
    let mut keys = jwks["keys"].as_array().unwrap().iter().filter(|key| key["kid"] == kid);
    let key = keys.next().unwrap().clone();
    assert!(keys.next().is_none());
    key
}

#[tokio::test]
async fn id_tokens_are_signed_by_the_algorithm_of_the_client_rs256_unless_it_chose_another() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let id_token = text(&tokens, "id_token");
    assert_eq!(jwt_header(id_token)["alg"], "RS256");
    assert_eq!(key_of(&server, id_token).await["kty"], "RSA");
    let mut browser = server.signed_in().await;
    for (alg, kty) in [("ES256", "EC"), ("EdDSA", "OKP")] {
        server
            .create_client(ClientKind::Web, alg, |draft, _| draft.id_token_signed_response_alg = alg.to_owned())
            .await;
        let code = browser.authorize(&[("client_id", alg)]).await;
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        let tokens = server.post("/token", Some(&format!("{alg}:{SECRET}")), &fields).await.json();
        let id_token = text(&tokens, "id_token");
        assert_eq!(jwt_header(id_token)["alg"], alg);
        assert_eq!(key_of(&server, id_token).await["kty"], kty);
        let at_hash = SigningAlg::find(alg).unwrap().half_hash(text(&tokens, "access_token"));
        assert_eq!(claims(id_token)["at_hash"], at_hash);
    }
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_takes_its_tokens_with_it() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    for wait in [0, 30, 3_000] {
        let code = browser.authorize(&[("scope", "openid offline_access")]).await;
        let tokens = server.redeem(&code).await.json();
        let access_token = text(&tokens, "access_token");
        assert_eq!(server.userinfo(access_token).await.status, StatusCode::OK);
        server.clock.advance(wait);
        assert_eq!(server.redeem(&code).await.error(), (400, "invalid_grant".to_owned()), "after {wait} s");
        assert_eq!(server.userinfo(access_token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    }
}

#[tokio::test]
async fn a_code_is_good_for_sixty_seconds() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[]).await;
    server.clock.advance(59);
    assert_eq!(server.redeem(&code).await.status, StatusCode::OK);
    let code = browser.authorize(&[]).await;
    server.clock.advance(60);
    assert_eq!(server.redeem(&code).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_code_of_another_client_is_refused_and_stays_good_for_its_own() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    let code = server.signed_in().await.authorize(&[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let answer = server.post("/token", Some(&format!("other:{SECRET}")), &fields).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.redeem(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_redirect_uri_of_the_request_must_come_again() {
    let server = Server::start().await;
    let code = server.signed_in().await.authorize(&[]).await;
    for wrong in ["", "https://app.example/other", "https://app.example/cb/"] {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
        fields.extend((!wrong.is_empty()).then_some(("redirect_uri", wrong)));
        assert_eq!(server.token(&fields).await.error(), (400, "invalid_grant".to_owned()), "{wrong:?}");
    }
    assert_eq!(server.redeem(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn plain_oauth_may_leave_out_the_only_redirect_uri() {
    let server = Server::start().await;
    let code = server.signed_in().await.authorize(&[("redirect_uri", ""), ("scope", "email")]).await;
    let answer = server.token(&[("grant_type", "authorization_code"), ("code", code.as_str())]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_code_with_a_challenge_needs_its_verifier() {
    let server = Server::start().await;
    let code = server.signed_in().await.authorize(&WITH_PKCE).await;
    let usual = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    assert_eq!(server.token(&usual).await.error(), (400, "invalid_grant".to_owned()));
    for wrong in ["x", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", CHALLENGE] {
        let fields = [&usual[..], &[("code_verifier", wrong)]].concat();
        assert_eq!(server.token(&fields).await.error(), (400, "invalid_grant".to_owned()), "{wrong}");
    }
    let fields = [&usual[..], &[("code_verifier", VERIFIER)]].concat();
    assert_eq!(server.token(&fields).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_verifier_for_a_request_without_a_challenge_is_refused() {
    let server = Server::start().await;
    let code = server.signed_in().await.authorize(&[]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(server.token(&fields).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_public_client_proves_itself_by_pkce() {
    let server = Server::start().await;
    let code = server.signed_in().await.authorize(&[&[("client_id", "spa")], &WITH_PKCE[..]].concat()).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "spa"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = server.post("/token", None, &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(claims(text(&answer.json(), "id_token"))["aud"], "spa");
}

#[tokio::test]
async fn a_client_may_be_made_to_use_pkce() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "strict", |_, policy| policy.require_pkce = "true".to_owned()).await;
    let answer = server.browser().get(&Browser::request(&[("client_id", "strict")])).await;
    assert_eq!(answer.query().text("error"), "invalid_request");
    server.signed_in().await.authorize(&[&[("client_id", "strict")], &WITH_PKCE[..]].concat()).await;
}

#[tokio::test]
async fn a_native_client_may_come_back_on_any_loopback_port() {
    let server = Server::start().await;
    server
        .create_client(ClientKind::Native, "cli", |draft, _| draft.redirect_uris = "http://127.0.0.1/cb".to_owned())
        .await;
    let redirect_uri = "http://127.0.0.1:51004/cb";
    let parameters = [&[("client_id", "cli"), ("redirect_uri", redirect_uri)], &WITH_PKCE[..]].concat();
    let code = server.signed_in().await.authorize(&parameters).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "cli"),
        ("code", code.as_str()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(server.post("/token", None, &fields).await.status, StatusCode::OK);
    let elsewhere = [("client_id", "cli"), ("redirect_uri", "http://127.0.0.1:51004/other")];
    assert_eq!(server.browser().get(&Browser::request(&elsewhere)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_request_that_is_not_complete_says_so() {
    let server = Server::start().await;
    for (fields, error) in [
        (&[][..], "invalid_request"),
        (&[("grant_type", "authorization_code")], "invalid_request"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "password"), ("username", "alice")], "unsupported_grant_type"),
        (&[("grant_type", "client_credentials")], "unauthorized_client"),
        (&[("grant_type", "authorization_code"), ("code", "no-code"), ("redirect_uri", CALLBACK)], "invalid_grant"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "no-token")], "invalid_grant"),
        (&[("grant_type", "authorization_code"), ("code", "a"), ("code", "b")], "invalid_request"),
    ] {
        let answer = server.token(fields).await;
        assert_eq!(answer.error(), (400, error.to_owned()), "{fields:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}
