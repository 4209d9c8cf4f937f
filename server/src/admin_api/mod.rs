//! The admin API: JSON under `/admin`, for scripts that hold the admin token. It calls the same functions of the provider as the
//! console does. What it takes and answers is a contract that older scripts rely on: lists are taken as arrays or as words in
//! one string, and answered as words in one string.

mod agents;
pub(crate) mod answer;
mod bin;
mod body;
mod client_secrets;
mod clients;
mod consents;
mod defaults;
mod events;
mod grants;
mod history;
mod keys;
mod listing;
mod logouts;
pub(crate) mod openapi;
mod policy;
pub(crate) mod refusals;
mod registration;
mod resource_schema;
mod resources;
pub(crate) mod schema;
mod scopes;
mod segment;
mod sent;
mod sessions;
pub(crate) mod token;
mod trusts;
mod users;
mod window;

pub(crate) use events::EventAnswer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Signet;

/// The routes of the admin API, each with its description.
pub(crate) fn routes() -> OpenApiRouter<Signet> {
    OpenApiRouter::new()
        .routes(routes!(clients::list, clients::create))
        .routes(routes!(clients::get, clients::put_client, clients::update, clients::delete))
        .routes(routes!(policy::get, policy::post))
        .merge(client_secrets::routes())
        .merge(logouts::routes())
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::get, users::update, users::delete))
        .routes(routes!(agents::hosts, agents::change_hosts))
        .routes(routes!(agents::list, agents::put))
        .routes(routes!(consents::list))
        .routes(routes!(consents::withdraw))
        .routes(routes!(consents::list_of_client, consents::withdraw_all))
        .merge(sessions::routes())
        .merge(grants::routes())
        .routes(routes!(scopes::list, scopes::save))
        .routes(routes!(scopes::delete))
        .merge(defaults::routes())
        .merge(registration::routes())
        .routes(routes!(resources::list, resources::create))
        .routes(routes!(resources::get, resources::put_resource, resources::update, resources::delete))
        .routes(routes!(resources::add_secret))
        .routes(routes!(resources::revoke_secret))
        .routes(routes!(events::list))
        .merge(trusts::routes())
        .merge(keys::routes())
        .merge(history::routes())
        .merge(bin::routes())
}
