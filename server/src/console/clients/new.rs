//! `/admin/ui/clients/new`: the advanced form.

use app::console::clients::created::ClientCreatedPage;
use app::console::clients::new::NewClientPage;
use app::console::clients::wizard::Starter;
use axum::extract::State;
use axum::response::Response;
use oauth::client::{ClientDraft, ClientKind};
use oauth::field::FieldErrors;

use super::create;
use crate::console::admin::Admin;
use crate::console::save::refuse;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let kind = ClientKind::find(&query.unwrap_or_default().text("kind")).unwrap_or_default();
    let page = NewClientPage {
        draft: ClientDraft::preset(kind),
        errors: FieldErrors::default(),
        scopes: signet.idp.scopes().await?.to_vec(),
    };
    Ok(admin.ok(|console| page.render(console)))
}

/// Creates the client. The page that answers is the only one that ever shows the secret.
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let draft = ClientDraft::from_form(&form);
    match create(&signet, &admin, &draft).await {
        Ok((client, secret)) => {
            let secret = secret.map(|secret| secret.expose().to_owned());
            let starter = Starter::of(client.kind);
            let issuer = signet.issuer().to_string();
            let page = ClientCreatedPage { issuer, client, secret, starter, code: String::new() };
            Ok(admin.ok(|console| page.render(console)))
        }
        Err(error) => {
            let refused = refuse(error)?;
            let page = NewClientPage { draft, errors: refused.errors, scopes: signet.idp.scopes().await?.to_vec() };
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}
