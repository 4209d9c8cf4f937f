//! `POST /admin/ui/api/search`: the answers to the palette, as JSON.

use app::console::path;
use app::islands::search::Search;
use app::islands::{ConsoleError, Hit, HitKind};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oauth::listing::{ClientFilter, Listing, UserFilter};
use oauth::user::search_key;

use super::admin::Admin;
use crate::http::access::is_request_id;
use crate::state::Signet;
use crate::{docs, explain};

/// Hits of each kind.
const HITS: u64 = 5;

/// Characters of the shortest text that is looked for among request IDs.
const SHORTEST_ID: usize = 8;

pub(crate) async fn post(State(signet): State<Signet>, _: Admin, body: Bytes) -> Response {
    let Ok(Search { query }) = serde_json::from_slice(&body) else {
        return (StatusCode::BAD_REQUEST, Json(ConsoleError::Transport)).into_response();
    };
    // Nothing has one in its name, and databases differ in what they make of it.
    if query.contains('\0') {
        return Json(Vec::<Hit>::new()).into_response();
    }
    match search(&signet, query).await {
        Ok(hits) => Json(hits).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(ConsoleError::Unavailable)).into_response(),
    }
}

async fn search(signet: &Signet, text: String) -> Result<Vec<Hit>, idp::Error> {
    let filter = UserFilter { text: text.clone(), ..UserFilter::default() };
    let users = signet.idp.list_users(&Listing::new(filter, HITS)).await?;
    let filter = ClientFilter { text: text.clone(), ..ClientFilter::default() };
    let clients = signet.idp.list_clients(&Listing::new(filter, HITS)).await?;
    let client = |row: idp::ClientRow| Hit {
        kind: HitKind::Client,
        href: path::client(row.client.client_id.as_str()),
        title: row.client.client_name,
        detail: row.client.client_id.into_string(),
    };
    let user = |row: idp::UserRow| Hit {
        kind: HitKind::User,
        href: path::user(row.user.subject.as_str()),
        title: row.user.username,
        detail: row.user.claims.name.or(row.user.email).unwrap_or_default(),
    };
    let mut hits: Vec<_> = clients.rows.into_iter().map(client).chain(users.rows.into_iter().map(user)).collect();
    hits.extend(request(signet, &text).await?);
    hits.extend(settings(signet, &text).await?);
    hits.extend(documentation(&text));
    Ok(hits)
}

/// The request of which `text` is the ID, if something is kept of it. Looking writes the events that wait, so it is done only for a text
/// that looks like one: IDs are random, and hold a digit where most names hold none.
async fn request(signet: &Signet, text: &str) -> Result<Option<Hit>, idp::Error> {
    let id = text.trim();
    let is_likely = id.len() >= SHORTEST_ID && is_request_id(id) && id.bytes().any(|byte| byte.is_ascii_digit());
    if !is_likely {
        return Ok(None);
    }
    let event = explain::find_event(&signet.idp, id).await?;
    Ok(event.map(|event| Hit {
        kind: HitKind::Request,
        href: path::explanation(id),
        title: "Why was it refused?".to_owned(),
        detail: event.error.unwrap_or_else(|| event.kind.to_string()),
    }))
}

/// Scopes, resources and trusts. There are few of them.
async fn settings(signet: &Signet, text: &str) -> Result<Vec<Hit>, idp::Error> {
    let key = search_key(text);
    let most = usize::try_from(HITS).unwrap_or(usize::MAX);
    if key.is_empty() {
        return Ok(Vec::new());
    }
    let hit =
        |kind, title: &str, detail: &str, href| Hit { kind, title: title.to_owned(), detail: detail.to_owned(), href };
    let scopes = signet.idp.scopes().await?;
    let fits = |text: &str| search_key(text).contains(&key);
    let scopes = scopes.iter().filter(|scope| fits(scope.name.as_str()) || fits(&scope.description)).take(most);
    let scopes = scopes
        .map(|scope| hit(HitKind::Scope, scope.name.as_str(), &scope.description, path::scope(scope.name.as_str())));
    let resources = signet.idp.search_resources(text, most).await?;
    let resources = resources.iter().map(|resource| {
        hit(HitKind::Resource, &resource.name, resource.identifier.as_str(), path::resource(resource.id.as_str()))
    });
    let trusts = signet.idp.search_trusts(text, most).await?;
    let trusts =
        trusts.iter().map(|trust| hit(HitKind::Trust, &trust.name, &trust.issuer, path::trust(trust.id.as_str())));
    Ok(scopes.chain(resources).chain(trusts).collect())
}

fn documentation(text: &str) -> impl Iterator<Item = Hit> {
    let found = docs::find_titles(text, usize::try_from(HITS).unwrap_or(usize::MAX));
    found.into_iter().map(|(title, detail, href)| Hit { kind: HitKind::Docs, title, detail, href })
}
