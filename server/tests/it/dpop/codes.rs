//! Codes that are bound to a key: by `dpop_jkt`, at both endpoints, or by a proof at `/par`.

use axum::http::StatusCode;

use super::{Holder, access, code_for_app, refused};
use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, CHALLENGE, Server, encode, text};

crate::concurrency::on_every_database!(
    ensure_dpop_auth_code_binding_success,
    ensure_dpopproof_at_par_endpoint_binding_success,
);

/// Pushes a request of `app`.
async fn push(server: &Server, proof: Option<&str>, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("client_id", "app"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    server.prove("/par", None, proof, &[&usual[..], more].concat()).await
}

/// The code for a request that was pushed.
async fn code_for(browser: &mut Browser<'_>, pushed: &Answer) -> String {
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let pushed = pushed.json();
    let asked = encode(&[("client_id", "app"), ("request_uri", text(&pushed, "request_uri"))]);
    let mut answer = browser.get(&format!("/authorize?{asked}")).await;
    if answer.status == StatusCode::OK {
        answer = browser.press(&answer, "yes").await;
    }
    answer.query().text("code")
}

/// The code is good for the key alone, and whoever tries it without spends nothing.
async fn is_bound_to(server: &Server, holder: &Holder, code: &str) {
    let stranger = Holder::new();
    for proof in [Some(stranger.proof(server)), None] {
        let answer = server.redeem_app(proof.as_deref(), code).await;
        refused(&answer, "invalid_grant");
        assert!(answer.body.contains("bound to a key"), "{}", answer.body);
    }
    let answer = server.redeem_app(Some(&holder.proof(server)), code).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["token_type"], "DPoP");
    assert_eq!(server.userinfo_of(holder, access(&answer.json())).await.status, StatusCode::OK);
}

/// With `ensure-token-endpoint-fails-with-mismatched-dpop-jkt`.
async fn ensure_dpop_auth_code_binding_success(server: Server) {
    server.with_app("").await;
    let holder = Holder::new();
    let mut browser = server.signed_in().await;
    let code = code_for_app(&mut browser, &[("dpop_jkt", &holder.jkt())]).await;
    is_bound_to(&server, &holder, &code).await;
    let pushed = push(&server, None, &[("dpop_jkt", &holder.jkt())]).await;
    let code = code_for(&mut browser, &pushed).await;
    is_bound_to(&server, &holder, &code).await;
    let odd = browser.get(&Browser::request(&[("dpop_jkt", "short")])).await;
    assert_eq!(odd.query().text("error"), "invalid_request");
    refused(&push(&server, None, &[("dpop_jkt", "short")]).await, "invalid_request");
}

/// With `ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt` and `ensure-mismatched-dpop-jkt-fails`.
async fn ensure_dpopproof_at_par_endpoint_binding_success(server: Server) {
    server.with_app("").await;
    let other = server.another_node().await;
    let (holder, stranger) = (Holder::new(), Holder::new());
    let mut browser = server.signed_in().await;
    for more in [vec![], vec![("dpop_jkt", holder.jkt())]] {
        let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let pushed = push(&server, Some(&holder.proof_for_par(&server)), &more).await;
        let code = code_for(&mut browser, &pushed).await;
        is_bound_to(&server, &holder, &code).await;
    }
    let proof = holder.proof_for_par(&server);
    refused(&push(&server, Some(&proof), &[("dpop_jkt", &stranger.jkt())]).await, "invalid_dpop_proof");
    assert_eq!(push(&server, Some(&proof), &[]).await.status, StatusCode::CREATED, "it was not spent");
    refused(&push(&other, Some(&proof), &[]).await, "invalid_dpop_proof");
    // One for the token endpoint is none for this one.
    refused(&push(&server, Some(&holder.proof(&server)), &[]).await, "invalid_dpop_proof");
    server.clock.advance(60);
    let late = push(&server, Some(&proof), &[]).await;
    refused(&late, "use_dpop_nonce");
    assert!(!late.header("dpop-nonce").is_empty());
}

#[tokio::test]
async fn a_code_that_was_used_is_a_replay_whoever_comes_with_it() {
    let server = Server::start().await;
    server.with_app("").await;
    let holder = Holder::new();
    let code = code_for_app(&mut server.signed_in().await, &[("dpop_jkt", &holder.jkt())]).await;
    let tokens = server.redeem_app(Some(&holder.proof(&server)), &code).await.json();
    refused(&server.redeem_app(None, &code).await, "invalid_grant");
    assert_eq!(server.userinfo_of(&holder, access(&tokens)).await.status, StatusCode::UNAUTHORIZED);
}
