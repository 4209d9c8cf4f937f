//! `GET` and `POST /account`: a person sees what can act for them, and takes back all of it or one scope.

use std::collections::BTreeMap;

use app::account::consents::{AllowedAt, Consent, ConsentsPage};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp::{Actor, TakenBack};
use oauth::client::with_parameters;
use oauth::details::GrantedDetails;
use oauth::form::Form;
use oauth::id::{ClientId, ResourceId, Subject};
use oauth::metadata::path;
use oauth::resource::Resources;
use oauth::scope::ScopeDefinition;
use oauth::seal::Sealed;
use oauth::session::SignedIn;

use super::find_signed_in;
use super::shown::Shown;
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
        consents: list_consents(&signet, &session.subject, Some(&user.username)).await?,
        withdrawn: query.unwrap_or_default().is_set(WITHDRAWN),
        now: signet.idp.now(),
    }
    .render(&crate::assets::pkg());
    Ok(page(StatusCode::OK, &Policy::NoScript, html))
}

/// Withdraws what the client `client_id` was allowed, or one `scope` of it. What was withdrawn before stays so. A page that was shown
/// to somebody else withdraws nothing.
pub(crate) async fn post(
    State(signet): State<Signet>,
    headers: HeaderMap,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let Some(SignedIn { session, .. }) = find_signed_in(&signet, &headers).await? else {
        return Ok(to_login(&signet));
    };
    let subject = &session.subject;
    let client_id = ClientId::new(form.text("client_id"));
    let shown = Shown::read(&headers, &form);
    if !shown.is_about(signet.idp.seal(), Sealed::Withdrawal, &[subject.as_str(), client_id.as_str()]) {
        return Ok(see_other(app::path::ACCOUNT));
    }
    match withdraw(&signet, &Actor::user(), subject, &client_id, &form).await {
        Ok(()) | Err(idp::Error::NotFound) => Ok(see_other(&format!("{}?{WITHDRAWN}", app::path::ACCOUNT))),
        Err(error) => Err(error.into()),
    }
}

/// Withdraws what a form of a page of consents names.
pub(crate) async fn withdraw(
    signet: &Signet,
    actor: &Actor,
    subject: &Subject,
    client_id: &ClientId,
    form: &Form,
) -> Result<(), idp::Error> {
    // None of our own pages sends what cannot be read, and nothing of it was allowed.
    let sent = |name: &str| form.find(name).map_err(|_| idp::Error::NotFound);
    let taken = TakenBack::read(sent("scope")?, sent("resource")?).map_err(|_| idp::Error::NotFound)?;
    match taken {
        Some(taken) => signet.idp.withdraw_scope(actor, subject, client_id, &taken).await,
        None => signet.idp.withdraw_consent(actor, subject, client_id).await,
    }
}

/// The consents of a person, in words. Only the person themselves can sign in to the clients: with `login_hint` there are links to that.
pub(crate) async fn list_consents(
    signet: &Signet,
    subject: &Subject,
    login_hint: Option<&str>,
) -> Result<Vec<Consent>, Failure> {
    let resources = signet.idp.resources().await?;
    let consents = signet.idp.list_consents(subject).await?.into_iter().map(|record| {
        let shown = [subject.as_str(), record.client_id.as_str()];
        // The name is for whoever was allowed to learn it.
        let knows_name =
            record.scopes.iter().any(|scope| scope.claims.iter().any(|claim| claim == "preferred_username"));
        let sign_in = record.initiate_login_uri.as_deref().zip(login_hint).map(|(uri, login_hint)| {
            let mut added = vec![("iss", signet.issuer().as_str())];
            added.extend(knows_name.then_some(("login_hint", login_hint)));
            with_parameters(uri, &added)
        });
        Consent {
            sign_in,
            shown: signet.idp.seal().tag(Sealed::Withdrawal, &shown),
            place: record.place,
            client_id: record.client_id.into_string(),
            client_name: record.client_name,
            allowed: by_owner(record.scopes, &record.details, &resources),
            granted_at: record.granted_at,
            used_at: record.used_at,
            vouched_by: record.vouched_by,
            asks: record.asks,
        }
    });
    Ok(consents.collect())
}

/// The scopes of this server, then those of each resource, with what may be done there in detail.
fn by_owner(scopes: Vec<ScopeDefinition>, details: &GrantedDetails, resources: &Resources) -> Vec<AllowedAt> {
    let mut groups: BTreeMap<Option<ResourceId>, Vec<(String, String)>> = BTreeMap::new();
    for scope in scopes {
        let owner = scope.owner.map(|owner| owner.resource);
        groups.entry(owner).or_default().push((scope.name.to_string(), scope.description));
    }
    for granted in details.iter() {
        groups.entry(Some(granted.resource.clone())).or_default();
    }
    let named = |id: &ResourceId| {
        let place = resources.find(id).map(|resource| (resource.name.clone(), resource.identifier.place()));
        place.unwrap_or_else(|| ("a resource that is disabled".to_owned(), String::new()))
    };
    let groups = groups.into_iter().map(|(owner, scopes)| AllowedAt {
        name: owner.as_ref().map(named),
        details: owner.as_ref().map(|id| resources.in_words(&details.of(id))).unwrap_or_default(),
        resource: owner.map(ResourceId::into_string),
        scopes,
    });
    groups.collect()
}

fn to_login(signet: &Signet) -> Response {
    see_other(&login_address(path::LOGIN, app::path::ACCOUNT, signet.issuer()))
}
