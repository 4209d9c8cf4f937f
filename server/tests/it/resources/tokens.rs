//! Tokens for a resource: format, lifetime, where they are good, and how long.

use axum::http::StatusCode;
use idp::{Actor, TakenBack};
use oauth::client::ClientKind;
use oauth::id::{ClientId, ResourceId, Subject};
use oauth::scope::ScopeToken;
use serde_json::{Value, json};

use super::{MAPS, NOTES, address};
use crate::concurrency::on_every_database;
use crate::pairs::stopped;
use crate::server::{CALLBACK, ISSUER, SECRET, Server, claims, text};

on_every_database!(
    the_resource_decides_format_and_lifetime,
    a_grant_for_a_resource_outlives_the_session,
    a_resource_that_is_gone_takes_its_tokens_with_it,
    userinfo_takes_only_tokens_that_are_for_it,
    a_scope_of_one_resource_that_is_taken_back_meanwhile_is_not_given,
);

async fn the_resource_decides_format_and_lifetime(server: Server) {
    let notes = server.with_notes().await;
    let maps = server.with_maps().await;
    server.change_resource(&maps, &json!({ "access_token_lifetime": 120, "token_format": "opaque" })).await;
    let mut browser = server.signed_in().await;
    let at_notes = server.tokens_at(&mut browser, "read", &[NOTES]).await;
    assert_eq!((text(&at_notes, "access_token").split('.').count(), &at_notes["expires_in"]), (3, &json!(3_600)));
    let at_maps = server.tokens_at(&mut browser, "read", &[MAPS]).await;
    assert_eq!((text(&at_maps, "access_token").contains('.'), &at_maps["expires_in"]), (false, &json!(120)));
    server.change_resource(&notes, &json!({ "access_token_lifetime": 7200 })).await;
    let at_both = server.tokens_at(&mut browser, "read", &[NOTES, MAPS]).await;
    assert_eq!((text(&at_both, "access_token").split('.').count(), &at_both["expires_in"]), (3, &json!(120)));
    let again = server.refresh_at(&at_both, &[NOTES]).await.json();
    assert_eq!(again["expires_in"], 7_200);
    // What is not decided is the client's.
    server.change_resource(&notes, &json!({ "access_token_lifetime": null, "token_format": "" })).await;
    let again = server.refresh_at(&again, &[NOTES]).await.json();
    assert_eq!((text(&again, "access_token").contains('.'), &again["expires_in"]), (false, &json!(3_600)));
}

async fn a_grant_for_a_resource_outlives_the_session(server: Server) {
    server.with_notes().await;
    let mut browser = server.signed_in().await;
    let here = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    let there = server.tokens_at(&mut browser, "read", &[NOTES]).await;
    browser.get("/logout").await;
    assert_eq!(server.refresh(&here).await.error(), (400, "invalid_grant".to_owned()), "it ended with the session");
    assert_eq!(server.refresh_at(&there, &[]).await.status, StatusCode::OK);
}

async fn a_resource_that_is_gone_takes_its_tokens_with_it(server: Server) {
    let notes = server.with_notes().await;
    let maps = server.with_maps().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_at(&mut browser, "read", &[NOTES]).await;
    let both = server.tokens_at(&mut browser, "read", &[NOTES, MAPS]).await;
    let seen = server.introspect(text(&tokens, "access_token")).await;
    assert_eq!((&seen["active"], &seen["aud"], &seen["scope"]), (&json!(true), &json!(NOTES), &json!("read")));
    let code = browser.authorize_at("read", &[NOTES]).await;
    server.admin("DELETE", &address(&notes), &json!({})).await;
    assert_eq!(server.introspect(text(&tokens, "access_token")).await, json!({ "active": false }));
    assert_eq!(server.introspect(text(&both, "access_token")).await, json!({ "active": false }));
    for refused in [server.refresh_at(&tokens, &[]).await, server.refresh_at(&tokens, &[NOTES]).await] {
        assert_eq!(refused.error(), (400, "invalid_target".to_owned()), "never this server instead");
    }
    assert_eq!(server.redeem_at(&code, &[]).await.error(), (400, "invalid_target".to_owned()));
    // Another one at the same place is another one.
    server.with_notes().await;
    assert_eq!(server.introspect(text(&tokens, "access_token")).await, json!({ "active": false }));
    assert_eq!(server.refresh_at(&tokens, &[NOTES]).await.error(), (400, "invalid_target".to_owned()));
    assert_eq!(browser.silently(&[("scope", "read"), ("resource", NOTES)]).await, "consent_required");
    // What is left of the grant goes on.
    let left = server.refresh_at(&both, &[]).await.json();
    assert_eq!(claims(text(&left, "access_token"))["aud"], MAPS);
    server.change_resource(&maps, &json!({ "allowed_clients": ["spa"] })).await;
    assert_eq!(server.refresh_at(&left, &[]).await.error(), (400, "invalid_target".to_owned()));
    server.change_resource(&maps, &json!({ "allowed_clients": [] })).await;
    assert_eq!(server.refresh_at(&left, &[]).await.status, StatusCode::OK, "nothing was spent");
}

