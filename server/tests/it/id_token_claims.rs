//! The claims about the person in ID tokens.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::admin_api::call;
use crate::server::{Server, claims as claims_of, text};

/// The claims of an ID token that `web` gets.
async fn id_token(server: &Server, request: &[(&str, &str)]) -> Value {
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, request).await;
    claims_of(text(&tokens, "id_token"))
}

pub(crate) async fn make_minimal(server: &Server) {
    let body = json!({ "policy": { "id_token_claims": "minimal" } });
    assert_eq!(call(server, Method::PATCH, "/admin/clients/web", body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_reads_nothing_but_the_id_token_finds_name_and_email() {
    let server = Server::start().await;
    let claims = id_token(&server, &[("scope", "openid profile email")]).await;
    assert_eq!((&claims["email"], &claims["preferred_username"]), (&json!("alice@example.com"), &json!("alice")));
    assert!(claims["name"].is_string() && claims["email_verified"].is_boolean());
    assert_eq!(claims.get("phone_number"), None, "its scope was not asked for");
    let claims = id_token(&server, &[("scope", "openid")]).await;
    assert_eq!((claims.get("email"), claims.get("name")), (None, None));
}

#[tokio::test]
async fn a_minimal_id_token_says_who_and_no_more() {
    let server = Server::start().await;
    make_minimal(&server).await;
    let asked = ("claims", r#"{"id_token":{"nickname":null}}"#);
    let claims = id_token(&server, &[("scope", "openid profile email"), asked]).await;
    assert_eq!((claims.get("email"), claims.get("name")), (None, None));
    assert!(claims["nickname"].is_string() && claims["sub"].is_string());
}

#[tokio::test]
async fn the_choice_counts_for_the_next_token() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let tokens = server.refresh(&tokens).await.json();
    assert_eq!(claims_of(text(&tokens, "id_token"))["email"], "alice@example.com");
    make_minimal(&server).await;
    let tokens = server.refresh(&tokens).await.json();
    assert_eq!(claims_of(text(&tokens, "id_token")).get("email"), None);
}
