//! `/admin/ui/clients/{client_id}/consents`: what people allowed the client, and taking it back.

use app::console::clients::consents::{ClientConsent, ClientConsentsPage, ConsentWithdrawalPage, Whose};
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use oauth::id::{ClientId, Subject};
use oauth::resource::Resources;

use crate::console::admin::{Admin, done};
use crate::console::paging::{PER_PAGE, PageQuery, Spot};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    mut query: PageQuery,
) -> Result<Response, Failure> {
    let client = signet.idp.get_client(&ClientId::new(client_id)).await?.client;
    let mut spot = Spot::read(&query.form);
    query.only_walked(&[]);
    let mut found = signet.idp.list_consents_of_client(&client.client_id, spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.list_consents_of_client(&client.client_id, None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_consents_of_client(&client.client_id).await?);
    let resources = signet.idp.resources().await?;
    let page = ClientConsentsPage {
        walked: spot.walked(&found, total, idp::ClientConsentRow::place),
        rows: found.rows.into_iter().map(|found| row(found, &resources)).collect(),
        client,
        unread: query.unread,
        now: signet.idp.now(),
    };
    Ok(admin.ok(|console| page.render(console)))
}

fn row(row: idp::ClientConsentRow, resources: &Resources) -> ClientConsent {
    let scopes = row.scopes.into_iter().map(|scope| (scope.name.to_string(), scope.description));
    ClientConsent {
        user: row.user.into_string(),
        username: row.username,
        scopes: scopes.collect(),
        details: resources.in_words(&row.details),
        granted_at: row.granted_at,
    }
}

/// Asks whether to withdraw the consent of the user that `?user=` names, or those of all.
pub(super) async fn ask(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let client = signet.idp.get_client(&ClientId::new(client_id)).await?.client;
    let user = query.unwrap_or_default().text("user");
    let whose = if user.is_empty() {
        Whose::All(signet.idp.count_consents_of_client(&client.client_id).await?)
    } else {
        let user = signet.idp.get_user(&Subject::new(user)).await?.user;
        Whose::User(user.subject.into_string(), user.username)
    };
    Ok(admin.ok(|console| ConsentWithdrawalPage { client, whose }.render(console)))
}

/// Withdraws the consent of one user, or those of all when the form says so. What was withdrawn before stays so.
pub(super) async fn withdraw(
    State(signet): State<Signet>,
    admin: Admin,
    Path(client_id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let client_id = signet.idp.get_client(&ClientId::new(client_id)).await?.client.client_id;
    let list = path::client_part(client_id.as_str(), "consents");
    let actor = admin.actor()?;
    let withdrawn = if form.is_set("all") {
        signet.idp.withdraw_consents_of_client(actor, &client_id).await?
    } else {
        match signet.idp.withdraw_consent(actor, &Subject::new(form.text("user")), &client_id).await {
            Ok(()) => 1,
            Err(idp::Error::NotFound) => 0,
            Err(error) => return Err(error.into()),
        }
    };
    Ok(done(&list, Flash::ConsentsWithdrawn(withdrawn)))
}
