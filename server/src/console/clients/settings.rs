//! `/admin/ui/clients/{client_id}/settings`.

use app::console::Flash;
use app::console::clients::settings::ClientSettingsPage;
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientRecord};
use oauth::client::ClientDraft;
use oauth::field::FieldErrors;
use oauth::id::ClientId;

use crate::console::admin::{Admin, done};
use crate::console::save::refuse;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_client(&ClientId::new(client_id)).await?;
    let (draft, version) = (ClientDraft::from(&record.client), record.version);
    let page = page(&signet, record, draft, version).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let current = signet.idp.get_client(&client_id).await?;
    let draft = ClientDraft { client_id: client_id.to_string(), ..ClientDraft::from_form(&form) };
    let version: Option<i64> = form.text("version").parse().ok();
    let change = ClientChange { client: Some(draft.clone()), ..ClientChange::default() };
    let updated = match draft.check_form() {
        Ok(()) => signet.idp.update_client(&admin.actor, &client_id, version, &change).await,
        Err(errors) => Err(errors.into()),
    };
    match updated {
        Ok(()) => Ok(done(&app::console::path::client_part(client_id.as_str(), "settings"), Flash::Saved)),
        Err(error) => {
            let refused = refuse(error)?;
            // After a conflict the form carries the version it now competes with: saving again is a decision.
            let version = if refused.conflict { current.version } else { version.unwrap_or(current.version) };
            let page = page(&signet, current, draft, version).await?;
            let page = ClientSettingsPage { errors: refused.errors, conflict: refused.conflict, ..page };
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}

async fn page(
    signet: &Signet,
    record: ClientRecord,
    draft: ClientDraft,
    version: i64,
) -> Result<ClientSettingsPage, Failure> {
    Ok(ClientSettingsPage {
        client: record.client,
        draft,
        errors: FieldErrors::default(),
        version,
        conflict: false,
        scopes: signet.idp.scopes().await?.to_vec(),
    })
}
