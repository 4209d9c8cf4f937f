//! `GET /admin/ui/trusts`.

use app::console::path;
use app::console::trusts::list::{TrustListPage, TrustRow};
use axum::extract::State;
use axum::response::Response;

use crate::console::admin::Admin;
use crate::console::paging::{page_request, past_the_end};
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let found = signet.idp.list_trusts(page_request(&query)).await?;
    if let Some(elsewhere) = past_the_end(path::TRUSTS, &query, &found) {
        return Ok(elsewhere);
    }
    let row = |row: idp::TrustRow| TrustRow { trust: row.trust, created_at: row.created_at };
    let page = TrustListPage {
        rows: found.rows.into_iter().map(row).collect(),
        page: found.request.number,
        per_page: found.request.size,
        total: found.total,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
