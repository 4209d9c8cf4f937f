//! `/admin/ui/clients/{client_id}/policy`.

use app::console::clients::policy::ClientPolicyPage;
use app::console::{Editing, Flash};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientRecord, Recordable, Target};
use oauth::client::PolicyDraft;
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
    let editing = Editing::of(PolicyDraft::from(&record.client.policy), record.version);
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
    let mut draft = PolicyDraft::from(&signet.idp.get_client(&client_id).await?.client.policy);
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    match save(&signet, &admin, &client_id, &sent).await {
        Ok(()) => Ok(done(&app::console::path::client_part(client_id.as_str(), "policy"), Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_client(&client_id).await?;
            let target = Target::new(Recordable::Client, client_id.as_str());
            let saved = (PolicyDraft::from(&record.client.policy), record.version);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = page(&signet, record, editing).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn save(signet: &Signet, admin: &Admin, client_id: &ClientId, sent: &Sent<PolicyDraft>) -> Result<(), Unsaved> {
    let change = ClientChange { policy: Some(sent.draft.clone()), ..ClientChange::default() };
    Ok(signet.idp.update_client(admin.actor()?, client_id, sent.version, &change).await?)
}

async fn page(
    signet: &Signet,
    record: ClientRecord,
    editing: Editing<PolicyDraft>,
) -> Result<ClientPolicyPage, Failure> {
    Ok(ClientPolicyPage { client: record.client, editing, scopes: signet.idp.scopes().await?.to_vec() })
}
