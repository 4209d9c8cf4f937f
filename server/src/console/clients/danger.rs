//! `/admin/ui/clients/{client_id}/danger`: disabling and deleting a client.

use app::console::Flash;
use app::console::clients::danger::ClientDangerPage;
use app::console::clients::disable::ClientDisablingPage;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use idp::ClientChange;
use oauth::client::ClientDraft;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::id::ClientId;

use crate::console::admin::{Admin, done};
use crate::console::bin::days;
use crate::console::editing::Unsaved;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_client(&ClientId::new(client_id)).await?;
    let page = ClientDangerPage { client: record.client, errors: FieldErrors::default(), bin_days: days(&signet) };
    Ok(admin.ok(|console| page.render(console)))
}

/// Asks whether to disable the client.
pub(super) async fn ask_disabling(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let client = signet.idp.get_client(&client_id).await?.client;
    let page = ClientDisablingPage { client, grants: signet.idp.count_grants_of_client(&client_id).await? };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn set_enabled(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let (actor, record) = (admin.actor()?, signet.idp.get_client(&client_id).await?);
    let enabled = form.text("enabled") == "yes";
    let draft = ClientDraft { enabled, ..ClientDraft::from(&record.client) };
    let change = ClientChange { client: Some(draft), ..ClientChange::default() };
    match signet.idp.update_client(actor, &client_id, Some(record.version), &change).await {
        Ok(()) => {
            let flash = if enabled { Flash::Enabled } else { Flash::Disabled };
            Ok(done(&app::console::path::client_part(client_id.as_str(), "danger"), flash))
        }
        Err(error) => {
            let (status, errors) = Unsaved::from(error).errors()?;
            let page = ClientDangerPage { client: record.client, errors, bin_days: days(&signet) };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let (actor, record) = (admin.actor()?, signet.idp.get_client(&client_id).await?);
    if form.text("confirm") != client_id.as_str() {
        let page = ClientDangerPage {
            client: record.client,
            errors: FieldErrors::one("confirm", FieldProblem::Confirmation),
            bin_days: days(&signet),
        };
        return Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)));
    }
    signet.idp.delete_client(actor, &client_id).await?;
    Ok(done(app::console::path::CLIENTS, Flash::Deleted))
}
