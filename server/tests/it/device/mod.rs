//! The device grant (RFC 8628): a device shows a code, a person types it in a browser, the device polls.

mod ask;
mod newcomers;
mod page;
mod poll;
mod races;

use axum::http::StatusCode;
use oauth::client::ClientKind;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{SECRET, Server, text};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Registers the public client `tv` and the confidential one `printer`.
async fn with_devices(server: &Server) {
    for (kind, id) in [(ClientKind::Native, "tv"), (ClientKind::Web, "printer")] {
        server
            .create_client(kind, id, |draft, _| {
                draft.grant_types = vec![DEVICE_CODE.to_owned(), "refresh_token".to_owned()];
                draft.redirect_uris = String::new();
            })
            .await;
    }
}

/// A device that waits: what `/device_authorization` answered.
async fn begin(server: &Server, scope: &str) -> Value {
    let answer = server.post("/device_authorization", None, &[("client_id", "tv"), ("scope", scope)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// A poll of the device.
async fn poll(server: &Server, device: &Value) -> Answer {
    let code = text(device, "device_code");
    server.post("/token", None, &[("grant_type", DEVICE_CODE), ("client_id", "tv"), ("device_code", code)]).await
}

/// The same of the client `printer`.
async fn poll_as_printer(server: &Server, device: &Value) -> Answer {
    let fields = [("grant_type", DEVICE_CODE), ("device_code", text(device, "device_code"))];
    server.post("/token", Some(&format!("printer:{SECRET}")), &fields).await
}

/// The question about the device, as somebody who is signed in finds it by its code.
async fn question(browser: &mut Browser<'_>, device: &Value) -> Answer {
    let page = browser.post("/device", &[("user_code", text(device, "user_code"))]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page
}

/// Types the code, and presses a button of the question.
async fn answer(browser: &mut Browser<'_>, device: &Value, button: &str) -> Answer {
    let page = question(browser, device).await;
    browser.press(&page, button).await
}

/// Tokens of alice for the device.
async fn tokens(server: &Server, scope: &str) -> Value {
    let device = begin(server, scope).await;
    let mut browser = server.signed_in().await;
    assert_eq!(answer(&mut browser, &device, "yes").await.location(), "/device?done=allowed");
    let tokens = poll(server, &device).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    tokens.json()
}
