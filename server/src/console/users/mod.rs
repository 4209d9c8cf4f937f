//! `/admin/ui/users`: people.

mod danger;
mod list;
mod new;
mod profile;
mod security;

use axum::Router;
use axum::routing::{get, post};

use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route("/admin/ui/users", get(list::get))
        .route("/admin/ui/users/new", get(new::get).post(new::post))
        .route("/admin/ui/users/{subject}", get(profile::get).post(profile::post))
        .route("/admin/ui/users/{subject}/security", get(security::get))
        .route("/admin/ui/users/{subject}/password", post(security::set_password))
        .route("/admin/ui/users/{subject}/revoke", post(security::revoke))
        .route("/admin/ui/users/{subject}/danger", get(danger::get))
        .route("/admin/ui/users/{subject}/delete", post(danger::delete))
}
