//! `POST /admin/ui/api/search`: the answers to the palette, as JSON.

use app::islands::search::Search;
use app::islands::{ConsoleError, Hit, HitKind};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp::{ClientFilter, PageRequest};

use super::admin::Admin;
use crate::state::Signet;

/// Hits of each kind.
const HITS: u64 = 5;

pub(crate) async fn post(State(signet): State<Signet>, _: Admin, body: Bytes) -> Response {
    let Ok(Search { query }) = serde_json::from_slice(&body) else {
        return (StatusCode::BAD_REQUEST, Json(ConsoleError::Transport)).into_response();
    };
    match search(&signet, query).await {
        Ok(hits) => Json(hits).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(ConsoleError::Unavailable)).into_response(),
    }
}

async fn search(signet: &Signet, text: String) -> Result<Vec<Hit>, idp::Error> {
    let page = PageRequest::new(1, HITS);
    let users = signet.idp.list_users(&text, page).await?;
    let clients = signet.idp.list_clients(&ClientFilter { text, kind: None }, page).await?;
    let client = |row: idp::ClientRow| Hit {
        kind: HitKind::Client,
        href: app::console::path::client(row.client.client_id.as_str()),
        title: row.client.client_name,
        detail: row.client.client_id.into_string(),
    };
    let user = |row: idp::UserRow| Hit {
        kind: HitKind::User,
        href: app::console::path::user(row.user.subject.as_str()),
        title: row.user.username,
        detail: row.user.email.unwrap_or_default(),
    };
    Ok(clients.rows.into_iter().map(client).chain(users.rows.into_iter().map(user)).collect())
}
