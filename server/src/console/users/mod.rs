//! `/admin/ui/users`: people.

mod consents;
mod danger;
mod list;
mod new;
mod profile;
mod security;

use app::console::path;
use axum::Router;
use axum::routing::{get, post};

use super::activity;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let part = |part| path::user_part("{subject}", part);
    Router::new()
        .route(path::USERS, get(list::get))
        .route(path::USER_NEW, get(new::get).post(new::post))
        .route(&path::user("{subject}"), get(profile::get).post(profile::post))
        .route(&part("security"), get(security::get))
        .route(&part("password"), post(security::set_password))
        .route(&part("revoke"), get(security::ask_revocation).post(security::revoke))
        .route(&part("consents"), get(consents::get).post(consents::take_back))
        .route(&part("consents/withdraw"), get(consents::ask).post(consents::withdraw))
        .route(&part("activity"), get(activity::of_user))
        .route(&part("danger"), get(danger::get))
        .route(&part("delete"), post(danger::delete))
}
