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

#[tokio::test]
async fn a_form_replaces_the_key_that_its_page_showed_and_no_other() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let shown = server.idp.signing_kid(oauth::jose::SigningAlg::RS256).unwrap();
    let page = console.get("/admin/ui/keys/rotate?alg=RS256").await;
    assert!(page.body.contains(&format!("name=\"active_RS256\" value=\"{shown}\"")), "{}", page.body);
    let form = [("alg", "RS256"), ("active_RS256", shown.as_str())];
    for _ in 0..3 {
        let answer = console.post("/admin/ui/keys", &form).await;
        done(&mut console, &answer, "The key is rotated.").await;
    }
    let signing = jwks(&server).await.into_iter().filter(|key| key["use"] == "sig").count();
    assert_eq!(signing, 4, "pressing it again replaces nothing");
}

#[tokio::test]
async fn a_key_is_withdrawn_after_a_plain_question() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let kid = server.idp.signing_kid(oauth::jose::SigningAlg::ES256).unwrap();
    let list = console.get("/admin/ui/keys").await;
    let address = format!("/admin/ui/keys/withdraw?kid={kid}");
    assert!(list.body.contains(&address), "{}", list.body);
    let question = console.get(&address).await;
    assert!(question.body.contains("cannot be taken back") && question.body.contains("It signs now."));
    assert!(jwks(&server).await.iter().any(|key| key["kid"] == kid.as_str()), "asking does nothing");
    let answer = console.post("/admin/ui/keys/withdraw", &[("kid", &kid)]).await;
    let page = done(&mut console, &answer, "The key is withdrawn.").await;
    assert!(page.body.contains("Withdrawn"));
    assert!(jwks(&server).await.iter().all(|key| key["kid"] != kid.as_str()));
    for gone in [address.as_str(), "/admin/ui/keys/withdraw", "/admin/ui/keys/withdraw?kid=x"] {
        assert_eq!(console.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
    assert_eq!(console.post("/admin/ui/keys/withdraw", &[("kid", "x")]).await.status, StatusCode::NOT_FOUND);
}
