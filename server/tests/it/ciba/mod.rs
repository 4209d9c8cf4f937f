//! OpenID Connect Client-Initiated Backchannel Authentication: a client asks for somebody by name, they answer in a browser of their own,
//! the client polls or is told. Tests that cover a module of the conformance suite bear its name.

mod approve;
mod ask;
mod clients;
mod fapi;
mod ping;
mod poll;
mod races;

use axum::http::StatusCode;
use oauth::client::{ClientDraft, ClientKind};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{SECRET, Server, text};

const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// Registers a client that asks for people, and has no redirect URI.
pub(crate) async fn create_asking(server: &Server, id: &str, change: impl FnOnce(&mut ClientDraft)) {
    server
        .create_client(ClientKind::Web, id, |draft, _| {
            draft.grant_types = vec![CIBA.to_owned(), "refresh_token".to_owned()];
            draft.redirect_uris = String::new();
            change(draft);
        })
        .await;
}

/// Registers the client `bank`.
async fn with_bank(server: &Server) {
    create_asking(server, "bank", |_| {}).await;
}

pub(crate) async fn ask_as(server: &Server, id: &str, fields: &[(&str, &str)]) -> Answer {
    server.post("/bc-authorize", Some(&format!("{id}:{SECRET}")), fields).await
}

/// The bank asks for alice: what `/bc-authorize` answered.
async fn ask(server: &Server, scope: &str) -> Value {
    let answer = ask_as(server, "bank", &[("scope", scope), ("login_hint", "alice")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

pub(crate) async fn poll_as(server: &Server, id: &str, asked: &Value, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", CIBA), ("auth_req_id", text(asked, "auth_req_id"))], more].concat();
    server.post("/token", Some(&format!("{id}:{SECRET}")), &fields).await
}

async fn poll(server: &Server, asked: &Value) -> Answer {
    poll_as(server, "bank", asked, &[]).await
}

/// Presses a button of the latest request that waits for whoever is signed in.
async fn answer(browser: &mut Browser<'_>, button: &str) -> Answer {
    let page = browser.get("/approve").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    browser.press(&page, button).await
}

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}
