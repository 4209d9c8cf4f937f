//! Tokens that are bound to a certificate (RFC 8705 §3 and §4), and FAPI 2.0 by certificates.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp::testing::certificate::TestCertificate;
use oauth::client::ClientKind;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Peer, SETTINGS, STRANGER, refused};
use crate::server::{ADMIN_TOKEN, CALLBACK, CHALLENGE, ISSUER, Server, VERIFIER, claims, encode, text};

crate::concurrency::on_every_database!(
    fapi2_security_profile_final_by_certificates,
    a_refresh_token_of_a_public_client_is_bound_to_its_certificate,
);

/// `x5t#S256` of a certificate.
fn thumbprint(certificate: &TestCertificate) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.der()))
}

#[track_caller]
fn unseen(answer: &crate::browser::Answer) {
    refused(answer, 401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{}", answer.header("www-authenticate"));
}

const REDEEM: [(&str, &str); 3] =
    [("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];

/// The happy flow of the mTLS variants, ensure-holder-of-key-required and refresh-token, with tokens of both formats.
async fn fapi2_security_profile_final_by_certificates(server: Server) {
    let server = server.behind_mtls_proxy(&SETTINGS).await;
    let (bank, other) = (TestCertificate::new(&[("CN", "bank")], &[]), TestCertificate::new(&[("CN", "bank")], &[]));
    let mut browser = server.signed_in().await;
    for (format, method) in [("", "tls_client_auth"), ("jwt", "self_signed_tls_client_auth")] {
        let id = format!("bank{format}");
        server
            .create_client(ClientKind::Web, &id, |draft, policy| {
                draft.security_profile = "fapi2".to_owned();
                draft.token_endpoint_auth_method = method.to_owned();
                draft.id_token_signed_response_alg = "ES256".to_owned();
                draft.tls_client_auth_subject = "DN:CN=bank".to_owned();
                draft.tls_client_certificate_bound_access_tokens = true;
                draft.jwks = if method == "tls_client_auth" { String::new() } else { bank.jwks() };
                policy.token_format = format.to_owned();
            })
            .await;
        let peer = Peer::with(&server, &bank);
        let asked = [
            ("client_id", id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        refused(&Peer::without(&server).post("/par", &asked).await, 401, "invalid_client");
        let pushed = peer.post("/par", &asked).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
        let asked = encode(&[("client_id", &id), ("request_uri", text(&pushed.json(), "request_uri"))]);
        let page = browser.get(&format!("/authorize?{asked}")).await;
        let answer = browser.press(&page, "yes").await;
        assert_eq!(answer.query().text("iss"), ISSUER);
        let code = answer.query().text("code");
        let redeem = [&REDEEM[..], &[("client_id", &id), ("code", &code)]].concat();
        refused(&Peer::without(&server).post("/token", &redeem).await, 401, "invalid_client");
        let tokens = peer.post("/token", &redeem).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
        let mut tokens = tokens.json();
        let refresh_token = text(&tokens, "refresh_token").to_owned();
        for _ in 0..2 {
            is_bound(&peer, &id, &tokens, &other).await;
            if format == "jwt" {
                let cnf = &claims(text(&tokens, "access_token"))["cnf"];
                assert_eq!(*cnf, json!({ "x5t#S256": thumbprint(&bank) }));
            }
            let refresh = [("grant_type", "refresh_token"), ("refresh_token", &refresh_token), ("client_id", &id)];
            tokens = peer.post("/token", &refresh).await.json();
            assert_eq!(text(&tokens, "refresh_token"), refresh_token);
        }
    }
}

/// The access token opens something for whoever shows the certificate, and for nobody else.
async fn is_bound(peer: &Peer<'_>, id: &str, tokens: &Value, other: &TestCertificate) {
    let (token, server) = (text(tokens, "access_token"), peer.server);
    assert_eq!(tokens["token_type"], "Bearer");
    let seen = peer.userinfo(token).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    for stranger in [Peer::without(server), Peer::with(server, other), Peer { from: STRANGER, ..*peer }] {
        unseen(&stranger.userinfo(token).await);
    }
    let about = peer.introspect(id, token).await;
    assert_eq!(about["cnf"], json!({ "x5t#S256": thumbprint(peer.certificate.unwrap()) }), "{about}");
    assert_eq!((&about["active"], &about["token_type"]), (&json!(true), &json!("Bearer")));
}

async fn a_refresh_token_of_a_public_client_is_bound_to_its_certificate(server: Server) {
    let server = server.behind_mtls_proxy(&SETTINGS[..3]).await;
    let (app, thief) = (TestCertificate::new(&[("CN", "app")], &[]), TestCertificate::new(&[("CN", "app")], &[]));
    server
        .create_client(ClientKind::Spa, "app", |draft, _| draft.tls_client_certificate_bound_access_tokens = true)
        .await;
    let asked = [
        ("client_id", "app"),
        ("scope", "openid offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = server.signed_in().await.authorize(&asked).await;
    let redeem = [&REDEEM[..], &[("client_id", "app"), ("code", &code)]].concat();
    let (owner, nobody) = (Peer::with(&server, &app), Peer::without(&server));
    refused(&nobody.post("/token", &redeem).await, 400, "invalid_request");
    let first = owner.post("/token", &redeem).await.json();
    let refresh = async |peer: &Peer<'_>, tokens: &Value| {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", text(tokens, "refresh_token"))];
        peer.post("/token", &fields).await
    };
    let stranger = Peer::with(&server, &thief);
    refused(&refresh(&stranger, &first).await, 400, "invalid_grant");
    refused(&refresh(&nobody, &first).await, 400, "invalid_request");
    let second = refresh(&owner, &first).await.json();
    server.clock.advance(3_600);
    let third = refresh(&owner, &second).await.json();
    server.clock.advance(3_600);
    // Whoever has another certificate cannot end the family by a token that was used.
    for old in [&first, &second] {
        refused(&refresh(&stranger, old).await, 400, "invalid_grant");
    }
    let fourth = refresh(&owner, &third).await;
    assert_eq!(fourth.status, StatusCode::OK, "{}", fourth.body);
    assert_eq!(owner.userinfo(text(&fourth.json(), "access_token")).await.status, StatusCode::OK);
    refused(&refresh(&owner, &first).await, 400, "invalid_grant");
    unseen(&owner.userinfo(text(&fourth.json(), "access_token")).await);
}

#[tokio::test]
async fn tokens_of_before_open_nothing_once_a_certificate_is_asked_for() {
    let server = Server::start().await.behind_mtls_proxy(&SETTINGS).await;
    let shop = TestCertificate::new(&[("CN", "shop")], &[]);
    let tokens = server.tokens("openid").await;
    let token = text(&tokens, "access_token");
    assert_eq!(server.introspect(token).await["active"], true);
    let request = axum::http::Request::patch("/admin/clients/web")
        .header("content-type", "application/json")
        .header("x-admin-token", ADMIN_TOKEN)
        .body(json!({ "tls_client_certificate_bound_access_tokens": true }).to_string().into());
    assert_eq!(server.send(request.unwrap()).await.status, StatusCode::OK);
    assert_eq!(server.introspect(token).await["active"], false);
    unseen(&Peer::with(&server, &shop).userinfo(token).await);
}
