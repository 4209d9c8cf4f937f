//! Signing keys in the console.

use axum::http::StatusCode;
use serde_json::Value;

use super::done;
use crate::server::{Server, jwt_header, text};

async fn jwks(server: &Server) -> Vec<Value> {
    server.browser().get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_rotated_key_signs_at_once_and_the_old_one_stays_published_for_a_while() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let before = jwks(&server).await;
    let old = server.tokens("openid").await;
    server.clock.advance(10);
    let answer = console.post("/admin/ui/keys", &[("alg", "RS256")]).await;
    let page = done(&mut console, &answer, "The key is rotated.").await;
    let after = jwks(&server).await;
    assert_eq!(after.len(), before.len() + 1);
    let kid = after[0]["kid"].as_str().unwrap();
    assert_eq!(after[0]["alg"], "RS256");
    assert!(before.iter().all(|key| key["kid"] != kid && after.contains(key)));
    assert!(page.body.contains(kid) && page.body.contains("Retiring"));
    let new = server.tokens("openid").await;
    assert_eq!(jwt_header(text(&new, "id_token"))["kid"], kid);
    // What the old key signed is still believed.
    let hint = text(&old, "id_token");
    assert_eq!(server.signed_in().await.silently(&[("id_token_hint", hint)]).await, "");
    // A client may show the ID token of a login for as long as the session lasts: 30 days.
    server.clock.advance(30 * 86_400);
    server.idp.reload_keyring().await.unwrap();
    assert_eq!(jwks(&server).await.len(), before.len() + 1);
    server.clock.advance(2 * 86_400);
    server.idp.reload_keyring().await.unwrap();
    assert_eq!(jwks(&server).await.len(), before.len());
}

#[tokio::test]
async fn an_algorithm_that_there_is_not_is_refused() {
    let server = Server::start().await;
    let answer = server.console().await.post("/admin/ui/keys", &[("alg", "none")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
