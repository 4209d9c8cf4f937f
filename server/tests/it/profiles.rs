//! Security profiles: what each demands of a client and of its requests.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::{Request, header};
use oauth::client::{ClientKind, SecurityProfile};
use serde_json::{Map, Value, json};

use crate::assertion::{JWT_BEARER, Key};
use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_TOKEN, CALLBACK, CHALLENGE, ISSUER, START, Server, text};

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

#[test]
fn the_guide_has_the_table_of_profiles() {
    let guide = include_str!("../../../docs/admin-guide.md");
    let section = guide.split("#### Security profile\n").nth(1).unwrap().split("\n#### ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<_> = rows
        .map(|row| row.split(" | ").map(|cell| cell.trim_end_matches([' ', '|', '`'])).collect::<Vec<_>>())
        .collect();
    let mut named: Vec<_> = rows.iter().map(|row| row[0]).collect();
    let mut known: Vec<_> = SecurityProfile::ALL.iter().map(|profile| profile.as_str()).collect();
    named.sort_unstable();
    known.sort_unstable();
    assert_eq!(named, known);
    let of_fapi2 = rows.iter().find(|row| row[0] == "fapi2").unwrap()[2];
    for row in &rows {
        let (said, demands) =
            (row[2].replace("the same, and", of_fapi2), SecurityProfile::find(row[0]).unwrap().demands());
        for (words, is_demanded) in [
            ("PKCE", demands.pkce),
            ("#requires-pushed-requests", demands.pushed_requests),
            ("#requires-a-proof-of-its-key", demands.bound_tokens),
            ("#response-types", demands.response_types.len() > 1),
            ("`private_key_jwt` with the issuer as the only audience", demands.issuer_as_audience),
            ("signatures by PS256, ES256 or EdDSA", demands.client_algs.len() == 3),
            ("ID tokens by ES256 or EdDSA", demands.id_token_algs.len() == 2),
            ("redirect URIs by https", demands.https_redirects),
            ("codes that live a minute", demands.longest_code == 60),
            ("refresh tokens that stay", demands.lasting_refresh_tokens),
            ("#requires-signed-requests", demands.signed_requests),
            ("`response_mode` `jwt`", demands.signed_answers),
            ("nothing more", demands == SecurityProfile::Oidc.demands() || demands.response_types.len() > 1),
        ] {
            assert_eq!(said.contains(words), is_demanded, "{}: {words}: {said}", row[0]);
        }
    }
}
