//! The search behind the palette.

use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::site::outside;
use crate::console::path;

/// The reason for which the search did not answer. Closed: nothing from inside the server reaches the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConsoleError {
    #[error("The database cannot be reached just now.")]
    Unavailable,
    #[error("The server did not answer.")]
    Transport,
}

/// A kind of hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HitKind {
    Page,
    Client,
    User,
    Scope,
    Resource,
    Trust,
    Docs,
    /// A request that was refused.
    Request,
}

/// Something to jump to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub kind: HitKind,
    pub title: String,
    /// A detail that tells it from others of the same title: an ID, an address. May be empty.
    pub detail: String,
    /// An address of the server.
    pub href: String,
}

/// A search, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub query: String,
}

/// All that fits what was typed; nothing when the server does not answer, or nobody is signed in to the console any more. The server
/// answers in `server/src/console/search.rs`.
pub(super) async fn search(query: String) -> Vec<Hit> {
    let answer = ask(&Search { query }).await;
    answer.and_then(|answer| serde_json::from_str(&answer).ok()).unwrap_or_default()
}

async fn ask(search: &Search) -> Option<String> {
    let (request, headers) = (RequestInit::new(), Headers::new().ok()?);
    headers.set("Content-Type", "application/json").ok()?;
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(&serde_json::to_string(search).ok()?));
    let answer = window().fetch_with_str_and_init(&outside(path::SEARCH), &request);
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    answer.ok().then_some(text)
}
