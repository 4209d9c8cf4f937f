//! `/admin/ui/clients/{client_id}/credentials`: the client's secrets.

use app::console::clients::credentials::{ClientCredentialsPage, NewSecret, SecretRow};
use app::console::clients::revoke::{SecretOwner, SecretRevocationPage};
use app::console::{Editing, Flash};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::client::SecretDraft;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::secret::Secret;

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after};
use crate::console::handover::{Handover, hand_over};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    handover: Handover,
) -> Result<Response, Failure> {
    let new_secret = handover.secret(&signet, &admin);
    let page = ClientCredentialsPage { new_secret, ..page(&signet, &ClientId::new(client_id)).await? };
    Ok(handover.close(&signet, admin.ok(|console| page.render(console))))
}

/// Adds a secret. The page that this leads to shows it once.
pub(super) async fn add(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    let mut draft = SecretDraft::default();
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    match create(&signet, &admin, &client_id, &sent.draft).await {
        Ok(secret) => {
            let place = app::console::path::client_part(client_id.as_str(), "credentials");
            Ok(hand_over(&signet, &admin, &place, Form::default(), &secret)?)
        }
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = ClientCredentialsPage { editing, ..page(&signet, &client_id).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn create(signet: &Signet, admin: &Admin, client_id: &ClientId, draft: &SecretDraft) -> Result<Secret, Unsaved> {
    let (_, secret) = signet.idp.add_client_secret(admin.actor()?, client_id, draft).await?;
    Ok(secret)
}

/// Asks whether to revoke the secret that `?id=` names.
pub(super) async fn ask_revocation(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let ClientCredentialsPage { client, secrets, now, .. } = page(&signet, &ClientId::new(client_id)).await?;
    let id = query.unwrap_or_default().text("id");
    let secret = secrets.iter().find(|secret| secret.id == id).cloned().ok_or(idp::Error::NotFound)?;
    let page = SecretRevocationPage { owner: SecretOwner::Client(Box::new(client)), secrets, secret, now };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn revoke(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = ClientId::new(client_id);
    signet.idp.revoke_client_secret(admin.actor()?, &client_id, &form.text("id")).await?;
    Ok(done(&app::console::path::client_part(client_id.as_str(), "credentials"), Flash::SecretRevoked))
}

async fn page(signet: &Signet, client_id: &ClientId) -> Result<ClientCredentialsPage, Failure> {
    let record = signet.idp.get_client(client_id).await?;
    let row = |row: idp::SecretRow| SecretRow {
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_by: row.last_used_by,
    };
    Ok(ClientCredentialsPage {
        client: record.client,
        secrets: record.secrets.into_iter().map(row).collect(),
        new_secret: NewSecret::None,
        editing: Editing::new(SecretDraft::default()),
        now: signet.idp.now(),
    })
}
