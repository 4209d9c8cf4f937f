//! `GET /admin/ui/clients`.

use app::console::clients::list::ClientRow;
use app::console::path;
use axum::extract::State;
use axum::response::Response;

use crate::console::admin::Admin;
use crate::console::listed::{ask, elsewhere, page};
use crate::console::paging::PageQuery;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let (listing, unread) = ask(query);
    let found = signet.idp.list_clients(&listing.shown()).await?;
    if let Some(elsewhere) = elsewhere(path::CLIENTS, &listing, &found) {
        return Ok(elsewhere);
    }
    let page = page(&signet, (listing, unread), found, |row| ClientRow {
        client: row.client,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    });
    Ok(admin.ok(|console| page.render(console)))
}
