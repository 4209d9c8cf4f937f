//! `/admin/ui/clients/{client_id}/policy`.

use app::console::Flash;
use app::console::clients::policy::ClientPolicyPage;
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientRecord};
use oauth::client::PolicyDraft;
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
    let (draft, version) = (PolicyDraft::from(&record.client.effective_policy()), record.version);
    let page = page(&signet, record, draft, version).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (client_id, draft) = (ClientId::new(client_id), PolicyDraft::from_form(&form));
    let version: Option<i64> = form.text("version").parse().ok();
    let change = ClientChange { policy: Some(draft.clone()), ..ClientChange::default() };
    match signet.idp.update_client(&admin.actor, &client_id, version, &change).await {
        Ok(()) => Ok(done(&app::console::path::client_part(client_id.as_str(), "policy"), Flash::Saved)),
        Err(error) => {
            let refused = refuse(error)?;
            let record = signet.idp.get_client(&client_id).await?;
            let version = if refused.conflict { record.version } else { version.unwrap_or(record.version) };
            let page = page(&signet, record, draft, version).await?;
            let page = ClientPolicyPage { errors: refused.errors, conflict: refused.conflict, ..page };
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}

async fn page(
    signet: &Signet,
    record: ClientRecord,
    draft: PolicyDraft,
    version: i64,
) -> Result<ClientPolicyPage, Failure> {
    Ok(ClientPolicyPage {
        client: record.client,
        draft,
        errors: FieldErrors::default(),
        version,
        conflict: false,
        scopes: signet.idp.scopes().await?.to_vec(),
    })
}
