//! `GET /admin/ui/trusts`.

use app::console::path;
use app::console::trusts::list::TrustRow;
use axum::extract::State;
use axum::response::Response;

use crate::console::admin::Admin;
use crate::console::listed::{ask, elsewhere, page};
use crate::console::paging::PageQuery;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let (listing, unread) = ask(query);
    let found = signet.idp.list_trusts(&listing).await?;
    if let Some(elsewhere) = elsewhere(path::TRUSTS, &listing, &found) {
        return Ok(elsewhere);
    }
    let page = page(&signet, (listing, unread), found, |row| TrustRow { trust: row.trust, created_at: row.created_at });
    Ok(admin.ok(|console| page.render(console)))
}
