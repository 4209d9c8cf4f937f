//! Polls of `/token`.

use axum::http::StatusCode;
use idp::Actor;
use oauth::id::{ClientId, Subject};
use serde_json::Value;

use super::{CIBA, answer, ask, ask_as, create_asking, poll, poll_as, refused, with_bank};
use crate::concurrency::on_every_database;
use crate::dpop::Holder;
use crate::server::{SECRET, START, Server, claims, text};

on_every_database!(
    a_client_gets_tokens_once_somebody_allowed_it,
    a_client_that_asks_too_often_is_slowed_down_and_stays_so,
    what_happens_between_the_answer_and_the_poll_counts,
);

async fn a_client_gets_tokens_once_somebody_allowed_it(server: Server) {
    with_bank(&server).await;
    let asked = ask(&server, "openid email offline_access").await;
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "authorization_pending"));
    let mut browser = server.signed_in().await;
    server.clock.advance(60);
    answer(&mut browser, "yes").await;
    // At once: what was allowed is given however soon the client asks.
    let answered = poll(&server, &asked).await;
    assert_eq!((answered.status, answered.header("cache-control")), (StatusCode::OK, "no-store"));
    let tokens = answered.json();
    assert_eq!((text(&tokens, "scope"), text(&tokens, "token_type")), ("openid email offline_access", "Bearer"));
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((&id_token["aud"], &id_token["auth_time"]), (&Value::from("bank"), &Value::from(START)));
    assert_eq!(id_token["acr"], "1");
    for other in ["sid", "nonce", "urn:openid:params:jwt:claim:auth_req_id"] {
        assert!(id_token.get(other).is_none(), "{other}");
    }
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["email"], "alice@example.com");

    // Once. The answer may have been lost, so nothing is taken back.
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "invalid_grant"));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
    // The client is elsewhere: signing out here does not sign it out.
    assert_eq!(browser.get("/logout").await.status, StatusCode::OK);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let refreshed = server.post("/token", Some(&format!("bank:{SECRET}")), &refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    server.idp.withdraw_consent(&Actor::admin(), &subject(&tokens), &ClientId::new("bank")).await.unwrap();
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
}

fn subject(tokens: &Value) -> Subject {
    Subject::new(text(&claims(text(tokens, "id_token")), "sub"))
}

async fn a_client_that_asks_too_often_is_slowed_down_and_stays_so(server: Server) {
    with_bank(&server).await;
    let asked = ask(&server, "openid").await;
    let mut at = 0;
    for (seconds, error) in [
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (9, "slow_down"),
        (18, "slow_down"),
        (33, "authorization_pending"),
        (47, "slow_down"),
    ] {
        server.clock.advance(seconds - at);
        at = seconds;
        assert_eq!(poll(&server, &asked).await.error(), refused(400, error), "after {seconds} s");
    }
    let other = ask(&server, "openid").await;
    assert_eq!(poll(&server, &other).await.error(), refused(400, "authorization_pending"), "each on its own");
    server.clock.advance(900);
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "expired_token"));
    server.clock.advance(901);
    server.idp.sweep().await.unwrap();
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "invalid_grant"));
}

#[tokio::test]
async fn each_mistake_of_a_poll_has_its_error() {
    let server = Server::start().await;
    with_bank(&server).await;
    create_asking(&server, "shop", |_| {}).await;
    let asked = ask(&server, "openid").await;
    let id = text(&asked, "auth_req_id");
    let (bank, web) = (format!("bank:{SECRET}"), format!("web:{SECRET}"));
    for (auth, fields, error) in [
        (Some(&bank), &[][..], (400, "invalid_request")),
        (Some(&bank), &[("auth_req_id", "made-up")], (400, "invalid_grant")),
        (Some(&bank), &[("auth_req_id", id), ("auth_req_id", id)], (400, "invalid_request")),
        (Some(&web), &[("auth_req_id", id)], (400, "unauthorized_client")),
        (None, &[("client_id", "bank"), ("auth_req_id", id)], (401, "invalid_client")),
    ] {
        let fields = [&[("grant_type", CIBA)], fields].concat();
        let answer = server.post("/token", auth.map(String::as_str), &fields).await;
        assert_eq!(answer.error(), refused(error.0, error.1), "{fields:?}");
    }
    // That of another client, whatever became of it.
    assert_eq!(poll_as(&server, "shop", &asked, &[]).await.error(), refused(400, "invalid_grant"));
    let mut browser = server.signed_in().await;
    answer(&mut browser, "yes").await;
    assert_eq!(poll_as(&server, "shop", &asked, &[]).await.error(), refused(400, "invalid_grant"));
    assert_eq!(poll(&server, &asked).await.status, StatusCode::OK, "which it does not spend");
    let declined = ask(&server, "openid").await;
    answer(&mut browser, "no").await;
    for _ in 0..2 {
        assert_eq!(poll(&server, &declined).await.error(), refused(400, "access_denied"));
    }
}

/// As for a device: what is taken back before the client comes is not given.
async fn what_happens_between_the_answer_and_the_poll_counts(server: Server) {
    with_bank(&server).await;
    let mut browser = server.signed_in().await;
    let first = ask(&server, "openid email").await;
    answer(&mut browser, "yes").await;
    let alice = subject(&poll(&server, &first).await.json());
    let (actor, bank) = (Actor::admin(), ClientId::new("bank"));
    for way in ["withdrawn", "revoked", "scope"] {
        let asked = ask(&server, "openid email").await;
        answer(&mut browser, "yes").await;
        match way {
            "withdrawn" => server.idp.withdraw_consent(&actor, &alice, &bank).await.unwrap(),
            "revoked" => {
                server.idp.revoke_user_tokens(&actor, &alice).await.unwrap();
                browser = server.signed_in().await;
            }
            _ => crate::races::change_client(&server.idp, &bank, |draft| draft.scope = "openid".to_owned()).await,
        }
        let told = poll(&server, &asked).await;
        match way {
            "scope" => assert_eq!(told.json()["scope"], "openid"),
            _ => assert_eq!(told.error(), refused(400, "invalid_grant"), "{way}"),
        }
    }
}

#[tokio::test]
async fn tokens_are_bound_to_the_key_of_whoever_polls() {
    let server = Server::start().await;
    create_asking(&server, "bank", |draft| draft.dpop_bound_access_tokens = true).await;
    let asked = ask(&server, "openid").await;
    answer(&mut server.signed_in().await, "yes").await;
    assert_eq!(poll(&server, &asked).await.error(), refused(400, "invalid_dpop_proof"));
    let holder = Holder::new();
    let fields = [("grant_type", CIBA), ("auth_req_id", text(&asked, "auth_req_id"))];
    let proof = holder.proof(&server);
    let tokens = server.prove("/token", Some(&format!("bank:{SECRET}")), Some(&proof), &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!(text(&tokens, "token_type"), "DPoP");
    assert_eq!(server.userinfo_of(&holder, text(&tokens, "access_token")).await.status, StatusCode::OK);
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
}

/// Without the grant type for it there is no refresh token.
#[tokio::test]
async fn a_client_that_does_not_refresh_gets_nothing_to_refresh_with() {
    let server = Server::start().await;
    create_asking(&server, "bank", |draft| draft.grant_types = vec![CIBA.to_owned()]).await;
    let fields = [("scope", "openid offline_access"), ("login_hint", "alice")];
    let asked = ask_as(&server, "bank", &fields).await.json();
    answer(&mut server.signed_in().await, "yes").await;
    let tokens = poll(&server, &asked).await.json();
    assert!(tokens["access_token"].is_string() && tokens.get("refresh_token").is_none(), "{tokens}");
}
