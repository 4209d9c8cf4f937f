//! `/admin/ui/clients/new`: the advanced form.

use app::console::Editing;
use app::console::clients::new::NewClientPage;
use axum::extract::State;
use axum::response::Response;
use oauth::client::{ClientDraft, ClientKind, NewClientDraft};

use super::{create, quickstart};
use crate::console::admin::Admin;
use crate::console::editing::{Sent, after};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let kind = ClientKind::find(&query.unwrap_or_default().text("kind")).unwrap_or_default();
    let editing = Editing::new(NewClientDraft::new(ClientDraft::preset(kind)));
    let page = page(&signet, editing).await?;
    Ok(admin.ok(|console| page.render(console)))
}

/// Creates the client. Its quick start is the only page that ever shows the secret.
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let kind = ClientKind::find(&form.text("kind")).unwrap_or_default();
    let mut draft = NewClientDraft::new(ClientDraft::preset(kind));
    let Ok(()) = draft.client.take(&form);
    let Ok(()) = draft.policy.take(&form);
    let sent = Sent::read(&form, draft);
    match create(&signet, &admin, &sent.draft).await {
        Ok((client, secret)) => Ok(quickstart::begin(&signet, &admin, &client, secret.as_ref(), "")?),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = page(&signet, editing).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn page(signet: &Signet, editing: Editing<NewClientDraft>) -> Result<NewClientPage, Failure> {
    let defaults = signet.idp.client_defaults().await?.policy;
    Ok(NewClientPage { editing, scopes: signet.idp.scopes().await?.to_vec(), defaults })
}
