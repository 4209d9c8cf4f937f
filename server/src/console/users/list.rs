//! `GET /admin/ui/users`.

use app::console::users::list::{UserListPage, UserRow};
use axum::extract::State;
use axum::response::Response;

use crate::console::admin::Admin;
use crate::console::paging::{created_since, page_request, past_the_end};
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let q = query.text("q");
    let since = created_since(&query);
    let found = match since {
        Some(since) => signet.idp.list_new_users(since, page_request(&query)).await?,
        None => signet.idp.list_users(&q, page_request(&query)).await?,
    };
    if let Some(elsewhere) = past_the_end(app::console::path::USERS, &query, &found) {
        return Ok(elsewhere);
    }
    let row = |row: idp::UserRow| UserRow {
        user: row.user,
        created_at: row.created_at,
        last_sign_in_at: row.last_sign_in_at,
    };
    let page = UserListPage {
        rows: found.rows.into_iter().map(row).collect(),
        q,
        since,
        page: found.request.number,
        per_page: found.request.size,
        total: found.total,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
