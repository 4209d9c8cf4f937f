//! Refresh tokens: each is used once, and belongs to a family that dies of a second use.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use crate::server::{SECRET, Server, claims, text};

const SCOPE: &str = "openid email offline_access";

#[tokio::test]
async fn a_refresh_replaces_both_tokens() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    let answer = server.refresh(&first).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    let second = answer.json();
    assert_eq!(second["token_type"], "Bearer");
    assert_eq!(second["scope"], SCOPE);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert!(text(&second, "refresh_token").len() >= 43);
    assert_eq!(server.userinfo(text(&second, "access_token")).await.status, StatusCode::OK);
    assert_eq!(server.userinfo(text(&first, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.introspect(text(&first, "access_token")).await, json!({ "active": false }));
    assert_eq!(server.introspect(text(&first, "refresh_token")).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_refresh_token_used_twice_kills_its_family() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    let second = server.refresh(&first).await.json();
    let third = server.refresh(&second).await.json();
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.userinfo(text(&third, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&third).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn other_families_live_on() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let one = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let other = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    server.refresh(&one).await;
    server.refresh(&one).await;
    assert_eq!(server.userinfo(text(&other, "access_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_id_token_of_a_refresh_tells_of_the_same_login() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let first = server.tokens_in(&mut browser, &[("scope", SCOPE), ("nonce", "n-1")]).await;
    server.clock.advance(600);
    let second = server.refresh(&first).await.json();
    let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    for name in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(before[name], after[name], "{name}");
        assert_ne!(after[name], Value::Null, "{name}");
    }
    assert_eq!(after["iat"].as_i64(), before["iat"].as_i64().map(|iat| iat + 600));
    assert!(after.get("nonce").is_none());
}

#[tokio::test]
async fn the_scope_can_be_narrowed_for_one_access_token_but_not_widened() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    let fields = |token, scope| [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
    for wider in ["openid profile", "openid email offline_access phone", "\"quoted\""] {
        let answer = server.token(&fields(text(&first, "refresh_token"), wider)).await;
        assert_eq!(answer.error(), (400, "invalid_scope".to_owned()), "{wider}");
    }
    let narrow = server.token(&fields(text(&first, "refresh_token"), "openid")).await.json();
    assert_eq!(narrow["scope"], "openid");
    let userinfo = server.userinfo(text(&narrow, "access_token")).await.json();
    assert!(userinfo.get("email").is_none());
    let whole = server.refresh(&narrow).await.json();
    assert_eq!(whole["scope"], SCOPE);
    assert_eq!(server.userinfo(text(&whole, "access_token")).await.json()["email"], "alice@example.com");
}

#[tokio::test]
async fn a_scope_that_was_deleted_is_not_refreshed() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    server.idp.delete_scope(&idp::Actor::admin(), "email").await.unwrap();
    let answer = server.refresh(&first).await.json();
    assert_eq!(answer["scope"], "openid offline_access");
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_refused_and_stays_good_for_its_own() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    let tokens = server.tokens(SCOPE).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let answer = server.post("/token", Some(&format!("other:{SECRET}")), &fields).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_lives_from_its_last_use() {
    let server = Server::start().await;
    let day = 86_400;
    let first = server.tokens(SCOPE).await;
    server.clock.advance(29 * day);
    let second = server.refresh(&first).await;
    assert_eq!(second.status, StatusCode::OK);
    server.clock.advance(29 * day);
    server.idp.sweep().await.unwrap();
    let third = server.refresh(&second.json()).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.body);
    server.clock.advance(30 * day);
    assert_eq!(server.refresh(&third.json()).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn an_access_token_ends_when_it_said_it_would() {
    let server = Server::start().await;
    let tokens = server.tokens(SCOPE).await;
    server.clock.advance(3_599);
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    server.clock.advance(1);
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_offline_access_tokens_survive_the_logout_and_without_it_they_do_not() {
    let server = Server::start().await;
    for (scope, alive) in [("openid offline_access", true), ("openid", false)] {
        let mut browser = server.signed_in().await;
        let tokens = server.tokens_in(&mut browser, &[("scope", scope)]).await;
        assert_eq!(browser.get("/logout").await.status, StatusCode::OK);
        let userinfo = server.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(userinfo.status == StatusCode::OK, alive, "{scope}");
        assert_eq!(server.refresh(&tokens).await.status == StatusCode::OK, alive, "{scope}");
    }
}

#[tokio::test]
async fn a_client_that_is_not_registered_for_refresh_tokens_gets_none() {
    let server = Server::start().await;
    server
        .create_client(ClientKind::Web, "plain", |draft, _| draft.grant_types = vec!["authorization_code".to_owned()])
        .await;
    let code = server.signed_in().await.authorize(&[("client_id", "plain"), ("scope", SCOPE)]).await;
    let auth = format!("plain:{SECRET}");
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", crate::server::CALLBACK)];
    let tokens = server.post("/token", Some(&auth), &fields).await.json();
    assert!(tokens.get("refresh_token").is_none());
    let answer = server.post("/token", Some(&auth), &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await;
    assert_eq!(answer.error(), (400, "unauthorized_client".to_owned()));
}
