//! The console under `/admin/ui`: each page a GET, each form a POST that goes to a page again.

mod activity;
mod admin;
mod agents;
mod api;
mod bin;
mod chosen;
mod clients;
mod concerns;
mod consents;
mod dashboard;
mod editing;
mod explain;
mod gone;
mod grants;
mod handover;
mod history;
mod kept;
mod keys;
mod listed;
mod live;
mod login;
mod paging;
mod registration;
mod replays;
mod resources;
mod scopes;
mod search;
mod sessions;
mod settings;
mod trusts;
mod users;

pub(crate) use admin::{Resumed, done};
use app::console::path;
use axum::Extension;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
pub(crate) use handover::hand_over_to;
pub(crate) use live::Streams;

use crate::http::see_other;
use crate::state::Signet;

/// The routes of the console.
pub(crate) fn routes(signet: &Signet) -> Router<Signet> {
    let pages = Router::new()
        .route(path::DASHBOARD, get(dashboard::get))
        .route(path::SEARCH, post(search::post))
        .route(path::API, get(api::get))
        .route(path::ACTIVITY, get(activity::get))
        .route(path::ACTIVITY_EXPORT, get(activity::export))
        .route(path::ACTIVITY_LIVE, get(live::get))
        .route(&path::event("{id}"), get(activity::event))
        .route(&path::explanation("{request_id}"), get(explain::get))
        .route(path::KEYS, get(keys::get).post(keys::post))
        .route(path::KEY_ROTATE, get(keys::ask_rotation))
        .route(path::KEY_WITHDRAW, get(keys::ask_withdrawal).post(keys::withdraw))
        .route(path::SETTINGS, get(settings::get).post(settings::post))
        .merge(history::routes())
        .merge(bin::routes())
        .merge(registration::routes())
        .merge(scopes::routes())
        .merge(consents::routes())
        .merge(sessions::routes())
        .merge(grants::routes())
        .merge(agents::routes())
        .merge(trusts::routes())
        .merge(resources::routes())
        .merge(chosen::routes())
        .merge(users::routes())
        .merge(clients::routes())
        .route(path::REST, get(admin::not_found))
        .route_layer(from_fn(listed::press))
        .layer(from_fn_with_state(signet.clone(), admin::frame_not_found));
    let forms = kept::Forms::new(pages.clone().with_state(signet.clone()));
    Router::new()
        .route(path::DOOR, get(async || see_other(path::DASHBOARD)))
        .route(path::LOGIN, get(login::get).post(login::post))
        .route(path::LOGOUT, get(login::logout).post(login::logout))
        .layer(Extension(forms))
        .merge(pages.layer(from_fn_with_state(signet.clone(), kept::keep_form)))
}
