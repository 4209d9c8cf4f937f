//! `/admin/ui/clients`: applications.

mod consents;
mod credentials;
mod danger;
mod development;
mod list;
mod logout;
mod new;
mod overview;
mod policy;
mod quickstart;
mod settings;
mod trial;
mod wizard;

use app::console::path;
use axum::Router;
use axum::routing::{get, post};

use idp::UnknownScopes;
use oauth::client::{Client, NewClientDraft};
use oauth::secret::Secret;

use super::activity;
use super::admin::Admin;
use super::editing::Unsaved;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let part = |part| path::client_part("{client_id}", part);
    Router::new()
        .route(path::CLIENTS, get(list::get))
        .route(path::TRIAL, get(trial::get))
        .route(path::CLIENT_WIZARD, get(wizard::get).post(wizard::post))
        .route(path::CLIENT_NEW, get(new::get).post(new::post))
        .route(&path::client("{client_id}"), get(overview::get))
        .route(&part("quickstart"), get(quickstart::get))
        .route(&part("settings"), get(settings::get).post(settings::post))
        .route(&part("policy"), get(policy::get).post(policy::post))
        .route(&part("credentials"), get(credentials::get).post(credentials::add))
        .route(&part("credentials/revoke"), get(credentials::ask_revocation).post(credentials::revoke))
        .route(&part("consents"), get(consents::get))
        .route(&part("consents/withdraw"), get(consents::ask).post(consents::withdraw))
        .route(&part("logout"), get(logout::get))
        .route(&part("logout/test"), post(logout::test))
        .route(&part("logout/send"), post(logout::send))
        .route(&part("activity"), get(activity::of_client))
        .route(&part("development"), post(development::post))
        .route(&part("danger"), get(danger::get))
        .route(&part("enabled"), get(danger::ask_disabling).post(danger::set_enabled))
        .route(&part("delete"), post(danger::delete))
}

/// Creates the client that a form describes, with its secret if it needs one.
async fn create(signet: &Signet, admin: &Admin, draft: &NewClientDraft) -> Result<(Client, Option<Secret>), Unsaved> {
    let actor = admin.actor()?;
    draft.check_form()?;
    Ok(signet.idp.create_client(actor, &draft.client, Some(&draft.policy), None, UnknownScopes::Refuse).await?)
}
