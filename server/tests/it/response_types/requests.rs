//! Requests for tokens that are refused, and what may be done with tokens that came so.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{TYPES, ask, check, landed, redeem, refused, request, start};
use crate::browser::Browser;
use crate::server::{CALLBACK, ISSUER, PASSWORD, SECRET, START, claims, text};
use crate::signed_answers::verified;

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_the_fragment() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    for response_type in TYPES {
        for (more, error) in [
            (("response_mode", "query"), "invalid_request"),
            (("response_mode", "web_message"), "invalid_request"),
            (("scope", "admin"), "invalid_scope"),
            (("prompt", "none login"), "invalid_request"),
            (("max_age", "x"), "invalid_request"),
            (("registration", "{}"), "registration_not_supported"),
            (("state", "s-1"), ""),
        ] {
            let answer = browser.get(&request(response_type, &[more])).await;
            if error.is_empty() {
                assert_eq!(answer.status, StatusCode::OK, "the person is asked");
            } else {
                assert_eq!(refused(&answer), error, "{response_type} {more:?}");
            }
        }
        if response_type.contains("id_token") {
            let answer = browser.get(&request(response_type, &[("scope", "email")])).await;
            assert_eq!(refused(&answer), "invalid_scope", "{response_type}");
        }
        let twice = format!("{}&nonce=2", request(response_type, &[]));
        assert_eq!(refused(&browser.get(&twice).await), "invalid_request", "{response_type}");
    }
    // Types that nobody has. There is no token without a code or an ID token beside it.
    for unknown in ["token", "code token device", "id_token code code"] {
        let answer = browser.get(&request(unknown, &[])).await;
        assert_eq!(refused(&answer), "unsupported_response_type", "{unknown}");
    }
    let unknown = browser.get(&request("none", &[])).await;
    assert_eq!(unknown.query().text("error"), "unsupported_response_type");
}

#[tokio::test]
async fn a_type_that_the_client_is_not_registered_for_is_refused() {
    let server = start().await;
    server
        .create_client(oauth::client::ClientKind::Web, "implicit", |draft, _| {
            draft.security_profile = "legacy".to_owned();
            draft.grant_types = vec!["implicit".to_owned()];
            draft.response_types = "id_token token".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    for response_type in ["id_token", "code id_token", "code token"] {
        let answer = browser.get(&request(response_type, &[("client_id", "implicit")])).await;
        assert_eq!(refused(&answer), "unauthorized_client", "{response_type}");
    }
    let code = browser.get(&request("code", &[("client_id", "implicit")])).await;
    assert_eq!(code.query().text("error"), "unauthorized_client", "{}", code.location());
    let fields = ask(&mut browser, "id_token token", &[("client_id", "implicit")]).await;
    assert!(!fields.text("access_token").is_empty());
    // The console offers no trial of a client that has no codes.
    let mut console = server.console().await;
    let page = console.get("/admin/ui/clients/implicit").await;
    assert!(page.body.contains("It gets tokens through the browser"), "{}", page.body);
    let trial = console.get("/admin/ui/trial?client_id=implicit").await;
    assert_eq!(trial.status, StatusCode::NOT_FOUND, "{}", trial.body);
    // One profile lowers no other client, and its errors stand where they always stood.
    for response_type in TYPES {
        let answer = browser.get(&request(response_type, &[("client_id", "web")])).await;
        assert_eq!(answer.query().text("error"), "unsupported_response_type", "{response_type}");
    }
    // The token endpoint knows no such grant.
    let answer = server.post("/token", Some(&format!("old:{SECRET}")), &[("grant_type", "implicit")]).await;
    assert_eq!(answer.error(), (400, "unsupported_grant_type".to_owned()));
}

#[tokio::test]
async fn a_signed_answer_stands_in_the_fragment_too() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    ask(&mut browser, "id_token", &[]).await;
    for response_type in TYPES {
        for mode in ["jwt", "fragment.jwt"] {
            let fields = landed(&browser.get(&request(response_type, &[("response_mode", mode)])).await);
            assert_eq!(fields.pairs().count(), 1, "{response_type} {mode}");
            let answer = verified(&server, &fields.text("response")).await;
            assert_eq!(
                (&answer["iss"], &answer["aud"], &answer["exp"]),
                (&json!(ISSUER), &json!("old"), &json!(START + 600))
            );
            let said = answer.as_object().unwrap().iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
            let said = said.map(|(name, value)| (name.clone(), value.to_owned())).collect();
            check(&server, response_type, &oauth::form::Form::from_pairs(said)).await;
        }
        let query = landed(&browser.get(&request(response_type, &[("response_mode", "query.jwt")])).await);
        assert_eq!(verified(&server, &query.text("response")).await["error"], "invalid_request", "{response_type}");
    }
}

#[tokio::test]
async fn a_pushed_request_for_tokens_is_one_authorization() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    ask(&mut browser, "id_token", &[]).await;
    for response_type in TYPES {
        let pushed = [
            ("response_type", response_type),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "s-1"),
            ("nonce", "n-1"),
        ];
        let answer = server.post("/par", Some(&format!("old:{SECRET}")), &pushed).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let answer = answer.json();
        let reference = format!(
            "/authorize?{}",
            crate::server::encode(&[("client_id", "old"), ("request_uri", text(&answer, "request_uri"))])
        );
        let first = browser.get(&reference).await;
        check(&server, response_type, &landed(&first)).await;
        assert_eq!(browser.get(&reference).await.status, StatusCode::BAD_REQUEST, "{response_type}");
        let without: Vec<(&str, &str)> = pushed.into_iter().filter(|(name, _)| *name != "nonce").collect();
        if response_type.contains("id_token") {
            let answer = server.post("/par", Some(&format!("old:{SECRET}")), &without).await;
            assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{response_type}");
        }
    }
}

