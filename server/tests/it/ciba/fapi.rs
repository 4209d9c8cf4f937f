//! The modules of the plan for FAPI-CIBA, for a client of the profile `fapi2` that signs its requests and polls. Names are those of the
//! suite's modules, without `fapi-ciba-id1-`.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{CIBA, answer, refused};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::Answer;
use crate::concurrency::on_every_database;
use crate::dpop::Holder;
use crate::fapi2::Bank;
use crate::server::{ISSUER, START, Server, claims, text};

on_every_database!(fapi_ciba_id1);

async fn bank<'a>(server: &'a Server, id: &'static str) -> Bank<'a> {
    Bank::register_as(server, id, |draft| {
        draft.grant_types = vec![CIBA.to_owned(), "refresh_token".to_owned()];
        draft.redirect_uris = String::new();
        draft.backchannel_authentication_request_signing_alg = "ES256".to_owned();
    })
    .await
}

/// The claims of a good request, with one changed; null takes it away.
fn object(bank: &Bank<'_>, name: &str, value: Value) -> Map<String, Value> {
    let now = bank.server.clock.now().0;
    let mut claims = json!({
        "iss": bank.id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300, "jti": idp::random::token(),
        "scope": "openid email offline_access", "login_hint": "alice", "binding_message": "1234", "acr_values": "1",
    });
    claims[name] = value;
    claims.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect()
}

async fn send_by(bank: &Bank<'_>, assertion: &str, signed: &str) -> Answer {
    let fields = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion), ("request", signed)];
    bank.server.post("/bc-authorize", None, &fields).await
}

async fn send(bank: &Bank<'_>, name: &str, value: Value) -> Answer {
    send_by(bank, &bank.assertion(), &bank.key.sign(object(bank, name, value))).await
}

async fn poll(bank: &Bank<'_>, asked: &Value, proof: Option<&str>, more: &[(&str, &str)]) -> Answer {
    bank.ask(proof, &[("grant_type", CIBA), ("auth_req_id", text(asked, "auth_req_id"))], more).await
}

