//! The modules about codes and the keys that they are bound to.

use axum::http::StatusCode;

use super::{Bank, refused};
use crate::dpop::Holder;
use crate::server::{Server, text};

#[tokio::test]
async fn fapi2_security_profile_final_ensure_holder_of_key_required() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    refused(&bank.redeem(&code, Some(""), &[]).await, 400, "invalid_dpop_proof");
    assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client() {
    let server = Server::start().await;
    let (bank, other) = (Bank::register(&server, "bank").await, Bank::register(&server, "other").await);
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    refused(&other.redeem(&code, None, &[]).await, 400, "invalid_grant");
    assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    let tokens = bank.redeem(&code, None, &[]).await.json();
    server.clock.advance(1);
    refused(&bank.redeem(&code, None, &[]).await, 400, "invalid_grant");
    assert_eq!(bank.seen(&tokens).await.status, StatusCode::UNAUTHORIZED, "{tokens}");
    refused(&bank.refresh(text(&tokens, "refresh_token"), None).await, 400, "invalid_grant");
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    server.clock.advance(62);
    refused(&bank.redeem(&code, None, &[]).await, 400, "invalid_grant");
}

/// ensure-pkce-code-verifier-required, incorrect-pkce-code-verifier-rejected.
#[tokio::test]
async fn fapi2_security_profile_final_ensure_pkce_code_verifier_required() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let code = bank.code(&mut server.signed_in().await, &[]).await;
    let wrong = "x".repeat(43);
    for verifier in ["", &wrong] {
        refused(&bank.redeem(&code, None, &[("code_verifier", verifier)]).await, 400, "invalid_grant");
    }
    assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK);
}

/// ensure-token-endpoint-fails-with-mismatched-dpop-jkt.
#[tokio::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let (jkt, stranger) = (bank.holder.jkt(), Holder::new());
    let code = bank.code(&mut server.signed_in().await, &[("dpop_jkt", &jkt)]).await;
    refused(&bank.redeem(&code, Some(&stranger.proof(&server)), &[]).await, 400, "invalid_grant");
    assert_eq!(bank.redeem(&code, None, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn fapi2_security_profile_final_access_token_type_header_case_sensitivity() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let tokens = bank.tokens(&mut server.signed_in().await, &[]).await;
    let token = text(&tokens, "access_token");
    for scheme in ["DPoP", "dpop", "DPOP"] {
        let proof = bank.holder.proof_with(&server, token);
        let seen = server.userinfo_by(scheme, token, Some(&proof)).await;
        assert_eq!(seen.status, StatusCode::OK, "{scheme} {}", seen.body);
    }
    assert_eq!(server.userinfo_by("Bearer", token, None).await.status, StatusCode::UNAUTHORIZED);
}
