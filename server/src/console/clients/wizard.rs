//! `/admin/ui/clients/wizard`: the choice of what it is, the questions, and the client.

use app::console::Editing;
use app::console::clients::wizard::choose::ChooseStarterPage;
use app::console::clients::wizard::questions::WizardPage;
use app::console::clients::wizard::{Starter, id_of, with_refresh};
use axum::extract::State;
use axum::response::Response;
use oauth::client::{ClientDraft, ClientKind, NewClientDraft, PolicyDraft};
use oauth::form::Form;

use super::{create, quickstart};
use crate::console::admin::Admin;
use crate::console::editing::{Sent, after};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

/// The choice, or the questions once `app` says what was chosen.
pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let Some(starter) = starter(query) else {
        return Ok(admin.ok(|console| ChooseStarterPage {}.render(console)));
    };
    let page = WizardPage {
        starter,
        editing: Editing::new(NewClientDraft::new(starter.preset())),
        scopes: signet.idp.scopes().await?.to_vec(),
        defaults: signet.idp.client_defaults().await?.policy,
        spare_id: idp::random::client_id(),
        code: String::new(),
    };
    Ok(admin.ok(|console| page.render(console)))
}

/// Creates the client. Its quick start is the only page that ever shows the secret: sent again, the form names a client that exists.
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let Some(starter) = starter(query) else {
        return Ok(crate::http::see_other(app::console::path::CLIENT_WIZARD));
    };
    let sent = Sent::read(&form, draft(starter, &form));
    let code = form.text("code");
    match create(&signet, &admin, &sent.draft).await {
        Ok((client, secret)) => Ok(quickstart::begin(&signet, &admin, &client, secret.as_ref(), starter.code(&code))?),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let scopes = signet.idp.scopes().await?.to_vec();
            let spare_id = form.text("spare_id");
            let defaults = signet.idp.client_defaults().await?.policy;
            let page = WizardPage { starter, editing, scopes, defaults, spare_id, code };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

fn starter(query: Result<Form, oauth::form::FormError>) -> Option<Starter> {
    Starter::find(&query.unwrap_or_default().text("app"))
}

/// The draft made of the answers, and for the rest of what the kind decides.
fn draft(starter: Starter, form: &Form) -> NewClientDraft {
    let client_name = form.text("client_name");
    let client_id = match form.text("client_id").trim() {
        "" => id_of(&client_name).unwrap_or_else(|| form.text("spare_id")),
        chosen => chosen.to_owned(),
    };
    let client = ClientDraft {
        client_id,
        client_name,
        redirect_uris: form.text("redirect_uris"),
        scope: form.all("scope").join("\n"),
        ..starter.preset()
    };
    let client = with_refresh(client, form.is_set("refresh") && starter.kind() != ClientKind::Machine);
    let mut policy = PolicyDraft::default();
    let Ok(()) = policy.take(form);
    NewClientDraft { client, policy }
}
