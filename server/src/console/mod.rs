//! The console under `/admin/ui`: each page a GET, each form a POST that goes to a page again.

mod admin;
mod api;
mod clients;
mod dashboard;
mod keys;
mod login;
mod paging;
mod save;
mod scopes;
mod search;
mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::state::Signet;

/// The routes of the console.
pub(crate) fn routes(signet: &Signet) -> Router<Signet> {
    Router::new()
        .route("/admin", get(async || crate::http::see_other("/admin/ui")))
        .route("/admin/login", get(login::get).post(login::post))
        .route("/admin/logout", get(login::logout).post(login::logout))
        .route("/admin/ui", get(dashboard::get))
        .route("/admin/ui/api/search", post(search::post))
        .route("/admin/ui/api", get(api::get))
        .route("/admin/ui/keys", get(keys::get).post(keys::post))
        .merge(scopes::routes())
        .merge(users::routes())
        .merge(clients::routes())
        .route("/admin/ui/{*rest}", get(admin::not_found))
        .layer(from_fn_with_state(signet.clone(), admin::frame_not_found))
}
