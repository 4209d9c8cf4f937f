//! Refresh tokens: each has one successor, which it is answered with again for a while, and belongs to a family that dies of a replay.

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use crate::server::{CALLBACK, SECRET, Server, claims, text};

const SCOPE: &str = "openid email offline_access";
const DAY: i64 = 86_400;

/// Tokens of alice for a client without a secret.
async fn public_tokens(server: &Server) -> Value {
    server.create_client(ClientKind::Spa, "phone", |_, _| {}).await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let asked =
        [("client_id", "phone"), ("scope", SCOPE), ("code_challenge", challenge), ("code_challenge_method", "S256")];
    let code = server.signed_in().await.authorize(&asked).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "phone"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let answer = server.post("/token", None, &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// Refreshes as that client: the new tokens, or the error.
async fn refresh_publicly(server: &Server, tokens: &Value) -> Result<Value, String> {
    let fields =
        [("grant_type", "refresh_token"), ("client_id", "phone"), ("refresh_token", text(tokens, "refresh_token"))];
    let answer = server.post("/token", None, &fields).await;
    if answer.status == StatusCode::OK { Ok(answer.json()) } else { Err(answer.error().1) }
}

#[tokio::test]
async fn a_refresh_replaces_the_refresh_token_and_lets_access_tokens_live() {
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
    for tokens in [&first, &second] {
        assert_eq!(server.userinfo(text(tokens, "access_token")).await.status, StatusCode::OK);
    }
    assert_eq!(server.introspect(text(&first, "refresh_token")).await, json!({ "active": false }));
    let fields = [("token", text(&second, "refresh_token"))];
    assert_eq!(server.post("/revoke", Some(&format!("web:{SECRET}")), &fields).await.status, StatusCode::OK);
    for tokens in [&first, &second] {
        assert_eq!(server.userinfo(text(tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn within_the_window_a_spent_token_is_answered_with_the_head() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    let second = server.refresh(&first).await.json();
    assert_eq!(server.refresh(&first).await.json()["refresh_token"], second["refresh_token"]);
    let third = server.refresh(&second).await.json();
    server.clock.advance(120);
    let again = server.refresh(&first).await.json();
    assert_eq!(again["refresh_token"], third["refresh_token"]);
    assert_eq!(server.userinfo(text(&again, "access_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_replay_kills_the_family_and_is_shown() {
    let server = Server::start().await;
    let first = server.tokens(SCOPE).await;
    let second = server.refresh(&first).await.json();
    let third = server.refresh(&second).await.json();
    server.clock.advance(121);
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.userinfo(text(&third, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&third).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    let replays = server.idp.replays_of_client(&oauth::id::ClientId::new("web")).await.unwrap();
    assert_eq!(replays.len(), 1, "one for the grant");
    assert_eq!(replays[0].last.at.since(replays[0].first.at), 121);
    let subject = replays[0].subject.clone().unwrap();
    assert_eq!(server.idp.replays_of_user(&subject).await.unwrap(), replays);
    server.clock.advance(91 * DAY);
    while server.idp.sweep().await.unwrap() > 0 {}
    assert!(server.idp.replays_of_user(&subject).await.unwrap().is_empty());
}

#[tokio::test]
async fn without_a_window_a_second_use_kills_the_family() {
    let server = Server::start().await;
    server.set_policy("web", &json!({ "refresh_reuse_window": 0 })).await;
    let first = server.tokens(SCOPE).await;
    let second = server.refresh(&first).await.json();
    assert_eq!(server.refresh(&first).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh(&second).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_days_later() {
    let server = Server::start().await;
    let first = public_tokens(&server).await;
    let lost = refresh_publicly(&server, &first).await.unwrap();
    server.clock.advance(9 * DAY);
    let found = refresh_publicly(&server, &first).await.unwrap();
    assert_eq!(found["refresh_token"], lost["refresh_token"]);
    // Lost again, and asked for again: it is the same answer.
    server.clock.advance(3_600);
    assert_eq!(refresh_publicly(&server, &first).await.unwrap()["refresh_token"], lost["refresh_token"]);
    let next = refresh_publicly(&server, &found).await.unwrap();
    server.clock.advance(121);
    assert_eq!(refresh_publicly(&server, &first).await, Err("invalid_grant".to_owned()), "its successor was used");
    assert_eq!(refresh_publicly(&server, &next).await, Err("invalid_grant".to_owned()));
}

#[tokio::test]
async fn an_answer_that_was_lost_on_the_last_day_of_a_token_can_be_asked_for_on_the_next() {
    let server = Server::start().await;
    let first = public_tokens(&server).await;
    server.clock.advance(30 * DAY - 60);
    let lost = refresh_publicly(&server, &first).await.unwrap();
    server.clock.advance(DAY);
    server.idp.sweep().await.unwrap();
    assert_eq!(refresh_publicly(&server, &first).await.unwrap()["refresh_token"], lost["refresh_token"]);
}

#[tokio::test]
async fn who_is_on_the_way_while_the_next_token_is_used_gets_the_head() {
    let server = Server::start().await;
    let first = public_tokens(&server).await;
    refresh_publicly(&server, &first).await.unwrap();
    server.clock.advance(115);
    let second = refresh_publicly(&server, &first).await.unwrap();
    let third = refresh_publicly(&server, &second).await.unwrap();
    server.clock.advance(10);
    let again = refresh_publicly(&server, &first).await.unwrap();
    assert_eq!(again["refresh_token"], third["refresh_token"]);
    server.clock.advance(111);
    assert_eq!(refresh_publicly(&server, &first).await, Err("invalid_grant".to_owned()));
}

#[tokio::test]
async fn late_retries_in_a_row_or_on_one_day_are_a_replay() {
    for (generations_between, wait, good) in [(0, 10 * DAY, false), (1, DAY / 2, false), (1, 2 * DAY, true)] {
        let server = Server::start().await;
        let mut tokens = public_tokens(&server).await;
        let late = async |tokens: &Value| {
            refresh_publicly(&server, tokens).await.unwrap();
            server.clock.advance(200);
            refresh_publicly(&server, tokens).await
        };
        tokens = late(&tokens).await.unwrap();
        for _ in 0..generations_between {
            tokens = refresh_publicly(&server, &tokens).await.unwrap();
        }
        server.clock.advance(wait);
        assert_eq!(late(&tokens).await.is_ok(), good, "{generations_between} {wait}");
    }
}

#[tokio::test]
async fn a_client_that_proves_itself_retries_as_often_as_it_must() {
    let server = Server::start().await;
    let mut tokens = server.tokens(SCOPE).await;
    for _ in 0..4 {
        assert_eq!(server.refresh(&tokens).await.status, StatusCode::OK);
        server.clock.advance(200);
        let answer = server.refresh(&tokens).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        tokens = answer.json();
    }
}

#[tokio::test]
async fn whoever_is_not_the_client_ends_nothing() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    let first = server.tokens(SCOPE).await;
    let second = server.refresh(&first).await.json();
    server.refresh(&second).await;
    server.clock.advance(500);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "refresh_token"))];
    let answer = server.post("/token", Some(&format!("other:{SECRET}")), &fields).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    let answer = server.post("/token", Some("web:wrong-wrong-wrong"), &fields).await;
    assert_eq!(answer.error(), (401, "invalid_client".to_owned()));
    let third = server.refresh(&second).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.body);
}

#[tokio::test]
async fn other_families_live_on() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let one = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let other = server.tokens_in(&mut browser, &[("scope", SCOPE)]).await;
    let second = server.refresh(&one).await.json();
    server.refresh(&second).await;
    server.clock.advance(200);
    assert_eq!(server.refresh(&one).await.error(), (400, "invalid_grant".to_owned()));
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
    for name in ["iss", "sub", "aud", "auth_time", "acr", "amr"] {
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
    let first = server.tokens(SCOPE).await;
    server.clock.advance(29 * DAY);
    let second = server.refresh(&first).await;
    assert_eq!(second.status, StatusCode::OK);
    server.clock.advance(29 * DAY);
    server.idp.sweep().await.unwrap();
    let third = server.refresh(&second.json()).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.body);
    server.clock.advance(30 * DAY);
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
