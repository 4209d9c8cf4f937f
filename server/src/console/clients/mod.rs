//! `/admin/ui/clients`: applications.

mod credentials;
mod danger;
mod list;
mod new;
mod overview;
mod policy;
mod settings;
mod wizard;

use axum::Router;
use axum::routing::{get, post};

use idp::{SaveError, UnknownScopes};
use oauth::client::{Client, ClientDraft};
use oauth::secret::Secret;

use super::admin::Admin;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route("/admin/ui/clients", get(list::get))
        .route("/admin/ui/clients/wizard", get(wizard::get).post(wizard::post))
        .route("/admin/ui/clients/new", get(new::get).post(new::post))
        .route("/admin/ui/clients/{client_id}", get(overview::get))
        .route("/admin/ui/clients/{client_id}/settings", get(settings::get).post(settings::post))
        .route("/admin/ui/clients/{client_id}/policy", get(policy::get).post(policy::post))
        .route("/admin/ui/clients/{client_id}/credentials", get(credentials::get).post(credentials::add))
        .route("/admin/ui/clients/{client_id}/credentials/revoke", post(credentials::revoke))
        .route("/admin/ui/clients/{client_id}/danger", get(danger::get))
        .route("/admin/ui/clients/{client_id}/enabled", post(danger::set_enabled))
        .route("/admin/ui/clients/{client_id}/delete", post(danger::delete))
}

/// Creates the client that a form describes, with its secret if it needs one.
async fn create(signet: &Signet, admin: &Admin, draft: &ClientDraft) -> Result<(Client, Option<Secret>), SaveError> {
    draft.check_form()?;
    signet.idp.create_client(&admin.actor, draft, None, None, UnknownScopes::Refuse).await
}
