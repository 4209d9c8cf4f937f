//! Grants.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{actions, call, listed, subject};
use crate::concurrency::on_every_database;
use crate::server::{SECRET, START, Server, text};

on_every_database!(
    a_grant_says_what_the_client_holds,
    a_grant_that_is_revoked_takes_its_tokens_and_leaves_the_consent,
    grants_are_revoked_by_client_by_user_and_by_both,
    what_names_no_grant_is_refused,
);

async fn a_grant_says_what_the_client_holds(server: Server) {
    let alice = subject(&server, "alice").await;
    let tokens = server.tokens("openid offline_access").await;
    let grant = listed(&server, &format!("/admin/grants?user={alice}")).await.swap_remove(0);
    let expected = json!({
        "id": grant["id"], "client_id": "web", "user": alice, "scope": "openid offline_access", "resources": [],
        "sid": grant["sid"], "outlives_session": true, "created_at": START, "used_at": START,
        "ends_at": START + 30 * 86_400, "refresh_tokens": 1, "access_tokens": 1,
    });
    assert_eq!(grant, expected);
    server.clock.advance(60);
    let tokens = server.refresh(&tokens).await.json();
    let grant = listed(&server, "/admin/grants?client=web").await.swap_remove(0);
    let numbers = |grant: &serde_json::Value| (grant["refresh_tokens"].clone(), grant["access_tokens"].clone());
    assert_eq!(numbers(&grant), (json!(1), json!(2)), "the refresh token was spent, the access token lives on");
    assert_eq!((&grant["used_at"], &grant["created_at"]), (&json!(START + 60), &json!(START)));
    server.post("/revoke", Some(&format!("web:{SECRET}")), &[("token", text(&tokens, "access_token"))]).await;
    server.clock.advance(3_600);
    let grant = listed(&server, "/admin/grants").await.swap_remove(0);
    assert_eq!(numbers(&grant), (json!(1), json!(0)), "revoked, and expired");
    // A machine acts for itself, and its JWTs have no row.
    server.set_policy("job", &json!({ "token_format": "jwt" })).await;
    server.machine_token("email").await;
    let [machine] = listed(&server, "/admin/grants?client=job").await.try_into().unwrap();
    assert_eq!((machine.get("user"), machine.get("sid"), numbers(&machine)), (None, None, (json!(0), json!(0))));
    assert_eq!(listed(&server, "/admin/grants").await.len(), 2);
    server.clock.advance(31 * 86_400);
    assert!(listed(&server, "/admin/grants").await.is_empty(), "they have ended");
}

async fn a_grant_that_is_revoked_takes_its_tokens_and_leaves_the_consent(server: Server) {
    let mut browser = server.signed_in().await;
    let first = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    server.clock.advance(1);
    let second = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    server.clock.advance(1);
    let code = browser.authorize(&[("scope", "openid")]).await;
    let grants = listed(&server, "/admin/grants").await;
    assert_eq!(grants.len(), 3, "the newest first: a code that waits, and two with tokens");
    let path = |number: usize| format!("/admin/grants/{}", text(&grants[number], "id"));
    assert_eq!(call(&server, Method::DELETE, &path(2)).await.status, StatusCode::OK);
    assert_eq!(call(&server, Method::DELETE, &path(2)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.userinfo(text(&first, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.userinfo(text(&second, "access_token")).await.status, StatusCode::OK);
    assert_eq!(call(&server, Method::DELETE, &path(0)).await.status, StatusCode::OK);
    assert_eq!(server.redeem(&code).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(actions(&server).await, ["grant.revoke", "grant.revoke"]);
    assert_eq!(browser.silently(&[("scope", "openid")]).await, "", "what was allowed stays allowed");
}

async fn grants_are_revoked_by_client_by_user_and_by_both(server: Server) {
    server.create_user("bob").await;
    let (alice, bob) = (subject(&server, "alice").await, subject(&server, "bob").await);
    let mut browser = super::sign_in(&server, "bob", "203.0.113.7", "curl").await;
    for _ in 0..2 {
        server.tokens("openid").await;
        server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    }
    server.machine_token("email").await;
    let left = async || listed(&server, "/admin/grants").await.len();
    assert_eq!(left().await, 5);
    for (query, revoked, rest) in [
        (format!("client=web&user={bob}"), 2, 3),
        (format!("client=job&user={bob}"), 0, 3),
        (format!("user={alice}"), 2, 1),
        ("client=job".to_owned(), 1, 0),
        ("client=web".to_owned(), 0, 0),
    ] {
        let answer = call(&server, Method::DELETE, &format!("/admin/grants?{query}")).await;
        assert_eq!((answer.json(), left().await), (json!({ "revoked": revoked }), rest), "{query}");
    }
    assert_eq!(actions(&server).await, ["client.revoke_grants", "client.revoke_grants", "user.revoke_grants"]);
}

async fn what_names_no_grant_is_refused(server: Server) {
    server.tokens("openid").await;
    for id in ["nothing", "%00", "%FF", "018f0000-0000-7000-8000-000000000000"] {
        let answer = call(&server, Method::DELETE, &format!("/admin/grants/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
    // A script with an empty variable revokes nothing.
    for query in ["", "?client=", "?user=", "?client=web&user=", "?user=&client=web", "?client=web&client=job"] {
        let answer = call(&server, Method::DELETE, &format!("/admin/grants{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query} {}", answer.body);
    }
    for query in ["client=nobody", "user=nobody", "client=web&user=018f0000-0000-7000-8000-000000000000"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = call(&server, method, &format!("/admin/grants?{query}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        }
    }
    for query in ["after=x", "after=1", "limit=1001"] {
        assert_eq!(
            call(&server, Method::GET, &format!("/admin/grants?{query}")).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
    assert_eq!(listed(&server, "/admin/grants").await.len(), 1);
}
