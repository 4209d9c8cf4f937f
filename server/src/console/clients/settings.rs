//! `/admin/ui/clients/{client_id}/settings`.

use app::console::clients::settings::ClientSettingsPage;
use app::console::{Again, Editing, Flash};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientRecord, Recordable, Target};
use oauth::client::ClientDraft;
use oauth::form::Form;
use oauth::id::ClientId;

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after_edit};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let record = signet.idp.get_client(&ClientId::new(client_id)).await?;
    let mut editing = Editing::of(ClientDraft::from(&record.client), record.version);
    if add(&mut editing.draft, &query.unwrap_or_default()) {
        editing.again = Some(Again::FilledIn);
    }
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

/// Adds to the draft what a link to the form says should be added; false when nothing is. It is saved by whoever looks it over.
fn add(draft: &mut ClientDraft, query: &Form) -> bool {
    let before = draft.clone();
    for (name, list) in [("redirect_uris", &mut draft.redirect_uris), ("scope", &mut draft.scope)] {
        for word in query.text(name).split_whitespace() {
            if !list.split_whitespace().any(|there| there == word) {
                list.push('\n');
                list.push_str(word);
            }
        }
    }
    for word in query.text("grant_types").split_whitespace() {
        if !draft.grant_types.iter().any(|there| there == word) {
            draft.grant_types.push(word.to_owned());
        }
    }
    *draft != before
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
    Ok(ClientSettingsPage {
        client: record.client,
        editing,
        scopes: signet.idp.scopes().await?.to_vec(),
        legacy_is_on: signet.idp.legacy_response_types(),
        certificates: signet.idp.certificates(),
    })
}
