//! `/admin/ui/users/{subject}/consents`: what a user allowed, and taking it back.

use app::console::users::consents::{UserConsentWithdrawalPage, UserConsentsPage};
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::id::{ClientId, Subject};

use crate::console::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::people::account::{list_consents, withdraw as withdraw_named};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    let user = signet.idp.get_user(&subject).await?.user;
    let page =
        UserConsentsPage { user, consents: list_consents(&signet, &subject, None).await?, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

/// Asks whether to withdraw what the client that `?client_id=` names was allowed.
pub(super) async fn ask(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let user = signet.idp.get_user(&Subject::new(subject)).await?.user;
    let client_id = ClientId::new(query.unwrap_or_default().text("client_id"));
    let client = signet.idp.get_client(&client_id).await?.client;
    let page =
        UserConsentWithdrawalPage { user, client_id: client.client_id.into_string(), client_name: client.client_name };
    Ok(admin.ok(|console| page.render(console)))
}

/// Withdraws what the client `client_id` was allowed, or one `scope` of it. What was withdrawn before stays so.
pub(super) async fn withdraw(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (subject, client_id) = (Subject::new(subject), ClientId::new(form.text("client_id")));
    let flash = if form.is_set("scope") { Flash::ScopeTakenBack } else { Flash::ConsentWithdrawn };
    match withdraw_named(&signet, admin.actor()?, &subject, &client_id, &form).await {
        Ok(()) | Err(idp::Error::NotFound) => Ok(done(&path::user_part(subject.as_str(), "consents"), flash)),
        Err(error) => Err(error.into()),
    }
}