#[tokio::test]
async fn a_token_of_the_browser_is_revoked_and_ends_as_others() {
    let server = start().await;
    for format in ["opaque", "jwt"] {
        server.set_policy("old", &json!({ "token_format": format })).await;
        for response_type in ["id_token token", "code token"] {
            let mut browser = server.signed_in().await;
            let token = ask(&mut browser, response_type, &[]).await.text("access_token");
            let about: Value = server.introspect_as("old", &token).await;
            assert_eq!((&about["active"], &about["client_id"]), (&json!(true), &json!("old")), "{format}");
            let auth = format!("old:{SECRET}");
            assert_eq!(server.post("/revoke", Some(&auth), &[("token", &token)]).await.status, StatusCode::OK);
            assert_eq!(server.userinfo(&token).await.status, StatusCode::UNAUTHORIZED, "{format} {response_type}");

            let token = ask(&mut browser, response_type, &[]).await.text("access_token");
            let page = browser.get("/end_session").await;
            browser.press(&page, "yes").await;
            assert_eq!(server.userinfo(&token).await.status, StatusCode::UNAUTHORIZED, "{format} {response_type}");

            let mut browser = server.signed_in().await;
            let token = ask(&mut browser, response_type, &[]).await.text("access_token");
            if format == "jwt" {
                assert_eq!(claims(&token)["aud"], ISSUER);
            }
            server.clock.advance(3_599);
            assert_eq!(server.userinfo(&token).await.status, StatusCode::OK, "{format} {response_type}");
            server.clock.advance(1);
            assert_eq!(server.userinfo(&token).await.status, StatusCode::UNAUTHORIZED, "{format} {response_type}");
        }
    }
}

/// The token of an answer outlives neither the code that was stolen nor the person.
#[tokio::test]
async fn what_came_together_goes_together() {
    let server = start().await;
    let mut browser = server.signed_in().await;
    let fields = ask(&mut browser, "code id_token token", &[("scope", "openid offline_access")]).await;
    let tokens = redeem(&server, &fields.text("code")).await.json();
    let revoke = [("token", text(&tokens, "refresh_token"))];
    assert_eq!(server.post("/revoke", Some(&format!("old:{SECRET}")), &revoke).await.status, StatusCode::OK);
    assert_eq!(server.userinfo(&fields.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
}

/// The activity tells what was given, and never the tokens themselves.
#[tokio::test]
async fn the_activity_tells_of_it_without_tokens() {
    let server = start().await;
    let mut browser = server.browser();
    browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    let fields = ask(&mut browser, "code id_token token", &[]).await;
    refused(&browser.get(&request("id_token", &[("nonce", "")])).await);
    server.idp.flush_activity().await;
    let events = server.console().await.get("/admin/ui/clients/old/activity").await;
    assert_eq!(events.status, StatusCode::OK);
    assert!(events.body.contains("code id_token token"), "{}", events.body);
    let kept = String::from_utf8_lossy(&server.database_bytes()).into_owned();
    for name in ["code", "access_token", "id_token"] {
        assert!(!kept.contains(&fields.text(name)), "{name}");
    }
    let page = browser.get(&Browser::request(&[("client_id", "old"), ("response_type", "id_token")])).await;
    let explained = server.console().await.get(&format!("/admin/ui/explain/{}", page.header("x-request-id"))).await;
    assert!(explained.body.contains("OpenID Connect Core §3.2.2.1"), "{}", explained.body);
}
