//! `POST /admin/ui/api/search`: the server function behind the command palette.

use app::islands::{ConsoleError, Hit, HitKind, SearchDoor};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use idp::{ClientFilter, PageRequest};
use leptos::prelude::provide_context;

use super::admin::Admin;
use crate::state::Signet;

/// Hits of each kind.
const HITS: u64 = 5;

/// The body is read here, so that it is held to the limit of all bodies.
pub(crate) async fn post(State(signet): State<Signet>, _: Admin, parts: Parts, body: Bytes) -> Response {
    let request = Request::from_parts(parts, Body::from(body));
    let door = SearchDoor::new(move |query: String| {
        let signet = signet.clone();
        async move { search(&signet, query).await.map_err(|_| ConsoleError::Unavailable) }
    });
    leptos_axum::handle_server_fns_with_context(move || provide_context(door.clone()), request).await.into_response()
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
