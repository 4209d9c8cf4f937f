//! Security profiles: what each demands of a client and of its requests.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::{Request, header};
use oauth::client::{ClientKind, SecurityProfile};
use serde_json::{Map, Value, json};

use crate::assertion::{JWT_BEARER, Key};
use crate::browser::{Answer, Browser};
use crate::dpop::Holder;
use crate::server::{ADMIN_TOKEN, CALLBACK, CHALLENGE, ISSUER, START, Server, VERIFIER, encode, text};

async fn patch(server: &Server, client: &str, change: &Value) -> Answer {
    let request = Request::patch(format!("/admin/clients/{client}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-admin-token", ADMIN_TOKEN);
    server.send(request.body(Body::from(change.to_string())).unwrap()).await
}

async fn add_bank(server: &Server, key: &Key) {
    server
        .create_client(ClientKind::Web, "bank", |draft, _| {
            draft.security_profile = "fapi2".to_owned();
            draft.token_endpoint_auth_method = "private_key_jwt".to_owned();
            draft.id_token_signed_response_alg = "ES256".to_owned();
            draft.jwks = key.set().to_string();
        })
        .await;
}

fn assertion(key: &Key, jti: &str, aud: &Value) -> String {
    let claims = json!({ "iss": "bank", "sub": "bank", "aud": aud, "exp": START + 60, "jti": jti });
    key.sign(claims.as_object().unwrap().clone())
}

async fn push(server: &Server, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    server.post("/par", None, &[&request[..], more].concat()).await
}

const PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

#[tokio::test]
async fn a_client_is_what_its_profile_demands_or_is_not_saved() {
    let server = Server::start().await;
    let keys = Key::new("a").set();
    for (change, field) in [
        (json!({ "security_profile": "fapi1" }), "security_profile"),
        (json!({ "security_profile": "fapi2" }), "token_endpoint_auth_method"),
        (
            json!({ "security_profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": keys }),
            "id_token_signed_response_alg",
        ),
        (
            json!({
                "security_profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": keys,
                "id_token_signed_response_alg": "ES256", "token_endpoint_auth_signing_alg": "RS256",
            }),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({
                "security_profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": keys,
                "id_token_signed_response_alg": "ES256", "redirect_uris": ["http://127.0.0.1/cb"],
            }),
            "redirect_uris",
        ),
    ] {
        let answer = patch(&server, "web", &change).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{change} {}", answer.body);
        assert!(answer.body.contains(field), "{change} {}", answer.body);
    }
    let good = json!({ "security_profile": "oauth2.1" });
    assert_eq!(patch(&server, "web", &good).await.status, StatusCode::OK);
    let client = server.idp.get_client(&oauth::id::ClientId::new("web")).await.unwrap().client;
    assert_eq!(client.profile(), SecurityProfile::OAuth21);
    assert_eq!(patch(&server, "web", &json!({ "security_profile": "" })).await.status, StatusCode::OK);
    let client = server.idp.get_client(&oauth::id::ClientId::new("web")).await.unwrap().client;
    assert_eq!((client.security_profile, client.profile()), (None, SecurityProfile::Oidc));
}

#[tokio::test]
async fn good_practice_is_pkce_and_one_profile_lowers_no_other_client() {
    let server = Server::start().await;
    patch(&server, "web", &json!({ "security_profile": "oauth2.1", "policy": { "require_pkce": false } })).await;
    server.create_client(ClientKind::Web, "old", |draft, _| draft.security_profile = "oidc".to_owned()).await;
    let mut browser = server.signed_in().await;
    assert_eq!(browser.silently(&[]).await, "invalid_request");
    assert_eq!(browser.silently(&PKCE).await, "consent_required");
    assert_eq!(browser.silently(&[("client_id", "old")]).await, "consent_required");
    // Nobody decided about a page without a secret.
    assert_eq!(browser.silently(&[("client_id", "spa")]).await, "invalid_request");
    let page = browser.get(&Browser::request(&[])).await;
    let explained = server.console().await.get(&format!("/admin/ui/explain/{}", page.header("x-request-id"))).await;
    assert!(explained.body.contains("#field-security_profile"), "{}", explained.body);
}

/// As the suite's fapi2-security-profile-final-* modules send them.
#[tokio::test]
async fn fapi2_security_profile_final() {
    let server = Server::start().await.with_legacy_response_types(true).await;
    let key = Key::new("a");
    add_bank(&server, &key).await;
    let here = json!(ISSUER);
    let mut browser = server.signed_in().await;
    // ensure-unsigned-authorization-request-without-using-par-fails
    let plain = browser.get(&Browser::request(&[&[("client_id", "bank")][..], &PKCE].concat())).await;
    assert_eq!(plain.query().text("error"), "invalid_request");
    // par-ensure-pkce-required, par-plain-pkce-rejected
    let without = push(&server, &assertion(&key, "1", &here), &[]).await;
    assert_eq!(without.error(), (400, "invalid_request".to_owned()), "{}", without.body);
    let of_plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    assert_eq!(push(&server, &assertion(&key, "2", &here), &of_plain).await.error().1, "invalid_request");
    // par-test-array-as-audience-fails, par-test-par-endpoint-url-as-audience-fails, par-test-token-endpoint-url-as-audience-fails,
    // ensure-client-assertion-with-wrong-aud-fails
    for (number, aud) in [
        json!([ISSUER]),
        json!(format!("{ISSUER}/par")),
        json!(format!("{ISSUER}/token")),
        json!("https://evil.example"),
    ]
    .iter()
    .enumerate()
    {
        // A wrong proof delays the next one.
        let server = Server::start().await;
        add_bank(&server, &key).await;
        let answer = push(&server, &assertion(&key, &format!("a{number}"), aud), &PKCE).await;
        assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{aud} {}", answer.body);
    }
    // ensure-response-type-code-idtoken-fails, ensure-response-type-token-fails
    for (jti, response_type) in [("4", "code id_token"), ("5", "token")] {
        let fields = [
            ("response_type", response_type),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion(&key, jti, &here)),
        ];
        let answer = server.post("/par", None, &[&fields[..], &PKCE].concat()).await;
        assert_eq!(answer.error(), (400, "unsupported_response_type".to_owned()), "{}", answer.body);
    }
}

