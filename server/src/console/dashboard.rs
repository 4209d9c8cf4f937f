//! `GET /admin/ui`.

use app::console::dashboard::DashboardPage;
use axum::extract::State;
use axum::response::Response;

use super::admin::Admin;
use super::keys::rows;
use crate::http::failure::Failure;
use crate::state::Signet;

pub(crate) async fn get(State(signet): State<Signet>, admin: Admin) -> Result<Response, Failure> {
    let page = DashboardPage {
        issuer: signet.issuer().to_string(),
        clients: signet.idp.count_clients().await?,
        users: signet.idp.count_users().await?,
        sessions: signet.idp.count_sessions().await?,
        tokens: signet.idp.count_access_tokens().await?,
        keys: rows(&signet),
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
