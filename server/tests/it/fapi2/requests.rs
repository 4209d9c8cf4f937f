//! The modules about authorization requests.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use super::{Bank, refused};
use crate::browser::Browser;
use crate::server::{CALLBACK, CHALLENGE, ISSUER, Server, VERIFIER, claims, text};

#[tokio::test]
async fn fapi2_security_profile_final_discovery_end_point_verification() {
    let server = Server::start().await;
    let metadata = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["require_pushed_authorization_requests"], false);
    assert_eq!(metadata["pushed_authorization_request_endpoint"], format!("{ISSUER}/par"));
    for (name, word) in [
        ("code_challenge_methods_supported", "S256"),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("token_endpoint_auth_signing_alg_values_supported", "PS256"),
        ("id_token_signing_alg_values_supported", "ES256"),
        ("response_types_supported", "code"),
        ("grant_types_supported", "authorization_code"),
    ] {
        assert!(metadata[name].as_array().unwrap().contains(&json!(word)), "{name}: {}", metadata[name]);
    }
}

/// The second client's redirect URI has a query, which survives.
#[tokio::test]
async fn fapi2_security_profile_final_happy_flow() {
    let server = Server::start().await;
    let with_query = format!("{CALLBACK}?dummy1=lorem&dummy2=ipsum");
    let first = Bank::register(&server, "bank").await;
    let second = Bank::register_as(&server, "bank2", |draft| draft.redirect_uris = with_query.clone()).await;
    let mut browser = server.signed_in().await;
    let tokens = first.tokens(&mut browser, &[]).await;
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(claims(text(&tokens, "id_token"))["nonce"], "n-1");
    assert_eq!(first.seen(&tokens).await.status, StatusCode::OK);
    let in_query = format!("/userinfo?access_token={}", text(&tokens, "access_token"));
    assert_eq!(server.browser().get(&in_query).await.status, StatusCode::UNAUTHORIZED);
    let jkt = second.holder.jkt();
    let pushed = second.push(&[("redirect_uri", &with_query), ("dpop_jkt", &jkt)]).await;
    let answer = second.agree(&mut browser, &pushed).await;
    assert!(answer.location().starts_with(&format!("{with_query}&")), "{}", answer.location());
    let (code, state) = (answer.query().text("code"), answer.query().text("state"));
    assert_eq!(state, "s-1");
    let tokens = second.redeem(&code, None, &[("redirect_uri", &with_query)]).await;
    assert_eq!(second.seen(&tokens.json()).await.status, StatusCode::OK, "{}", tokens.body);
}

#[tokio::test]
async fn fapi2_security_profile_final_user_rejects_authentication() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let mut browser = server.signed_in().await;
    let pushed = bank.push(&[]).await;
    let page = browser.get(&bank.address(&pushed)).await;
    let answer = browser.press(&page, "no").await;
    for (name, value) in [("error", "access_denied"), ("state", "s-1"), ("iss", ISSUER), ("code", "")] {
        assert_eq!(answer.query().text(name), value, "{}", answer.location());
    }
}

/// ensure-authorization-request-without-state-success, -without-nonce-success, -with-64-char-nonce-success, -with-long-nonce,
/// -with-long-state, ensure-other-scope-order-succeeds.
#[tokio::test]
async fn fapi2_security_profile_final_ensure_authorization_request_succeeds() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let mut browser = server.signed_in().await;
    let long = "s".repeat(384);
    for (state, nonce) in [("", "n"), ("s", ""), ("s", &long[..64]), ("s", &long), (&long, "n")] {
        let pushed = bank.push(&[("state", state), ("nonce", nonce)]).await;
        let answer = bank.agree(&mut browser, &pushed).await;
        assert_eq!(answer.query().text("state"), state);
        assert_eq!(answer.query().find("state").unwrap().is_some(), !state.is_empty());
        let tokens = bank.redeem(&answer.query().text("code"), None, &[]).await.json();
        let given = claims(text(&tokens, "id_token"));
        assert_eq!(given.get("nonce").and_then(|nonce| nonce.as_str()).unwrap_or_default(), nonce);
    }
    let tokens = bank.tokens(&mut browser, &[("scope", "offline_access email openid")]).await;
    let seen = bank.seen(&tokens).await.json();
    assert_eq!(seen["email"], "alice@example.com");
}

