//! `/admin/ui/consents`: the consent policies of all clients.

use app::console::consents::policies::{ConsentPoliciesPage, PolicyRow, UnsavedPolicy};
use app::console::{Flash, path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use idp::ClientChange;
use oauth::client::PolicyDraft;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::listing::{PolicyColumn, Sorting};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after};
use crate::console::paging::{order, page_request, past_the_end};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    show(&signet, &admin, &query.unwrap_or_default(), StatusCode::OK, None).await
}

/// Saves the policy of one client, and stays where it is in the table.
pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let client_id = ClientId::new(form.text("client_id"));
    let current = signet.idp.get_client(&client_id).await?;
    let consent_policy = form.text("consent_policy");
    let draft = PolicyDraft { consent_policy: consent_policy.clone(), ..PolicyDraft::from(&current.client.policy) };
    let sent = Sent::read(&form, draft);
    let save = async {
        let change = ClientChange { policy: Some(sent.draft.clone()), ..ClientChange::default() };
        Ok::<_, Unsaved>(signet.idp.update_client(admin.actor()?, &client_id, sent.version, &change).await?)
    };
    match save.await {
        Ok(()) => Ok(done(&place(&query), Flash::Saved)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let Some(again) = editing.again else { return Ok(done(&place(&query), Flash::Saved)) };
            let client_id = client_id.into_string();
            let unsaved = UnsavedPolicy { client_id, consent_policy, again, errors: editing.errors };
            show(&signet, &admin, &query, status, Some(unsaved)).await
        }
    }
}

/// The address of the part of the table that a query names.
fn place(query: &Form) -> String {
    let kept = ["q", "sort", "page"].into_iter().filter(|name| query.is_set(name));
    let kept = kept.fold(Form::default(), |form, name| form.with(name, &query.text(name))).encode();
    if kept.is_empty() { path::CONSENTS.to_owned() } else { format!("{}?{kept}", path::CONSENTS) }
}

async fn show(
    signet: &Signet,
    admin: &Admin,
    query: &Form,
    status: StatusCode,
    unsaved: Option<UnsavedPolicy>,
) -> Result<Response, Failure> {
    let (q, by_name) = (query.text("q"), Sorting { by: PolicyColumn::Name, descending: false });
    let (sorting, unread) = order(query, by_name, &["q", "page"]);
    let found = signet.idp.list_consent_policies(&q, sorting, page_request(query)).await?;
    if let Some(elsewhere) = past_the_end(path::CONSENTS, query, &found) {
        return Ok(elsewhere);
    }
    let row =
        |row: idp::ConsentPolicyRow| PolicyRow { client: row.client, version: row.version, consents: row.consents };
    let page = ConsentPoliciesPage {
        rows: found.rows.into_iter().map(row).collect(),
        q,
        sorting,
        page: found.request.number,
        per_page: found.request.size,
        total: found.total,
        unread,
        unsaved,
    };
    Ok(admin.page(status, |console| page.render(console)))
}
