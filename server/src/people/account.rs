//! `GET` and `POST /account`: a person sees what they allowed, and takes it back.

use app::account::consents::{Consent, ConsentsPage};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp::Actor;
use oauth::id::{ClientId, Subject};
use oauth::metadata::path;
use oauth::session::SignedIn;

use super::find_signed_in;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::http::page::{Policy, page};
use crate::http::{login_address, see_other};
use crate::state::Signet;

/// The parameter with which the page says that something was withdrawn.
const WITHDRAWN: &str = "withdrawn";

pub(crate) async fn get(
    State(signet): State<Signet>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let Some(SignedIn { session, user }) = find_signed_in(&signet, &headers).await? else {
        return Ok(to_login(&signet));
    };
    let html = ConsentsPage {
        username: user.username.clone(),
        consents: list_consents(&signet, &session.subject).await?,
        withdrawn: query.unwrap_or_default().is_set(WITHDRAWN),
        now: signet.idp.now(),
    }
    .render(&crate::assets::pkg());
    Ok(page(StatusCode::OK, &Policy::NoScript, html))
}

/// Withdraws what the client `client_id` was allowed. One that was withdrawn before stays so.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let Some(SignedIn { session, .. }) = find_signed_in(&signet, &headers).await? else {
        return Ok(to_login(&signet));
    };
    let client_id = ClientId::new(form.text("client_id"));
    match signet.idp.withdraw_consent(&Actor::user(), &session.subject, &client_id).await {
        Ok(()) | Err(idp::Error::NotFound) => Ok(see_other(&format!("{}?{WITHDRAWN}", app::path::ACCOUNT))),
        Err(error) => Err(error.into()),
    }
}

/// The consents of a person, in words.
pub(crate) async fn list_consents(signet: &Signet, subject: &Subject) -> Result<Vec<Consent>, Failure> {
    let records = signet.idp.list_consents(subject).await?.into_iter();
    let consents = records.map(|record| Consent {
        client_id: record.client_id.into_string(),
        client_name: record.client_name,
        scopes: record.scopes.into_iter().map(|scope| scope.description).collect(),
        granted_at: record.granted_at,
    });
    Ok(consents.collect())
}

fn to_login(signet: &Signet) -> Response {
    see_other(&login_address(path::LOGIN, app::path::ACCOUNT, signet.issuer()))
}
