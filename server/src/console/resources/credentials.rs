//! `/admin/ui/resources/{id}/credentials`: the secrets by which a resource asks about its tokens.

use app::console::clients::credentials::{NewSecret, SecretRow};
use app::console::clients::revoke::{SecretOwner, SecretRevocationPage};
use app::console::resources::credentials::ResourceCredentialsPage;
use app::console::{Editing, Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::client::SecretDraft;
use oauth::form::Form;
use oauth::id::ResourceId;

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after};
use crate::console::handover::{Handover, hand_over};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    handover: Handover,
) -> Result<Response, Failure> {
    let new_secret = handover.secret(&signet, &admin);
    let page = ResourceCredentialsPage { new_secret, ..page(&signet, &ResourceId::new(id)).await? };
    Ok(handover.close(&signet, admin.ok(|console| page.render(console))))
}

/// Adds a secret. The page that this leads to shows it once.
pub(super) async fn add(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = ResourceId::new(id);
    let mut draft = SecretDraft::default();
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    let add = async { Ok::<_, Unsaved>(signet.idp.add_resource_secret(admin.actor()?, &id, &sent.draft).await?) };
    match add.await {
        Ok((_, secret)) => {
            let place = path::resource_part(id.as_str(), "credentials");
            Ok(hand_over(&signet, &admin, &place, Form::default(), &secret)?)
        }
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = ResourceCredentialsPage { editing, ..page(&signet, &id).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// Asks whether to revoke the secret that `?id=` names.
pub(super) async fn ask_revocation(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let ResourceCredentialsPage { resource, secrets, now, .. } = page(&signet, &ResourceId::new(id)).await?;
    let id = query.unwrap_or_default().text("id");
    let secret = secrets.iter().find(|secret| secret.id == id).cloned().ok_or(idp::Error::NotFound)?;
    let page = SecretRevocationPage { owner: SecretOwner::Resource(resource), secrets, secret, now };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn revoke(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = ResourceId::new(id);
    signet.idp.revoke_resource_secret(admin.actor()?, &id, &form.text("id")).await?;
    Ok(done(&path::resource_part(id.as_str(), "credentials"), Flash::SecretRevoked))
}

async fn page(signet: &Signet, id: &ResourceId) -> Result<ResourceCredentialsPage, Failure> {
    let record = signet.idp.get_resource(id).await?;
    let row = |row: idp::ResourceSecretRow| SecretRow {
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_by: None,
    };
    Ok(ResourceCredentialsPage {
        resource: record.resource,
        is_default: record.is_default,
        introspection_endpoint: signet.issuer().url(oauth::metadata::path::INTROSPECT),
        secrets: record.secrets.into_iter().map(row).collect(),
        new_secret: NewSecret::None,
        editing: Editing::new(SecretDraft::default()),
        now: signet.idp.now(),
    })
}
