//! `GET /admin/ui/clients`.

use app::console::clients::list::{ClientListPage, ClientRow};
use axum::extract::State;
use axum::response::Response;
use idp::ClientFilter;
use oauth::client::ClientKind;

use crate::console::admin::Admin;
use crate::console::paging::{created_since, page_request, past_the_end};
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let filter = ClientFilter { text: query.text("q"), kind: ClientKind::find(&query.text("kind")) };
    let since = created_since(&query);
    let found = match since {
        Some(since) => signet.idp.list_new_clients(since, page_request(&query)).await?,
        None => signet.idp.list_clients(&filter, page_request(&query)).await?,
    };
    if let Some(elsewhere) = past_the_end(app::console::path::CLIENTS, &query, &found) {
        return Ok(elsewhere);
    }
    let row = |row: idp::ClientRow| ClientRow {
        client: row.client,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    let page = ClientListPage {
        rows: found.rows.into_iter().map(row).collect(),
        q: filter.text,
        kind: filter.kind,
        since,
        page: found.request.number,
        per_page: found.request.size,
        total: found.total,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
