//! The modules of the same plans that are about the person: logins, prompts, and what is said of them.

use axum::http::StatusCode;
use serde_json::json;

use super::{TYPES, ask, check, landed, refused, request, start};
use crate::server::{START, Server};

/// The claims about the person that a client has after a flow, wherever it gets them.
async fn told(server: &Server, scope: &str, response_type: &str) -> serde_json::Map<String, serde_json::Value> {
    let mut browser = server.signed_in().await;
    let fields = ask(&mut browser, response_type, &[("scope", scope)]).await;
    let known = check(server, response_type, &fields).await;
    let claims = known.userinfo.first().unwrap_or(known.id_token());
    let protocol = ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "jti", "sub", "at_hash", "c_hash"];
    let mut claims = claims.as_object().unwrap().clone();
    claims.retain(|name, _| !protocol.contains(&name.as_str()));
    claims
}

#[tokio::test]
async fn oidcc_scope_profile_email_address_phone_and_all() {
    let server = start().await;
    let profile = [
        "birthdate",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    ];
    for response_type in TYPES {
        for (scope, names) in [
            ("openid", &[][..]),
            ("openid profile", &profile[..]),
            ("openid email", &["email", "email_verified"]),
            ("email openid", &["email", "email_verified"]),
            ("openid address", &["address"]),
            ("openid phone", &["phone_number", "phone_number_verified"]),
        ] {
            let mut claims: Vec<String> =
                told(&server, scope, response_type).await.into_iter().map(|it| it.0).collect();
            claims.sort_unstable();
            assert_eq!(claims, names, "{response_type} {scope}");
        }
        let all = told(&server, "openid profile email address phone", response_type).await;
        assert_eq!(all.len(), profile.len() + 5, "{response_type}: {all:?}");
        assert_eq!(all["email"], "alice@example.com");
    }
}

#[tokio::test]
async fn an_id_token_beside_another_way_to_ask_says_nothing_of_the_person_in_an_address() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("id_token")) {
        let fields = ask(&mut browser, response_type, &[("scope", "openid email")]).await;
        let known = check(&server, response_type, &fields).await;
        let is_alone = response_type == "id_token";
        assert_eq!(known.id_token()["email"].is_string(), is_alone, "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"nickname":null}}"#;
        let fields = ask(&mut browser, response_type, &[("claims", claims)]).await;
        let known = check(&server, response_type, &fields).await;
        assert_eq!(known.id_token()["nickname"], "Al", "{response_type}");
        assert_eq!(known.id_token()["name"], json!(null), "{response_type}");
        for userinfo in &known.userinfo {
            assert_eq!(userinfo["name"], "Alice Adams", "{response_type}");
        }
    }
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        ask(&mut browser, response_type, &[]).await;
        server.clock.advance(2);
        let asked = browser.get(&request(response_type, &[("prompt", "login")])).await;
        let answer = browser.sign_in_at(&asked).await;
        let known = check(&server, response_type, &landed(&answer)).await;
        assert_eq!(known.id_token()["auth_time"], server.clock.now().0, "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let server = start().await;
    let state = "x".repeat(128);
    for response_type in TYPES {
        let address = request(response_type, &[("prompt", "none"), ("state", &state)]);
        let fields = landed(&server.browser().get(&address).await);
        assert_eq!((fields.text("error"), fields.text("state")), ("login_required".to_owned(), state.clone()));
    }
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    let first = browser.get(&request("id_token", &[("prompt", "none")])).await;
    assert_eq!(refused(&first), "consent_required");
    for response_type in TYPES {
        let first = check(&server, response_type, &ask(&mut browser, response_type, &[]).await).await;
        server.clock.advance(5);
        let answer = browser.get(&request(response_type, &[("prompt", "none")])).await;
        let again = check(&server, response_type, &landed(&answer)).await;
        for same in ["sub", "auth_time"] {
            assert_eq!(first.id_token()[same], again.id_token()[same], "{response_type}");
        }
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        ask(&mut browser, response_type, &[]).await;
        server.clock.advance(2);
        let asked = browser.get(&request(response_type, &[("max_age", "1")])).await;
        let answer = browser.sign_in_at(&asked).await;
        let known = check(&server, response_type, &landed(&answer)).await;
        assert_eq!(known.id_token()["auth_time"], server.clock.now().0, "{response_type}");
    }
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        for max_age in ["15000", "10000"] {
            let fields = ask(&mut browser, response_type, &[("max_age", max_age)]).await;
            let known = check(&server, response_type, &fields).await;
            assert_eq!(known.id_token()["auth_time"], START, "{response_type}");
        }
        server.clock.advance(5);
    }
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES.into_iter().filter(|kind| kind.contains("id_token")) {
        let hint = ask(&mut browser, response_type, &[]).await.text("id_token");
        let answer = browser.get(&request(response_type, &[("prompt", "none"), ("id_token_hint", &hint)])).await;
        check(&server, response_type, &landed(&answer)).await;
    }
}

#[tokio::test]
async fn oidcc_login_hint() {
    let server = start().await;
    for response_type in TYPES {
        let mut browser = server.browser();
        let asked = browser.get(&request(response_type, &[("login_hint", "buffy@id.example")])).await;
        let page = browser.follow(&asked).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("value=\"buffy@id.example\""), "{response_type}");
    }
}

/// A no is an answer in the same place.
#[tokio::test]
async fn whoever_declines_is_said_so_in_the_fragment() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        let page = browser.get(&request(response_type, &[("prompt", "consent")])).await;
        let answer = browser.press(&page, "no").await;
        assert_eq!(refused(&answer), "access_denied", "{response_type}");
    }
}
