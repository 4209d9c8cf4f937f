//! `POST /admin/ui/clients/{client_id}/development`: switches development mode on, for a day, or off.

use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, DEVELOPMENT_TIME, SaveError};
use oauth::client::ClientDraft;
use oauth::id::ClientId;

use crate::console::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let (actor, record) = (admin.actor()?, signet.idp.get_client(&client_id).await?);
    let is_on = form.text("development") == "on";
    let until = if is_on { signet.idp.now().plus(DEVELOPMENT_TIME).0.to_string() } else { String::new() };
    let draft = ClientDraft { development_until: until, ..ClientDraft::from(&record.client) };
    let change = ClientChange { client: Some(draft), ..ClientChange::default() };
    let flash = match signet.idp.update_client(actor, &client_id, Some(record.version), &change).await {
        Ok(()) if is_on => Flash::Enabled,
        Ok(()) => Flash::Disabled,
        // Somebody changed the client this moment, or it is one that cannot be saved as it is.
        Err(SaveError::Stale | SaveError::Invalid(_)) => Flash::NotSaved,
        Err(SaveError::NotFound) => return Err(idp::Error::NotFound.into()),
        Err(SaveError::Failed(error)) => return Err(error.into()),
    };
    Ok(done(&path::client_part(client_id.as_str(), "quickstart"), flash))
}
