//! `/admin/ui/clients/{client_id}/settings`.

use app::console::clients::settings::ClientSettingsPage;
use app::console::{Editing, Flash};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientRecord, Recordable, Target};
use oauth::client::ClientDraft;
use oauth::id::ClientId;

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after_edit};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_client(&ClientId::new(client_id)).await?;
    let editing = Editing::of(ClientDraft::from(&record.client), record.version);
    let page = page(&signet, record, editing).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let mut draft = ClientDraft::from(&signet.idp.get_client(&client_id).await?.client);
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, ClientDraft { client_id: client_id.to_string(), ..draft });
    match save(&signet, &admin, &client_id, &sent).await {
        Ok(()) => Ok(done(&app::console::path::client_part(client_id.as_str(), "settings"), Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_client(&client_id).await?;
            let (target, saved) =
                (Target::new(Recordable::Client, client_id.as_str()), ClientDraft::from(&record.client));
            let (status, editing) = after_edit(&signet, &target, error, sent, (saved, record.version)).await?;
            let page = page(&signet, record, editing).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn save(signet: &Signet, admin: &Admin, client_id: &ClientId, sent: &Sent<ClientDraft>) -> Result<(), Unsaved> {
    let actor = admin.actor()?;
    sent.draft.check_form()?;
    let change = ClientChange { client: Some(sent.draft.clone()), ..ClientChange::default() };
    Ok(signet.idp.update_client(actor, client_id, sent.version, &change).await?)
}

async fn page(
    signet: &Signet,
    record: ClientRecord,
    editing: Editing<ClientDraft>,
) -> Result<ClientSettingsPage, Failure> {
    Ok(ClientSettingsPage { client: record.client, editing, scopes: signet.idp.scopes().await?.to_vec() })
}