async fn fapi_ciba_id1(server: Server) {
    let bank = bank(&server, "bank").await;
    let mut browser = server.signed_in().await;
    let asked = send(&bank, "requested_expiry", json!(120)).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let asked = asked.json();
    assert_eq!((&asked["expires_in"], &asked["interval"]), (&json!(120), &json!(5)));
    assert_eq!(poll(&bank, &asked, None, &[]).await.error(), refused(400, "authorization_pending"));
    // multiple-call-to-token-endpoint
    assert_eq!(poll(&bank, &asked, None, &[]).await.error(), refused(400, "slow_down"));
    let page = browser.get("/approve").await;
    assert!(page.body.contains("1234"), "{}", page.body);
    browser.press(&page, "yes").await;
    let tokens = poll(&bank, &asked, None, &[]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!(text(&tokens, "token_type"), "DPoP");
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((&id_token["iss"], &id_token["aud"]), (&json!(ISSUER), &json!("bank")));
    assert_eq!((&id_token["acr"], &id_token["auth_time"]), (&json!("1"), &json!(START)));
    assert_eq!(bank.seen(&tokens).await.status, StatusCode::OK);
    // ensure-mtls-holder-of-key-required, here by DPoP: nobody else's key opens anything.
    let thief = server.userinfo_of(&Holder::new(), text(&tokens, "access_token")).await;
    assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
    assert_eq!(poll(&bank, &asked, None, &[]).await.error(), refused(400, "invalid_grant"));
    // refresh-token
    let refreshed = bank.refresh(text(&tokens, "refresh_token"), None).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
}

/// user-rejects-authentication, auth-req-id-expired, ensure-requested-expiry-as-string-succeeds.
#[tokio::test]
async fn fapi_ciba_id1_what_a_person_does_not_allow_is_not_given() {
    let server = Server::start().await;
    let bank = bank(&server, "bank").await;
    let asked = send(&bank, "x", Value::Null).await.json();
    answer(&mut server.signed_in().await, "no").await;
    assert_eq!(poll(&bank, &asked, None, &[]).await.error(), refused(400, "access_denied"));
    for expiry in [json!(30), json!("30")] {
        let asked = send(&bank, "requested_expiry", expiry).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
        server.clock.advance(31);
        assert_eq!(poll(&bank, &asked.json(), None, &[]).await.error(), refused(400, "expired_token"));
    }
}

/// ensure-authorization-request-with-binding-message-succeeds, -with-potentially-bad-binding-message, ensure-other-scope-order-succeeds,
/// ensure-client-assertion-with-iss-aud-to-token-endpoint-succeeds.
#[tokio::test]
async fn fapi_ciba_id1_ensure_authorization_request_succeeds() {
    let server = Server::start().await;
    let bank = bank(&server, "bank").await;
    for (name, value) in [
        ("binding_message", json!("1234")),
        ("binding_message", json!("1234 \u{1f4b8} é & <x>")),
        ("scope", json!("email openid")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("nbf", json!(START - 3_000)),
    ] {
        let asked = send(&bank, name, value.clone()).await;
        assert_eq!(asked.status, StatusCode::OK, "{name} {value} {}", asked.body);
    }
}

/// ensure-request-object-missing-aud-fails, -missing-exp-, -missing-iat-, -missing-iss-, -missing-jti-, -missing-nbf-, -bad-aud-,
/// -bad-iss-, -expired-exp-, -exp-is-70-minutes-in-future-, -nbf-is-10-minutes-in-future-, -nbf-is-70-minutes-in-past-fails,
/// ensure-authorization-request-with-multiple-hints-fails, ensure-different-client-id-and-issuer-in-backchannel-authorization-request.
#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_fails() {
    let server = Server::start().await;
    let (bank, other) = (bank(&server, "bank").await, bank(&server, "other").await);
    for (name, value) in [
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("iat", Value::Null),
        ("iss", Value::Null),
        ("jti", Value::Null),
        ("nbf", Value::Null),
        ("aud", json!("https://evil.example")),
        ("iss", json!("other")),
        ("client_id", json!("other")),
        ("exp", json!(START - 61)),
        ("exp", json!(START + 4_200)),
        ("nbf", json!(START + 600)),
        ("nbf", json!(START - 4_200)),
        ("id_token_hint", json!("a.b.c")),
        ("login_hint", Value::Null),
        ("request", json!("a.b.c")),
    ] {
        let answer = send(&bank, name, value.clone()).await;
        assert_eq!(answer.error(), refused(400, "invalid_request"), "{name} {value} {}", answer.body);
    }
    // ensure-request-object-signed-by-other-client-fails
    let foreign = send_by(&bank, &bank.assertion(), &other.key.sign(object(&bank, "x", Value::Null))).await;
    assert_eq!(foreign.error(), refused(400, "invalid_request"));
    // ensure-request-object-signature-algorithm-is-RS256-fails, -is-bad-, -is-none-
    let rsa = Key::rsa("r");
    let rs256 = send_by(&bank, &bank.assertion(), &rsa.sign(object(&bank, "x", Value::Null))).await;
    assert_eq!(rs256.error(), refused(400, "invalid_request"));
    let good = bank.key.sign(object(&bank, "x", Value::Null));
    let (head, _) = good.rsplit_once('.').unwrap();
    for bad in [
        format!("{head}.AAAA"),
        format!("{head}."),
        format!("eyJhbGciOiJub25lIn0.{}.", head.split('.').nth(1).unwrap()),
    ] {
        assert_eq!(send_by(&bank, &bank.assertion(), &bad).await.error(), refused(400, "invalid_request"), "{bad}");
    }
    // ensure-unsigned-backchannel-authorization-request-fails, ensure-backchannel-authorization-request-without-request-fails
    let assertion = bank.assertion();
    let proven = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
    let plain = [&proven[..], &[("scope", "openid"), ("login_hint", "alice")]].concat();
    assert_eq!(server.post("/bc-authorize", None, &plain).await.error(), refused(400, "invalid_request"));
    assert!(!server.signed_in().await.get("/approve").await.body.contains("class=\"answers\""), "nobody was asked");
}

/// ensure-without-client-assertion-in-backchannel-authorization-request-fails, ensure-invalid-client-assertions-in-backchannel-
/// authorization-request-fail, ensure-client-assertion-signature-algorithm-in-backchannel-authorization-request-is-RS256-fails,
/// ensure-wrong-client-id-in-backchannel-authorization-request.
#[tokio::test]
async fn fapi_ciba_id1_ensure_client_assertion_fails() {
    let server = Server::start().await;
    let (bank, other) = (bank(&server, "bank").await, bank(&server, "other").await);
    let signed = || bank.key.sign(object(&bank, "x", Value::Null));
    let without = [("client_id", "bank"), ("request", &signed())];
    assert_eq!(server.post("/bc-authorize", None, &without).await.error(), refused(401, "invalid_client"));
    for (name, value) in [
        ("aud", json!("https://evil.example")),
        ("aud", json!(format!("{ISSUER}/bc-authorize"))),
        ("iss", json!("other")),
        ("sub", json!("other")),
        ("exp", json!(START - 120)),
        ("jti", Value::Null),
    ] {
        let answer = send_by(&bank, &bank.assertion_with(name, value.clone()), &signed()).await;
        assert_eq!(answer.error(), refused(401, "invalid_client"), "{name} {value}");
    }
    let claims = json!({ "iss": "bank", "sub": "bank", "aud": ISSUER, "exp": START + 60, "jti": "r" });
    let rs256 = Key::rsa("r").sign(claims.as_object().unwrap().clone());
    assert_eq!(send_by(&bank, &rs256, &signed()).await.error(), refused(401, "invalid_client"));
    // Another client, with its own good proof: the request is not its own.
    assert_eq!(send_by(&other, &other.assertion(), &signed()).await.error(), refused(400, "invalid_request"));
}

/// ensure-wrong-authentication-request-id-in-token-endpoint-request, ensure-wrong-client-id-in-token-endpoint-request,
/// ensure-without-client-assertion-in-token-endpoint-fails, ensure-client-assertion-signature-algorithm-in-token-endpoint-request-is-
/// RS256-fails.
#[tokio::test]
async fn fapi_ciba_id1_ensure_token_request_fails() {
    let server = Server::start().await;
    let (bank, other) = (bank(&server, "bank").await, bank(&server, "other").await);
    let asked = send(&bank, "x", Value::Null).await.json();
    answer(&mut server.signed_in().await, "yes").await;
    let wrong = json!({ "auth_req_id": "made-up" });
    assert_eq!(poll(&bank, &wrong, None, &[]).await.error(), refused(400, "invalid_grant"));
    assert_eq!(poll(&other, &asked, None, &[]).await.error(), refused(400, "invalid_grant"));
    let without = [("client_assertion", ""), ("client_assertion_type", ""), ("client_id", "bank")];
    assert_eq!(poll(&bank, &asked, None, &without).await.error(), refused(401, "invalid_client"));
    assert_eq!(poll(&bank, &asked, Some(""), &[]).await.error(), refused(400, "invalid_dpop_proof"));
    assert_eq!(poll(&bank, &asked, None, &[]).await.status, StatusCode::OK, "nothing of that spent it");
}
