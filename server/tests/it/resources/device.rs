//! Resources that a device asks for (RFC 8628 with RFC 8707).

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::json;

use super::{MAPS, NOTES, NOTES_TOO, address};
use crate::concurrency::on_every_database;
use crate::server::{Server, claims, text};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

on_every_database!(a_device_gets_tokens_for_what_it_named_and_a_person_was_shown);

async fn a_device_gets_tokens_for_what_it_named_and_a_person_was_shown(server: Server) {
    server
        .create_client(ClientKind::Native, "tv", |draft, _| {
            draft.grant_types = vec![DEVICE_CODE.to_owned(), "refresh_token".to_owned()];
            draft.redirect_uris = String::new();
        })
        .await;
    server.with_notes().await;
    let maps = server.with_maps().await;
    let begin = async |resource: &str| {
        let fields = [("client_id", "tv"), ("scope", "read"), ("resource", resource)];
        server.post("/device_authorization", None, &fields).await
    };
    assert_eq!(begin("urn:example:nowhere").await.error(), (400, "invalid_target".to_owned()));
    let device = begin(NOTES_TOO).await.json();
    let poll = async |device: &serde_json::Value, resource: &str| {
        let code = text(device, "device_code");
        let fields = [("grant_type", DEVICE_CODE), ("client_id", "tv"), ("device_code", code), ("resource", resource)];
        server.post("/token", None, &fields).await
    };
    let mut browser = server.signed_in().await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert!(page.body.contains("notes.example") && page.body.contains("Read your notes"), "{}", page.body);
    browser.press(&page, "yes").await;
    assert_eq!(poll(&device, MAPS).await.error(), (400, "invalid_target".to_owned()));
    let tokens = poll(&device, NOTES).await;
    assert_eq!(tokens.status, StatusCode::OK, "nothing was spent: {}", tokens.body);
    assert_eq!(claims(text(&tokens.json(), "access_token"))["aud"], NOTES);
    // One that was deleted before anybody answered.
    let device = begin(MAPS).await.json();
    server.admin("DELETE", &address(&maps), &json!({})).await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}
