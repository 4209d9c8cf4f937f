//! `/admin/ui/users/{subject}/consents`: what a user allowed, and taking it back.

use app::console::users::consents::{UserConsentWithdrawalPage, UserConsentsPage};
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::error::Problem;
use oauth::id::{ClientId, Subject};
use oauth::refusal::Reason;

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

/// Takes back one `scope` of what the client `client_id` was allowed. All of it is asked about first.
pub(super) async fn take_back(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    if form.text("scope").is_empty() {
        return Err(Problem::Malformed(Reason::Malformed, "scope is missing".to_owned()).into());
    }
    let (subject, client_id) = (Subject::new(subject), ClientId::new(form.text("client_id")));
    let withdrawn = withdraw_named(&signet, admin.actor()?, &subject, &client_id, &form).await;
    back(&subject, withdrawn, Flash::ScopeTakenBack)
}

/// Withdraws all that the client `client_id` was allowed.
pub(super) async fn withdraw(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (subject, client_id) = (Subject::new(subject), ClientId::new(form.text("client_id")));
    let withdrawn = signet.idp.withdraw_consent(admin.actor()?, &subject, &client_id).await;
    back(&subject, withdrawn, Flash::ConsentWithdrawn)
}

/// Back to the list. What was withdrawn before stays so.
fn back(subject: &Subject, withdrawn: Result<(), idp::Error>, flash: Flash) -> Result<Response, Failure> {
    match withdrawn {
        Ok(()) | Err(idp::Error::NotFound) => Ok(done(&path::user_part(subject.as_str(), "consents"), flash)),
        Err(error) => Err(error.into()),
    }
}
