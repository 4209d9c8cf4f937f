//! `GET /admin/ui`.

use app::console::dashboard::DashboardPage;
use axum::extract::State;
use axum::response::Response;

use super::admin::Admin;
use super::keys::rows;
use crate::http::failure::Failure;
use crate::state::App;

pub(crate) async fn get(State(app): State<App>, admin: Admin) -> Result<Response, Failure> {
    let page = DashboardPage {
        issuer: app.issuer().to_string(),
        clients: app.idp.count_clients().await?,
        users: app.idp.count_users().await?,
        sessions: app.idp.count_sessions().await?,
        tokens: app.idp.count_access_tokens().await?,
        keys: rows(&app),
        now: app.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}
