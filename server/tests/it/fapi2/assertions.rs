//! The modules about the assertion by which the client proves itself.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bank, refused};
use crate::server::{ISSUER, START, Server};

/// par-test-array-as-audience-fails, par-test-par-endpoint-url-as-audience-fails, par-test-token-endpoint-url-as-audience-fails,
/// ensure-client-assertion-with-wrong-aud-fails, -with-exp-is-5-minutes-in-past-fails, -with-no-sub-fails,
/// par-ensure-jwt-client-assertions-nbf-is-over-60-seconds-in-the-future-fails; at both endpoints.
#[tokio::test]
async fn fapi2_security_profile_final_ensure_client_assertion_fails() {
    for (name, value) in [
        ("aud", json!([ISSUER])),
        ("aud", json!(format!("{ISSUER}/par"))),
        ("aud", json!(format!("{ISSUER}/token"))),
        ("aud", json!("https://evil.example")),
        ("aud", Value::Null),
        ("exp", json!(START - 300)),
        ("sub", Value::Null),
        ("nbf", json!(START + 70)),
        ("iat", json!(START + 70)),
    ] {
        // A wrong proof delays the next one.
        let server = Server::start().await;
        let bank = Bank::register(&server, "bank").await;
        refused(&bank.push_by(&bank.assertion_with(name, value.clone()), &[]).await, 401, "invalid_client");
        let server = Server::start().await;
        let bank = Bank::register(&server, "bank").await;
        let code = bank.code(&mut server.signed_in().await, &[]).await;
        let assertion = bank.assertion_with(name, value.clone());
        let answer = bank.redeem(&code, None, &[("client_assertion", &assertion)]).await;
        refused(&answer, 401, "invalid_client");
        assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK, "{name} {value}: nothing was spent");
    }
}

#[tokio::test]
async fn fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    for name in ["nbf", "iat"] {
        let pushed = bank.push_by(&bank.assertion_with(name, json!(START + 8)), &[]).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{name} {}", pushed.body);
    }
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    let without = [("client_assertion", ""), ("client_assertion_type", ""), ("client_id", "bank")];
    refused(&bank.redeem(&code, None, &without).await, 401, "invalid_client");
    assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK);
}

/// The ID of another client beside the assertion.
#[tokio::test]
async fn fapi2_security_profile_final_ensure_client_id_in_token_endpoint() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    Bank::register(&server, "other").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    refused(&bank.redeem(&code, None, &[("client_id", "other")]).await, 401, "invalid_client");
}
