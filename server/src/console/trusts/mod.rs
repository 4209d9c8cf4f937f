//! `/admin/ui/trusts`: issuers elsewhere that are believed, and servers that take assertions of this one.

mod accounts;
mod danger;
mod list;
mod settings;

use app::console::path;
use axum::Router;
use axum::routing::{get, post};

use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let part = |part| path::trust_part("{id}", part);
    Router::new()
        .route(path::TRUSTS, get(list::get))
        .route(path::TRUST_NEW, get(settings::new).post(settings::create))
        .route(&path::trust("{id}"), get(settings::get).post(settings::save))
        .route(&part("check"), post(settings::check))
        .route(&part("accounts"), get(accounts::get).post(accounts::link))
        .route(&part("accounts/end"), get(accounts::ask).post(accounts::end))
        .route(&part("danger"), get(danger::get))
        .route(&part("delete"), post(danger::delete))
}
