//! `resource` at `/authorize` and `/token`: what is known, what is refused, and that a refusal spends nothing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{MAPS, NOTES, NOTES_TOO};
use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, ISSUER, SECRET, Server, claims, text};

on_every_database!(
    a_token_names_the_resource_as_it_is_registered,
    a_grant_is_narrowed_and_never_widened,
    a_refusal_spends_neither_code_nor_refresh_token,
);

/// `aud` of the access token.
fn audience(tokens: &Value) -> Value {
    claims(text(tokens, "access_token"))["aud"].clone()
}

async fn a_token_names_the_resource_as_it_is_registered(server: Server) {
    server.with_notes().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize_at("read", &[NOTES_TOO]).await;
    let tokens = server.redeem_at(&code, &["HTTPS://NOTES.example/mcp"]).await.json();
    assert_eq!((audience(&tokens), &tokens["scope"]), (json!(NOTES), &json!("read")));
    assert_eq!(claims(text(&tokens, "access_token"))["iss"], ISSUER);
    let again = server.refresh_at(&tokens, &[NOTES_TOO]).await.json();
    assert_eq!(audience(&again), json!(NOTES));
    let silent = server.refresh_at(&again, &[]).await.json();
    assert_eq!(audience(&silent), json!(NOTES), "absent: all of the grant's");
    // A machine.
    let fields = [("grant_type", "client_credentials"), ("scope", "read"), ("resource", NOTES_TOO)];
    let machine = server.post("/token", Some(&format!("job:{SECRET}")), &fields).await.json();
    assert_eq!((audience(&machine), &machine["scope"]), (json!(NOTES), &json!("read")));
}

async fn a_grant_is_narrowed_and_never_widened(server: Server) {
    server.with_notes().await;
    server.with_maps().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize_at("read write", &[NOTES, MAPS]).await;
    let both = server.redeem_at(&code, &[]).await.json();
    assert_eq!((audience(&both), &both["scope"]), (json!([NOTES, MAPS]), &json!("read write")));
    let maps = server.refresh_at(&both, &["https://maps.example/"]).await.json();
    assert_eq!((audience(&maps), &maps["scope"]), (json!(MAPS), &json!("read")), "only what it has there");
    let both = server.refresh_at(&maps, &[MAPS, NOTES]).await.json();
    assert_eq!(audience(&both), json!([MAPS, NOTES]), "the grant is as it was");
    let notes = server.tokens_at(&mut browser, "read", &[NOTES]).await;
    for outside in [MAPS, "urn:example:nowhere", "x", "https://maps.example#a"] {
        assert_eq!(
            server.refresh_at(&notes, &[outside]).await.error(),
            (400, "invalid_target".to_owned()),
            "{outside}"
        );
    }
    let here = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(server.refresh_at(&here, &[NOTES]).await.error(), (400, "invalid_target".to_owned()));
    assert!(server.refresh_at(&here, &[]).await.status.is_success());
}