#[tokio::test]
async fn fapi2_security_profile_final_test_claims_parameter_identity_claims() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let asked = json!({ "userinfo": { "given_name": { "essential": true } }, "id_token": { "family_name": null } });
    let tokens = bank.tokens(&mut server.signed_in().await, &[("claims", &asked.to_string())]).await;
    assert_eq!(claims(text(&tokens, "id_token"))["family_name"], "Adams");
    assert_eq!(bank.seen(&tokens).await.json()["given_name"], "Alice");
}

/// ensure-unsigned-authorization-request-without-using-par-fails, ensure-redirect-uri-in-authorization-request,
/// plain-fapi-tolerate-unregistered-redirect-uri, ensure-registered-redirect-uri, ensure-response-type-code-idtoken-fails,
/// ensure-response-type-token-fails, par-ensure-pkce-required, par-plain-pkce-rejected, par-ensure-request-uri-form-param.
#[tokio::test]
async fn fapi2_security_profile_final_requests_that_must_fail() {
    let server = Server::start().await.with_legacy_response_types(true).await;
    let bank = Bank::register(&server, "bank").await;
    let mut browser = server.signed_in().await;
    let pkce = [("client_id", "bank"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let plain = browser.get(&Browser::request(&pkce)).await;
    assert_eq!(plain.query().text("error"), "invalid_request", "{}", plain.body);
    for (change, error) in [
        (&[("redirect_uri", "")][..], "invalid_request"),
        (&[("redirect_uri", "https://app.example/elsewhere")], "invalid_request"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", VERIFIER), ("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", VERIFIER), ("code_challenge_method", "")], "invalid_request"),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "invalid_request"),
    ] {
        refused(&bank.push(change).await, 400, error);
    }
}

/// par-attempt-invalid-http-method.
#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_invalid_http_method() {
    let server = Server::start().await;
    for method in ["GET", "PUT", "DELETE"] {
        let request = Request::builder().method(method).uri("/par").body(Body::empty()).unwrap();
        assert_eq!(server.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

/// par-ensure-reused-request-uri-prior-to-auth-completion-succeeds, par-attempt-reuse-request_uri,
/// par-attempt-to-use-request_uri-for-different-client, par-attempt-to-use-expired-request_uri, par-without-duplicate-parameters.
#[tokio::test]
async fn fapi2_security_profile_final_par_request_uri_is_good_for_one_client_and_one_authorization() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let other = Bank::register(&server, "other").await;
    let mut browser = server.signed_in().await;
    let pushed = bank.push(&[]).await;
    assert_eq!(pushed.json()["expires_in"], 60);
    let foreign = browser.get(&other.address(&pushed)).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "{}", foreign.location());
    assert_eq!(browser.get(&bank.address(&pushed)).await.status, StatusCode::OK);
    assert!(!bank.agree(&mut browser, &pushed).await.query().text("code").is_empty());
    assert_eq!(browser.get(&bank.address(&pushed)).await.status, StatusCode::BAD_REQUEST);
    let late = bank.push(&[]).await;
    server.clock.advance(61);
    assert_eq!(browser.get(&bank.address(&late)).await.status, StatusCode::BAD_REQUEST);
}

/// ensure-different-nonce-inside-and-outside-request-object, ensure-different-state-inside-and-outside-request-object,
/// state-only-outside-request-object-not-used: what stands beside the reference counts for nothing.
#[tokio::test]
async fn fapi2_security_profile_final_state_only_outside_request_object_not_used() {
    let server = Server::start().await;
    let bank = Bank::register(&server, "bank").await;
    let mut browser = server.signed_in().await;
    for (state, expected) in [("", ""), ("s-1", "s-1")] {
        let pushed = bank.push(&[("state", state)]).await;
        let beside = format!("{}&state=outside&nonce=outside", bank.address(&pushed));
        let page = browser.get(&beside).await;
        let answer = if page.status == StatusCode::OK { browser.press(&page, "yes").await } else { page };
        assert_eq!(answer.query().text("state"), expected, "{}", answer.location());
        let tokens = bank.redeem(&answer.query().text("code"), None, &[]).await.json();
        assert_eq!(claims(text(&tokens, "id_token"))["nonce"], "n-1");
    }
}
