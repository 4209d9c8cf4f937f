//! The modules of the suite's hybrid and implicit plans, each for every response type: those about requests and their answers.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use oauth::form::Form;
use serde_json::json;

use super::{TYPES, ask, check, landed, make_old, redeem, refused, request, start, userinfo};
use crate::server::{CALLBACK, CHALLENGE, SECRET, Server, VERIFIER, encode, jwt_header, text};

#[tokio::test]
async fn oidcc_server() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let fields = ask(&mut browser, response_type, &[]).await;
        check(&server, response_type, &fields).await;
        // The order of the words means nothing.
        let turned: Vec<&str> = response_type.split(' ').rev().collect();
        let fields = ask(&mut browser, &turned.join(" "), &[]).await;
        check(&server, response_type, &fields).await;
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let server = start().await;
    let answer = server.browser().get(&request("", &[])).await;
    assert_eq!(answer.query().text("error"), "invalid_request");
    assert_eq!(answer.query().text("state"), "s-1");
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("id_token")) {
        let fields = ask(&mut browser, response_type, &[]).await;
        let jwt_header = jwt_header(&fields.text("id_token"));
        assert_eq!(jwt_header["alg"], "RS256", "{response_type}");
        assert!(jwt_header["kid"].is_string(), "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_userinfo_get_post_header_and_post_body() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains(" token")) {
        let fields = ask(&mut browser, response_type, &[("scope", "openid email")]).await;
        let token = fields.text("access_token");
        let bearer = format!("Bearer {token}");
        let form = "application/x-www-form-urlencoded";
        let requests = [
            Request::get("/userinfo").header(header::AUTHORIZATION, &bearer).body(Body::empty()),
            Request::post("/userinfo").header(header::AUTHORIZATION, &bearer).body(Body::empty()),
            Request::post("/userinfo")
                .header(header::CONTENT_TYPE, form)
                .body(Body::from(encode(&[("access_token", &token)]))),
        ];
        for request in requests {
            let answer = server.send(request.unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK, "{response_type}: {}", answer.body);
            assert_eq!(answer.json()["email"], "alice@example.com", "{response_type}");
        }
    }
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let mut answer = browser.get(&request(response_type, &[("nonce", "")])).await;
        if response_type.contains("id_token") {
            assert_eq!(refused(&answer), "invalid_request", "{response_type}");
            continue;
        }
        if answer.status == StatusCode::OK {
            answer = browser.press(&answer, "yes").await;
        }
        let known = check(&server, response_type, &landed(&answer)).await;
        assert_eq!(known.id_token()["nonce"], json!(null));
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    let extra = [
        ("extra", "foobar"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("display", "page"),
        ("login_hint", "buffy@id.example"),
    ];
    for response_type in TYPES {
        let fields = ask(&mut browser, response_type, &extra).await;
        check(&server, response_type, &fields).await;
        let fields = ask(&mut browser, response_type, &[("display", "popup"), ("acr_values", "1 2")]).await;
        let known = check(&server, response_type, &fields).await;
        assert_eq!(known.id_token()["acr"], "1", "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_codereuse() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("code")) {
        let fields = ask(&mut browser, response_type, &[]).await;
        let code = fields.text("code");
        let tokens = redeem(&server, &code).await.json();
        server.clock.advance(30);
        assert_eq!(redeem(&server, &code).await.error(), (400, "invalid_grant".to_owned()), "{response_type}");
        // The token of the same answer came from the same grant.
        let given = [text(&tokens, "access_token").to_owned(), fields.text("access_token")];
        for token in given.iter().filter(|token| !token.is_empty()) {
            assert_eq!(server.userinfo(token).await.status, StatusCode::UNAUTHORIZED, "{response_type}");
        }
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let server = start().await;
    for response_type in TYPES {
        let elsewhere = format!("{CALLBACK}/x");
        let answer = server.browser().get(&request(response_type, &[("redirect_uri", &elsewhere)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{response_type}");
        assert!(answer.location().is_empty() && answer.body.contains(&elsewhere));
    }
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    ask(&mut browser, "id_token", &[]).await;
    for response_type in TYPES {
        let address = request(response_type, &[]);
        let body = Form::parse(address.split_once('?').unwrap().1.as_bytes()).unwrap();
        let pairs: Vec<(&str, &str)> = body.pairs().collect();
        let answer = browser.post_cross_site("/authorize", &pairs).await;
        let answer = browser.follow(&answer).await;
        check(&server, response_type, &landed(&answer)).await;
    }
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("code")) {
        let code = ask(&mut browser, response_type, &[]).await.text("code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("client_id", "old"),
            ("client_secret", SECRET),
        ];
        assert_eq!(server.post("/token", None, &fields).await.status, StatusCode::OK, "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let object = "eyJhbGciOiJub25lIn0.eyJyZXNwb25zZV90eXBlIjoiY29kZSJ9.";
        let answer = browser.get(&request(response_type, &[("request", object)])).await;
        assert_eq!(refused(&answer), "invalid_request_object", "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let scope = [("scope", "openid offline_access"), ("prompt", "consent")];
        let fields = ask(&mut browser, response_type, &scope).await;
        let known = check(&server, response_type, &fields).await;
        let Some(tokens) = &known.tokens else {
            // Without a code there is nothing to refresh, and the token ends with the session.
            assert!(!fields.text("scope").contains("offline_access"), "{response_type}");
            continue;
        };
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(tokens, "refresh_token"))];
        let answer = server.post("/token", Some(&format!("old:{SECRET}")), &refresh).await;
        assert_eq!(answer.status, StatusCode::OK, "{response_type}: {}", answer.body);
        if !fields.text("access_token").is_empty() {
            userinfo(&server, &fields.text("access_token")).await;
        }
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("code")) {
        let code = ask(&mut browser, response_type, &pkce).await.text("code");
        assert_eq!(redeem(&server, &code).await.error().1, "invalid_grant", "{response_type}");
        let code = ask(&mut browser, response_type, &pkce).await.text("code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = server.post("/token", Some(&format!("old:{SECRET}")), &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{response_type}: {}", answer.body);
    }
}

/// The form post plans: successes and errors are posted.
#[tokio::test]
async fn oidcc_formpost_implicit_and_hybrid() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    ask(&mut browser, "id_token", &[]).await;
    for response_type in TYPES {
        let page = browser.get(&request(response_type, &[("response_mode", "form_post")])).await;
        assert_eq!(page.status, StatusCode::OK, "{response_type}");
        assert!(page.body.contains(&format!("action=\"{CALLBACK}\"")), "{}", page.body);
        assert_eq!(page.header("cache-control"), "no-store");
        let names = ["code", "access_token", "token_type", "expires_in", "scope", "id_token", "state", "iss"];
        let posted = names.map(|name| (name.to_owned(), page.field(name)));
        let posted = posted.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        check(&server, response_type, &Form::from_pairs(posted)).await;
        let asked = [("response_mode", "form_post"), ("prompt", "none"), ("scope", "openid phone")];
        let page = browser.get(&request(response_type, &asked)).await;
        assert_eq!(page.field("error"), "consent_required", "{response_type}");
    }
}

/// The form of dynamic plans: implicit response types and grant are listed.
#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let server = Server::start().await;
    let document = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert!(!document["grant_types_supported"].to_string().contains("implicit"));
    assert!(!document["claims_supported"].to_string().contains("c_hash"));
    let server = server.with_legacy_response_types(true).await;
    let document = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["response_types_supported"], json!([&["code"][..], &TYPES].concat()));
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!("implicit")));
    assert!(document["response_modes_supported"].as_array().unwrap().contains(&json!("fragment")));
    assert!(document["claims_supported"].as_array().unwrap().contains(&json!("c_hash")));
    assert_eq!(document["id_token_signing_alg_values_supported"][0], "RS256");
}