async fn a_refusal_spends_neither_code_nor_refresh_token(server: Server) {
    server.with_notes().await;
    server.with_maps().await;
    let mut browser = server.signed_in().await;
    let code = browser.authorize_at("read", &[NOTES]).await;
    for outside in [&["urn:example:nowhere"][..], &[MAPS], &[NOTES, MAPS], &["mcp"], &[NOTES; 17]] {
        let refused = server.redeem_at(&code, outside).await;
        assert_eq!(refused.error(), (400, "invalid_target".to_owned()), "{outside:?}");
        assert_eq!(refused.header("cache-control"), "no-store");
    }
    let tokens = server.redeem_at(&code, &[NOTES]).await.json();
    assert_eq!(server.refresh_at(&tokens, &[MAPS]).await.error(), (400, "invalid_target".to_owned()));
    let tokens = server.refresh_at(&tokens, &[NOTES]).await.json();
    // Whoever uses a code twice is found, whatever it is presented for.
    assert_eq!(server.redeem_at(&code, &[MAPS]).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh_at(&tokens, &[NOTES]).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn an_unknown_resource_goes_back_to_the_client_with_issuer_and_state() {
    let server = Server::start().await;
    server.with_notes().await;
    server.create_resource(&json!({ "identifier": "https://other.example", "allowed_clients": ["spa"] })).await;
    server.create_resource(&json!({ "identifier": "http://127.0.0.1:9/mcp" })).await;
    server.create_resource(&json!({ "identifier": "https://off.example", "status": "disabled" })).await;
    server.create_resource(&json!({ "identifier": "https://new.example", "status": "pending" })).await;
    let mut browser = server.signed_in().await;
    let many = [NOTES; 17];
    for resources in [
        &["urn:example:nowhere"][..],
        &[NOTES, "urn:example:nowhere"],
        &["http://127.0.0.1:9"],
        &["http://127.0.0.1:9/mcp/"],
        &["notes"],
        &["https://notes.example/mcp#a"],
        &["https://other.example"],
        &["https://off.example"],
        &["https://new.example"],
        &[ISSUER],
        &many,
    ] {
        let answer = browser.ask_at(&[("scope", "openid")], resources).await;
        assert!(answer.location().starts_with(CALLBACK), "{resources:?} {}", answer.body);
        let query = answer.query();
        let sent = ["error", "iss", "state"].map(|name| query.text(name));
        assert_eq!(sent, ["invalid_target", ISSUER, "s-1"], "{resources:?}");
    }
    let machine = [("grant_type", "client_credentials"), ("resource", "https://other.example")];
    let answer = server.post("/token", Some(&format!("job:{SECRET}")), &machine).await;
    assert_eq!(answer.error(), (400, "invalid_target".to_owned()));
    // An empty one was not sent.
    let answer = browser.ask_at(&[("scope", "openid")], &[""]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn scopes_are_narrowed_and_refused_only_when_nothing_is_left() {
    let server = Server::start().await;
    server.with_notes().await;
    server.create_resource(&json!({ "identifier": MAPS, "name": "Maps" })).await;
    let mut browser = server.signed_in().await;
    for (asked, resource, granted) in [
        ("read write admin claudeai", NOTES, "read write"),
        ("openid read offline_access", NOTES, "openid read offline_access"),
        ("", NOTES, "read openid profile email address phone offline_access"),
        ("write", NOTES, "write"),
        ("", MAPS, "openid profile email address phone offline_access"),
    ] {
        let tokens = server.tokens_at(&mut browser, asked, &[resource]).await;
        assert_eq!((&tokens["scope"], audience(&tokens)), (&json!(granted), json!(resource)), "{asked}");
    }
    for (asked, resource) in [("admin", NOTES), ("read", MAPS)] {
        let answer = browser.ask_at(&[("scope", asked)], &[resource]).await;
        assert_eq!(answer.query().text("error"), "invalid_scope", "{asked}");
    }
    // Without the resource its scopes are nobody's.
    let answer = browser.get(&Browser::request(&[("scope", "read")])).await;
    assert_eq!(answer.query().text("error"), "invalid_scope");
    let code = browser.authorize(&[("scope", "openid write")]).await;
    assert_eq!(server.redeem(&code).await.json()["scope"], "openid");
}

#[tokio::test]
async fn a_resource_without_scopes_gives_tokens_that_say_who_comes() {
    let server = Server::start().await;
    server.create_resource(&json!({ "identifier": MAPS })).await;
    let fields = [("grant_type", "client_credentials"), ("resource", MAPS)];
    server.create_client(oauth::client::ClientKind::Machine, "bare", |draft, _| draft.scope = String::new()).await;
    let tokens = server.post("/token", Some(&format!("bare:{SECRET}")), &fields).await.json();
    assert_eq!((audience(&tokens), &tokens["scope"]), (json!(MAPS), &json!("")));
}

#[tokio::test]
async fn the_default_resource_takes_the_place_of_silence_for_those_who_may_ask_for_it() {
    let server = Server::start().await;
    let notes = server.with_notes().await;
    let mut browser = server.signed_in().await;
    let before = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    assert!(server.userinfo(text(&before, "access_token")).await.status.is_success());
    server.change_resource(&notes, &json!({ "default": true })).await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "read")]).await;
    assert_eq!(audience(&tokens), json!(NOTES));
    server.change_resource(&notes, &json!({ "allowed_clients": ["spa"] })).await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    assert!(server.userinfo(text(&tokens, "access_token")).await.status.is_success(), "this server itself");
}
