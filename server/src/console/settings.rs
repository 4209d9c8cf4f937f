//! `/admin/ui/settings`: what applies to every client that does not decide otherwise.

use app::console::settings::SettingsPage;
use app::console::{Editing, Flash, path};
use axum::extract::State;
use axum::response::Response;
use idp::{Recordable, Target};
use oauth::client::PolicyDraft;

use super::admin::{Admin, done};
use super::editing::{Sent, Unsaved, after_edit};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin) -> Result<Response, Failure> {
    let defaults = signet.idp.client_defaults().await?;
    let page = SettingsPage { editing: Editing::of(PolicyDraft::from(&*defaults.policy), defaults.version) };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let mut draft = PolicyDraft::from(&*signet.idp.client_defaults().await?.policy);
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    let save = async {
        let actor = admin.actor()?;
        Ok::<_, Unsaved>(signet.idp.save_client_defaults(actor, &sent.draft, sent.version).await?)
    };
    match save.await {
        Ok(()) => Ok(done(path::SETTINGS, Flash::Saved)),
        Err(error) => {
            let now = signet.idp.client_defaults().await?;
            let saved = (PolicyDraft::from(&*now.policy), now.version);
            let (status, editing) = after_edit(&signet, &Target::all(Recordable::Settings), error, sent, saved).await?;
            Ok(admin.page(status, |console| SettingsPage { editing }.render(console)))
        }
    }
}