async fn userinfo_takes_only_tokens_that_are_for_it(server: Server) {
    let notes = server.with_notes().await;
    let mut browser = server.signed_in().await;
    for format in ["jwt", "opaque"] {
        server.change_resource(&notes, &json!({ "token_format": format, "may_read_userinfo": false })).await;
        let tokens = server.tokens_at(&mut browser, "openid email read", &[NOTES]).await;
        let refused = server.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(refused.error(), (401, "invalid_token".to_owned()), "{format}");
        assert!(tokens["id_token"].is_string(), "the ID token is for the client");
        assert_eq!(claims(text(&tokens, "id_token"))["aud"], "web");
        server.change_resource(&notes, &json!({ "may_read_userinfo": true })).await;
        let tokens = server.refresh_at(&tokens, &[NOTES]).await.json();
        let seen = server.introspect(text(&tokens, "access_token")).await;
        assert_eq!(seen["aud"], json!([NOTES, ISSUER]), "{format}");
        let answer = server.userinfo(text(&tokens, "access_token")).await;
        assert_eq!((answer.status, &answer.json()["email"]), (StatusCode::OK, &json!("alice@example.com")), "{format}");
        let tokens = server.tokens_at(&mut browser, "read", &[NOTES]).await;
        assert_eq!(server.introspect(text(&tokens, "access_token")).await["aud"], NOTES, "nobody to read about");
    }
}

/// A scope of a resource opens nothing here, whatever it is called.
#[tokio::test]
async fn a_scope_of_a_resource_hides_the_one_of_this_server_that_is_called_so() {
    let server = Server::start().await;
    let scopes = json!([{ "name": "email", "description": "Send email as you" }]);
    let body = json!({ "identifier": MAPS, "name": "Mail", "scopes": scopes, "may_read_userinfo": true });
    server.create_resource(&body).await;
    let mut browser = server.signed_in().await;
    server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let page = browser.ask_at(&[("scope", "openid email")], &[MAPS]).await;
    assert_eq!(page.status, StatusCode::OK, "what was allowed here is not allowed there");
    assert!(page.body.contains("Send email as you") && !page.body.contains("Your email address"));
    let tokens = server.tokens_at(&mut browser, "openid email", &[MAPS]).await;
    let answer = server.userinfo(text(&tokens, "access_token")).await.json();
    assert!(answer.get("email").is_none(), "{answer}");
    assert!(claims(text(&tokens, "id_token")).get("email").is_none());
    let here = server.tokens_in(&mut browser, &[("scope", "openid email")]).await;
    let answer: Value = server.userinfo(text(&here, "access_token")).await.json();
    assert_eq!(answer["email"], "alice@example.com");
}

/// A client that never heard of resources, on a server that has some.
#[tokio::test]
async fn clients_without_resources_behave_as_before() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "api", |_, policy| policy.token_format = "jwt".to_owned()).await;
    server.with_notes().await;
    let code = server.signed_in().await.authorize(&[("client_id", "api"), ("scope", "openid email")]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let tokens = server.post("/token", Some(&format!("api:{SECRET}")), &fields).await.json();
    let claims = claims(text(&tokens, "access_token"));
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(ISSUER), &json!("openid email")));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK);
}

/// The words of the grant are the same before and after: another resource has a scope of that name.
async fn a_scope_of_one_resource_that_is_taken_back_meanwhile_is_not_given(server: Server) {
    let notes = server.with_notes().await;
    server.with_maps().await;
    let node = server.open_node().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_at(&mut browser, "read offline_access", &[NOTES, MAPS]).await;
    let taken = TakenBack {
        scope: ScopeToken::parse("read").unwrap(),
        resource: Some(ResourceId::new(notes["id"].as_str().unwrap())),
    };
    let alice = Subject::new(text(&claims(text(&tokens, "access_token")), "sub"));
    let forbid = async { node.withdraw_scope(&Actor::user(), &alice, &ClientId::new("web"), &taken).await.unwrap() };
    let refreshed = stopped(&server.idp, server.refresh_at(&tokens, &[NOTES]), forbid).await;
    assert_eq!(refreshed.json()["scope"], "offline_access", "{}", refreshed.body);
    assert_eq!(server.refresh_at(&tokens, &[MAPS]).await.status, StatusCode::OK);
}
