//! Authorization details that a device asks for (RFC 8628 with RFC 9396).

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::{Value, json};

use super::{INVALID, accounts, payment};
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

on_every_database!(a_device_gets_the_details_that_a_person_was_shown);

async fn a_device_gets_the_details_that_a_person_was_shown(server: Server) {
    let (bank, _) = server.with_details().await;
    server
        .create_client(ClientKind::Native, "tv", |draft, _| {
            draft.grant_types = vec![DEVICE_CODE.to_owned(), "refresh_token".to_owned()];
            draft.redirect_uris = String::new();
            draft.authorization_details_types = "payment_initiation account_information".to_owned();
        })
        .await;
    let all = json!([payment("123.50"), accounts()]);
    let begin = async || {
        let fields = [("client_id", "tv"), ("authorization_details", &all.to_string())];
        let answer = server.post("/device_authorization", None, &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    };
    let poll = async |device: &Value, details: &Value| {
        let text_of = details.to_string();
        let code = text(device, "device_code");
        let mut fields = vec![("grant_type", DEVICE_CODE), ("client_id", "tv"), ("device_code", code)];
        if !details.is_null() {
            fields.push(("authorization_details", &text_of));
        }
        server.post("/token", None, &fields).await
    };
    let device = begin().await;
    let mut browser = server.signed_in().await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    for words in ["Make a payment", "123.50", "Merchant A", "See what is on your accounts", "Example Bank"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(browser.press(&page, "yes").await.location(), "/device?done=allowed");
    assert_eq!(poll(&device, &json!([payment("1")])).await.error(), (400, INVALID.to_owned()));
    let tokens = poll(&device, &json!([accounts()])).await;
    assert_eq!(tokens.status, StatusCode::OK, "nothing was spent: {}", tokens.body);
    assert_eq!(tokens.json()["authorization_details"], json!([accounts()]));
    let tokens = tokens.json();
    let refresh = text(&tokens, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("client_id", "tv"), ("refresh_token", refresh)];
    let refreshed = server.post("/token", None, &fields).await.json();
    assert_eq!(refreshed["authorization_details"], all);
    // What was allowed on a device is remembered, and shown.
    assert!(browser.get("/account").await.body.contains("Merchant A"));
    // A type that is gone before anybody answered: nobody can be shown what it was.
    let device = begin().await;
    let types = json!({ "authorization_details_types": [{ "type": "account_information", "fields": ["actions"] }] });
    server.change_resource(&bank, &types).await;
    let page = browser.post("/device", &[("user_code", text(&device, "user_code"))]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}