/// As the suite registers for each plan, and then runs its first module.
#[tokio::test]
async fn oidcc_server_of_a_dynamic_client() {
    let server = start().await;
    crate::registration::set_policy(&server, "open").await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let grants = if response_type.contains("code") {
            json!(["authorization_code", "implicit"])
        } else {
            json!(["implicit"])
        };
        let metadata = json!({
            "client_name": "Suite", "redirect_uris": [CALLBACK], "grant_types": grants, "response_types": [response_type],
            "token_endpoint_auth_method": "client_secret_basic",
        });
        let client = crate::registration::register(&server, &metadata).await;
        assert_eq!(client["response_types"], json!([response_type]));
        assert_eq!(client["grant_types"], grants);
        let fields = ask(&mut browser, response_type, &[("client_id", text(&client, "client_id"))]).await;
        assert!(fields.find("error").unwrap().is_none(), "{}", fields.encode());
        assert_eq!(fields.find("id_token").unwrap().is_some(), response_type.contains("id_token"));
        if response_type.contains("code") {
            let code = fields.text("code");
            let auth = format!("{}:{}", text(&client, "client_id"), text(&client, "client_secret"));
            let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
            assert_eq!(server.post("/token", Some(&auth), &fields).await.status, StatusCode::OK);
        }
        let token = text(&client, "registration_access_token");
        let path = format!("/register/{}", text(&client, "client_id"));
        let gone = crate::registration::call(&server, Method::DELETE, &path, Some(token), "").await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
}

/// A client without a secret has PKCE where it has codes, and nothing to exchange elsewhere.
#[tokio::test]
async fn a_page_without_a_secret_needs_pkce_for_its_codes_only() {
    let server = start().await;
    server.create_client(oauth::client::ClientKind::Spa, "page", |draft, _| make_old(draft)).await;
    let mut browser = server.signed_in().await;
    let pkce = [("client_id", "page"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    for response_type in TYPES {
        let answer = browser.get(&request(response_type, &pkce[..1])).await;
        if response_type.contains("code") {
            assert_eq!(refused(&answer), "invalid_request", "{response_type}");
        } else {
            assert!(!answer.location().contains("error="), "{response_type}: {}", answer.location());
        }
        let fields = ask(&mut browser, response_type, &pkce).await;
        assert!(fields.find("error").unwrap().is_none(), "{}", fields.encode());
    }
}
