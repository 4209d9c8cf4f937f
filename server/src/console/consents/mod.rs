//! `/admin/ui/consents`: when people are asked, and what.

mod check;
mod policies;

use app::console::path;
use axum::Router;
use axum::routing::get;

use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::CONSENTS, get(policies::get).post(policies::post))
        .route(path::CONSENT_CHECK, get(check::get))
}