/// happy-flow, par-without-duplicate-parameters, and what is refused on its way.
#[tokio::test]
async fn fapi2_security_profile_final_happy_flow() {
    let server = Server::start().await;
    let (key, holder, here) = (Key::new("a"), Holder::new(), json!(ISSUER));
    add_bank(&server, &key).await;
    let mut browser = server.signed_in().await;
    let pushed = push(&server, &assertion(&key, "1", &here), &PKCE).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let pushed = pushed.json();
    let asked = encode(&[("client_id", "bank"), ("request_uri", text(&pushed, "request_uri"))]);
    let page = browser.get(&format!("/authorize?{asked}")).await;
    let answer = browser.press(&page, "yes").await;
    assert_eq!(answer.query().text("iss"), ISSUER, "{}", answer.body);
    let code = answer.query().text("code");
    let redeem = async |jti: &str, verifier: &str, proof: Option<&str>| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion(&key, jti, &here)),
        ];
        server.prove("/token", None, proof, &fields).await
    };
    // ensure-holder-of-key-required
    let bare = redeem("2", VERIFIER, None).await;
    assert_eq!(bare.error(), (400, "invalid_dpop_proof".to_owned()), "{}", bare.body);
    // ensure-pkce-code-verifier-required, incorrect-pkce-code-verifier-rejected
    for (jti, verifier) in [("3", String::new()), ("4", "x".repeat(43))] {
        let refused = redeem(jti, &verifier, Some(&holder.proof(&server))).await;
        assert_eq!(refused.error(), (400, "invalid_grant".to_owned()), "{}", refused.body);
    }
    let tokens = redeem("5", VERIFIER, Some(&holder.proof(&server))).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!(
        (&tokens["token_type"], &crate::server::jwt_header(text(&tokens, "id_token"))["alg"]),
        (&json!("DPoP"), &json!("ES256"))
    );
    let seen = server.userinfo_of(&holder, text(&tokens, "access_token")).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
}

/// ensure-signed-client-assertion-with-RS256-fails, and the same of a request object.
#[tokio::test]
async fn what_a_fapi_client_signs_by_rs256_is_refused() {
    let server = Server::start().await;
    let rsa = Key::rsa("r");
    add_bank(&server, &rsa).await;
    let claims: Map<String, Value> =
        json!({ "iss": "bank", "sub": "bank", "aud": ISSUER, "exp": START + 60, "jti": "1" })
            .as_object()
            .unwrap()
            .clone();
    let by_rs256 = push(&server, &rsa.sign(claims), &PKCE).await;
    assert_eq!(by_rs256.error(), (401, "invalid_client".to_owned()), "{}", by_rs256.body);
    assert!(by_rs256.body.contains("security profile"), "{}", by_rs256.body);
}

#[tokio::test]
async fn tokens_of_before_a_stricter_profile_open_nothing() {
    let server = Server::start().await;
    let tokens = server.tokens("openid").await;
    let token = text(&tokens, "access_token");
    assert_eq!(server.introspect(token).await["active"], true);
    patch(&server, "web", &json!({ "dpop_bound_access_tokens": true })).await;
    assert_eq!(server.introspect(token).await["active"], false);
    let seen = server.userinfo(token).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{}", seen.body);
    assert!(seen.header("www-authenticate").starts_with("DPoP "), "{}", seen.header("www-authenticate"));
}
