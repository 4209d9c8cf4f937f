//! `/admin/ui/resources`: the APIs that tokens are for.

mod credentials;
mod danger;
mod list;
mod server;
mod settings;

use app::console::path;
use axum::Router;
use axum::routing::{get, post};

use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let part = |part| path::resource_part("{id}", part);
    Router::new()
        .route(path::RESOURCES, get(list::get))
        .route(path::RESOURCE_NEW, get(settings::new).post(settings::create))
        .route(&path::resource("{id}"), get(settings::get).post(settings::save))
        .route(&part("accept"), post(settings::accept))
        .route(&part("server"), get(server::get))
        .route(&part("check"), post(server::check))
        .route(&part("credentials"), get(credentials::get).post(credentials::add))
        .route(&part("credentials/revoke"), get(credentials::ask_revocation).post(credentials::revoke))
        .route(&part("danger"), get(danger::get))
        .route(&part("delete"), post(danger::delete))
}
