//! FAPI 2.0 Message Signing: requests that the client signs, and answers that this server signs. Names are those of the suite's modules.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Map, Value, json};

use super::{Bank, refused};
use crate::assertion::Key;
use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, CALLBACK, CHALLENGE, ISSUER, START, Server, claims, encode, jwt_header, text};

async fn signer<'a>(server: &'a Server, id: &'static str) -> Bank<'a> {
    Bank::register_as(server, id, |draft| draft.security_profile = "fapi2_message_signing".to_owned()).await
}

/// The claims of a good request object, with one changed; null takes it away.
fn object(bank: &Bank<'_>, name: &str, value: Value) -> Map<String, Value> {
    let now = bank.server.clock.now().0;
    let mut claims = json!({
        "iss": bank.id, "aud": ISSUER, "client_id": bank.id, "nbf": now, "exp": now + 300, "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid email", "state": "s-1", "nonce": "n-1", "response_mode": "jwt",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    });
    claims[name] = value;
    claims.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Pushes a request object by itself, with the proof of who pushes it.
async fn push(bank: &Bank<'_>, object: &str, beside: &[(&str, &str)]) -> Answer {
    let assertion = bank.assertion();
    let fields = [
        ("client_assertion_type", crate::assertion::JWT_BEARER),
        ("client_assertion", assertion.as_str()),
        ("request", object),
    ];
    bank.server.post("/par", None, &[&fields[..], beside].concat()).await
}

async fn push_with(bank: &Bank<'_>, name: &str, value: Value) -> Answer {
    push(bank, &bank.key.sign(object(bank, name, value)), &[]).await
}

#[tokio::test]
async fn fapi2_message_signing_final_happy_flow() {
    let server = Server::start().await;
    let bank = signer(&server, "bank").await;
    let mut browser = server.signed_in().await;
    for (mode, value) in [("jwt", "yes"), ("query.jwt", "yes"), ("jwt", "no")] {
        let object = object(&bank, "response_mode", json!(mode));
        // Parameters beside the object count for nothing: state-only-outside-request-object-not-used.
        let beside = [("state", "outside"), ("nonce", "outside"), ("scope", "openid offline_access")];
        let pushed = push(&bank, &bank.key.sign(object), &beside).await;
        let page = browser.get(&bank.address(&pushed)).await;
        let answer = if page.status == StatusCode::OK { browser.press(&page, value).await } else { page };
        for plain in ["code", "error", "state"] {
            assert_eq!(answer.query().text(plain), "", "{}", answer.location());
        }
        let response = answer.query().text("response");
        assert_eq!(jwt_header(&response)["alg"], "ES256");
        let signed = claims(&response);
        assert_eq!((&signed["iss"], &signed["aud"], &signed["state"]), (&json!(ISSUER), &json!("bank"), &json!("s-1")));
        let Some(code) = signed["code"].as_str() else {
            assert_eq!(signed["error"], "access_denied");
            continue;
        };
        let tokens = bank.redeem(code, None, &[]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
        let tokens = tokens.json();
        assert_eq!(
            (&tokens["scope"], claims(text(&tokens, "id_token"))["nonce"].as_str()),
            (&json!("openid email"), Some("n-1"))
        );
        let about = introspect_signed(&bank, text(&tokens, "access_token")).await;
        assert_eq!(about["token_introspection"]["active"], true, "{about}");
        if value == "yes" {
            let consents = server.console().await.get("/admin/ui/clients/bank/consents").await;
            assert!(consents.body.contains("alice"), "{}", consents.body);
            server.set_policy("bank", &json!({ "consent_policy": "always" })).await;
        }
    }
}

/// The claims of a signed answer of `/introspect` (RFC 9701).
async fn introspect_signed(bank: &Bank<'_>, token: &str) -> Value {
    let assertion = bank.assertion();
    let fields = [
        ("token", token),
        ("client_assertion_type", crate::assertion::JWT_BEARER),
        ("client_assertion", assertion.as_str()),
    ];
    let request = Request::post("/introspect")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/token-introspection+jwt");
    let answer = bank.server.send(request.body(Body::from(encode(&fields))).unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/token-introspection+jwt", "{}", answer.body);
    claims(&answer.body)
}

/// ensure-server-accepts-request-object-with-multiple-aud, ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted,
/// ensure-authorization-request-without-state-success, -without-nonce-success, -with-64-char-nonce-success, -with-long-nonce, -long-state.
#[tokio::test]
async fn fapi2_message_signing_final_ensure_request_object_succeeds() {
    let server = Server::start().await;
    let bank = signer(&server, "bank").await;
    for (name, value) in [
        ("aud", json!([ISSUER, "https://other.example"])),
        ("nbf", json!(START + 8)),
        ("nbf", json!(START - 3_000)),
        ("exp", json!(START + 3_600)),
        ("state", Value::Null),
        ("nonce", Value::Null),
        ("nonce", json!("n".repeat(64))),
        ("nonce", json!("n".repeat(384))),
        ("state", json!("s".repeat(384))),
    ] {
        let pushed = push_with(&bank, name, value.clone()).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{name} {value} {}", pushed.body);
    }
}

/// ensure-request-object-without-exp-fails, -without-nbf-fails, ensure-expired-request-object-fails, ensure-request-object-with-bad-aud-fails,
/// -with-exp-over-60-fails, -with-nbf-over-60-fails, -with-long-exp, par-reject-request-uri-in-par-authorization-request.
#[tokio::test]
async fn fapi2_message_signing_final_ensure_request_object_fails() {
    let server = Server::start().await;
    let bank = signer(&server, "bank").await;
    for (name, value) in [
        ("exp", Value::Null),
        ("exp", json!(START - 61)),
        ("exp", json!(START + 3_700)),
        ("nbf", Value::Null),
        ("nbf", json!(START - 4_200)),
        ("nbf", json!(START + 70)),
        ("nbf", json!(1)),
        ("aud", Value::Null),
        ("aud", json!("https://evil.example")),
        ("aud", json!([])),
        ("request_uri", json!("urn:ietf:params:oauth:request_uri:x")),
    ] {
        let pushed = push_with(&bank, name, value.clone()).await;
        assert_eq!(pushed.error(), (400, "invalid_request_object".to_owned()), "{name} {value} {}", pushed.body);
    }
    // ensure-request-object-without-redirect-uri-fails, and a mode that is not signed.
    for (name, value) in [
        ("redirect_uri", Value::Null),
        ("redirect_uri", json!("https://app.example/elsewhere")),
        ("response_mode", Value::Null),
        ("response_mode", json!("query")),
        ("response_mode", json!("form_post")),
        ("code_challenge", Value::Null),
    ] {
        refused(&push_with(&bank, name, value).await, 400, "invalid_request");
    }
    refused(&push_with(&bank, "response_type", json!("code id_token")).await, 400, "unsupported_response_type");
}

/// ensure-signed-request-object-with-RS256-fails, ensure-request-object-signature-algorithm-is-not-none,
/// ensure-request-object-with-invalid-signature-fails, ensure-matching-key-in-authorization-request, ensure-unsigned-request-at-par-endpoint-fails.
#[tokio::test]
async fn fapi2_message_signing_final_ensure_request_object_is_signed() {
    let server = Server::start().await;
    let (bank, other) = (signer(&server, "bank").await, signer(&server, "other").await);
    let good = bank.key.sign(object(&bank, "state", json!("s")));
    let (rest, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{rest}.{}", signature.chars().rev().collect::<String>());
    let none = format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap());
    let by_rsa = Key::rsa("a").sign(object(&bank, "state", json!("s")));
    let by_other = other.key.sign(object(&bank, "state", json!("s")));
    for object in [forged, none, by_rsa, by_other] {
        refused(&push(&bank, &object, &[]).await, 400, "invalid_request_object");
    }
    refused(&bank.push(&[("response_mode", "jwt")]).await, 400, "invalid_request");
    let direct = encode(&[("client_id", "bank"), ("request", &good), ("redirect_uri", CALLBACK)]);
    let answer = server.signed_in().await.get(&format!("/authorize?{direct}")).await;
    assert!(answer.query().text("code").is_empty(), "{}", answer.location());
    assert_eq!(push(&bank, &good, &[]).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_client_without_keys_cannot_have_the_profile() {
    let server = Server::start().await.behind_mtls_proxy(&crate::mtls::SETTINGS).await;
    let change = json!({
        "security_profile": "fapi2_message_signing", "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject": "DN:CN=shop", "id_token_signed_response_alg": "ES256",
    });
    let request = Request::patch("/admin/clients/web")
        .header("content-type", "application/json")
        .header("x-admin-token", ADMIN_TOKEN);
    let answer = server.send(request.body(Body::from(change.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains("jwks"), "{}", answer.body);
}
