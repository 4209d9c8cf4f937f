//! `/admin/ui/users/{subject}/consents`: what a user allowed, and taking it back.

use app::console::users::consents::{ScopeToTake, UserConsentWithdrawalPage, UserConsentsPage};
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::error::Problem;
use oauth::id::{ClientId, Subject};
use oauth::refusal::Reason;

use crate::console::admin::{Admin, done};
use crate::console::paging::PageQuery;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::people::account::{list_consents, withdraw as withdraw_named};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    mut query: PageQuery,
) -> Result<Response, Failure> {
    query.only(&[]);
    let subject = Subject::new(subject);
    let user = signet.idp.get_user(&subject).await?.user;
    let consents = list_consents(&signet, &subject, None).await?;
    let page = UserConsentsPage { user, consents, unread: query.unread, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

/// Asks whether to withdraw what the client that `?client_id=` names was allowed, or the `scope` of it that is named.
pub(super) async fn ask(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let (user, query) = (signet.idp.get_user(&Subject::new(subject)).await?.user, query.unwrap_or_default());
    let client = signet.idp.get_client(&ClientId::new(query.text("client_id"))).await?.client;
    let scope = match query.text("scope") {
        name if name.is_empty() => None,
        name => Some(scope_to_take(&signet, &user.subject, &client.client_id, name, query.text("resource")).await?),
    };
    let page = UserConsentWithdrawalPage {
        user,
        client_id: client.client_id.into_string(),
        client_name: client.client_name,
        scope,
    };
    Ok(admin.ok(|console| page.render(console)))
}

/// A scope of a consent. One that was taken back before has no words but its name.
async fn scope_to_take(
    signet: &Signet,
    subject: &Subject,
    client_id: &ClientId,
    name: String,
    resource: String,
) -> Result<ScopeToTake, Failure> {
    let resource = Some(resource).filter(|id| !id.is_empty());
    let consents = list_consents(signet, subject, None).await?;
    let allowed = consents.iter().filter(|consent| consent.client_id == client_id.as_str());
    let mut scopes = allowed.flat_map(|consent| &consent.allowed).filter(|allowed| allowed.resource == resource);
    let in_words = scopes.find_map(|allowed| allowed.scopes.iter().find(|(scope, _)| *scope == name));
    let in_words = in_words.map_or_else(|| name.clone(), |(_, words)| words.clone());
    Ok(ScopeToTake { name, in_words, resource })
}

/// Takes back one `scope` of what the client `client_id` was allowed.
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
