//! Consents of a client.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{actions, call, listed, sign_in, subject};
use crate::concurrency::on_every_database;
use crate::server::{START, Server, text};

on_every_database!(the_consents_of_a_client_are_listed_and_withdrawn_together, what_names_no_consent_is_refused,);

async fn the_consents_of_a_client_are_listed_and_withdrawn_together(server: Server) {
    server.create_user("bob").await;
    let (alice, bob) = (subject(&server, "alice").await, subject(&server, "bob").await);
    let of_alice = server.tokens("openid email").await;
    server.clock.advance(60);
    let mut browser = sign_in(&server, "bob", "203.0.113.7", "curl").await;
    let of_bob = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let path = "/admin/clients/web/consents";
    let expected = |user: &str, name, at, scopes: [&str; 2]| {
        json!({
            "user": user, "username": name, "scope": scopes.join(" "), "granted_at": at,
            "scopes": scopes.map(|scope| json!({ "scope": scope })),
        })
    };
    let rows = [
        expected(&bob, "bob", START + 60, ["openid", "offline_access"]),
        expected(&alice, "alice", START, ["openid", "email"]),
    ];
    assert_eq!(listed(&server, path).await, rows);
    let first = call(&server, Method::GET, &format!("{path}?limit=1")).await;
    let link = first.header("link").split(['<', '>']).nth(1).unwrap().strip_prefix(crate::server::ISSUER).unwrap();
    assert_eq!(listed(&server, link).await, rows[1..]);
    assert!(listed(&server, "/admin/clients/spa/consents").await.is_empty());

    let withdrawn = call(&server, Method::DELETE, path).await;
    assert_eq!((withdrawn.status, withdrawn.json()), (StatusCode::OK, json!({ "withdrawn": 2 })));
    assert!(listed(&server, path).await.is_empty());
    for tokens in [&of_alice, &of_bob] {
        assert_eq!(server.userinfo(text(tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(browser.silently(&[("scope", "openid")]).await, "consent_required");
    assert_eq!(call(&server, Method::DELETE, path).await.json(), json!({ "withdrawn": 0 }));
    assert_eq!(actions(&server).await, ["client.withdraw_consents"]);
}

async fn what_names_no_consent_is_refused(server: Server) {
    for id in ["nobody", "%00", "%FF"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = call(&server, method, &format!("/admin/clients/{id}/consents")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
        }
    }
    for query in ["after=x", "after=1.x", "after=x.1", "limit=0"] {
        let answer = call(&server, Method::GET, &format!("/admin/clients/web/consents?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
