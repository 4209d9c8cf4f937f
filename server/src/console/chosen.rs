//! `/admin/ui/chosen/…`: enabling, disabling and deleting clients or users that were ticked in their list, and revoking their tokens.
//! Each is done as it would be alone, by the same function, with a change of its own in the record.

use app::console::chosen::{Chosen, ChosenFrom, ChosenPage, Deed};
use app::console::{Flash, path};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use idp::{Actor, ChosenGrants, ClientChange, ClientRow, GrantFilter, SaveError, UserChange, UserRow};
use oauth::client::ClientDraft;
use oauth::form::Form;
use oauth::id::{ClientId, Subject};
use oauth::listing::{ClientFilter, Filter, Limits, Listing, UserFilter};
use oauth::user::UserDraft;

use super::admin::{Admin, done};
use super::bin::days;
use super::listed::address;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

/// Rows that can be chosen at once: those of the longest page.
const MOST: usize = 200;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::CLIENTS_CHOSEN, get(ask_clients).post(do_to_clients))
        .route(path::USERS_CHOSEN, get(ask_users).post(do_to_users))
}

async fn ask_clients(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let ids: Vec<_> = chosen(&query).into_iter().map(|(id, _)| ClientId::new(id)).collect();
    let rows = signet.idp.get_clients(&ids).await?;
    let rows = rows.into_iter().map(client).collect();
    Ok(ask::<ClientFilter>((&signet, &admin), &query, ChosenFrom::Clients, rows))
}

async fn ask_users(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let subjects: Vec<_> = chosen(&query).into_iter().map(|(id, _)| Subject::new(id)).collect();
    let rows = signet.idp.get_users(&subjects).await?;
    let rows = rows.into_iter().map(user).collect();
    Ok(ask::<UserFilter>((&signet, &admin), &query, ChosenFrom::Users, rows))
}

async fn do_to_clients(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (query, actor) = (query.unwrap_or_default(), admin.actor()?);
    let Some(deed) = Deed::find(&form.text("do")) else {
        return Ok(nothing::<ClientFilter>(&query, ChosenFrom::Clients));
    };
    let mut outcome = Outcome::default();
    for (id, version) in chosen(&form) {
        let client_id = ClientId::new(id);
        outcome.note(do_to_client(&signet, actor, deed, &client_id, version).await, client_id)?;
    }
    let rows = signet.idp.get_clients(&outcome.left).await?.into_iter().map(client).collect();
    Ok(answer::<ClientFilter>((&signet, &admin), &query, ChosenFrom::Clients, deed, outcome.done, rows))
}

async fn do_to_users(
    State(signet): State<Signet>,
    admin: Admin,
    Query(query): Query,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (query, actor) = (query.unwrap_or_default(), admin.actor()?);
    let Some(deed) = Deed::find(&form.text("do")) else { return Ok(nothing::<UserFilter>(&query, ChosenFrom::Users)) };
    let mut outcome = Outcome::default();
    for (id, version) in chosen(&form) {
        let subject = Subject::new(id);
        outcome.note(do_to_user(&signet, actor, deed, &subject, version).await, subject)?;
    }
    let rows = signet.idp.get_users(&outcome.left).await?.into_iter().map(user).collect();
    Ok(answer::<UserFilter>((&signet, &admin), &query, ChosenFrom::Users, deed, outcome.done, rows))
}

/// The fate of those that were chosen.
struct Outcome<I> {
    done: u64,
    /// Changed by somebody else since they were shown, or such that they cannot be saved.
    left: Vec<I>,
}

impl<I> Default for Outcome<I> {
    fn default() -> Self {
        Self { done: 0, left: Vec::new() }
    }
}

impl<I> Outcome<I> {
    /// Whoever is gone is passed over.
    fn note(&mut self, saved: Result<(), SaveError>, id: I) -> Result<(), Failure> {
        match saved {
            Ok(()) => self.done += 1,
            Err(SaveError::NotFound) => {}
            Err(SaveError::Stale | SaveError::Invalid(_)) => self.left.push(id),
            Err(SaveError::Failed(error)) => return Err(error.into()),
        }
        Ok(())
    }
}

async fn do_to_client(
    signet: &Signet,
    actor: &Actor,
    deed: Deed,
    client_id: &ClientId,
    version: i64,
) -> Result<(), SaveError> {
    let idp = &signet.idp;
    match deed {
        Deed::Enable | Deed::Disable => {
            let current = idp.get_client(client_id).await?.client;
            let draft = ClientDraft { enabled: deed == Deed::Enable, ..ClientDraft::from(&current) };
            let change = ClientChange { client: Some(draft), ..ClientChange::default() };
            idp.update_client(actor, client_id, Some(version), &change).await
        }
        Deed::Delete => Ok(idp.delete_client_at(actor, client_id, version).await?),
        Deed::Revoke => {
            idp.get_client(client_id).await?;
            let filter = GrantFilter { client: Some(client_id.clone()), ..GrantFilter::default() };
            idp.revoke_chosen_grants(actor, &ChosenGrants::All(filter)).await?;
            Ok(())
        }
    }
}

async fn do_to_user(
    signet: &Signet,
    actor: &Actor,
    deed: Deed,
    subject: &Subject,
    version: i64,
) -> Result<(), SaveError> {
    let idp = &signet.idp;
    match deed {
        Deed::Enable | Deed::Disable => {
            let current = idp.get_user(subject).await?.user;
            let draft = UserDraft { enabled: deed == Deed::Enable, ..UserDraft::from(&current) };
            let change = UserChange { profile: Some(draft), ..UserChange::default() };
            idp.update_user(actor, subject, Some(version), &change).await
        }
        Deed::Delete => Ok(idp.delete_user_at(actor, subject, version).await?),
        Deed::Revoke => Ok(idp.revoke_user_tokens(actor, subject).await?),
    }
}

/// A client, and whether it is enabled.
fn client(row: ClientRow) -> (bool, Chosen) {
    let client = row.client;
    let chosen = Chosen { id: client.client_id.into_string(), name: client.client_name, version: row.version };
    (client.enabled, chosen)
}

fn user(row: UserRow) -> (bool, Chosen) {
    let chosen = Chosen { id: row.user.subject.into_string(), name: row.user.username, version: row.version };
    (row.user.enabled, chosen)
}

/// Those to which there is something to do, and the number of the others.
fn split(deed: Deed, rows: Vec<(bool, Chosen)>) -> (Vec<Chosen>, u64) {
    let is_so = |enabled: bool| match deed {
        Deed::Enable => enabled,
        Deed::Disable => !enabled,
        Deed::Revoke | Deed::Delete => false,
    };
    let (already, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(enabled, _)| is_so(*enabled));
    (rows.into_iter().map(|(_, row)| row).collect(), already.len() as u64)
}

/// The rows that were chosen, each once, and the versions in which they were shown. The question has none yet.
fn chosen(form: &Form) -> Vec<(String, i64)> {
    let versions = form.all("version").into_iter().map(|version| version.parse().unwrap_or_default());
    let mut rows: Vec<_> = form.all("id").into_iter().zip(versions.chain(std::iter::repeat(0))).collect();
    rows.sort_unstable();
    rows.dedup_by(|one, other| one.0 == other.0);
    rows.truncate(MOST);
    rows
}

fn ask<F: Filter>(
    (signet, admin): (&Signet, &Admin),
    query: &Form,
    from: ChosenFrom,
    rows: Vec<(bool, Chosen)>,
) -> Response {
    let Some(deed) = Deed::find(&query.text("do")) else { return nothing::<F>(query, from) };
    let (rows, already) = split(deed, rows);
    if rows.is_empty() {
        let flash = match deed {
            Deed::Enable if already > 0 => Flash::AlreadyEnabled(already),
            Deed::Disable if already > 0 => Flash::AlreadyDisabled(already),
            // None was ticked, or those are gone by now.
            _ => Flash::NothingChosen,
        };
        return done(&list_address::<F>(query, from), flash);
    }
    let page = ChosenPage { from, deed, rows, already, done: None, list: list::<F>(query), bin_days: days(signet) };
    admin.ok(|console| page.render(console))
}

/// Back to the list, or the question about those that are left.
fn answer<F: Filter>(
    (signet, admin): (&Signet, &Admin),
    query: &Form,
    from: ChosenFrom,
    deed: Deed,
    count: u64,
    rows: Vec<(bool, Chosen)>,
) -> Response {
    let (rows, already) = split(deed, rows);
    if rows.is_empty() {
        let flash = match deed {
            Deed::Enable => Flash::ManyEnabled(count),
            Deed::Disable => Flash::ManyDisabled(count),
            Deed::Revoke => Flash::ManyRevoked(count),
            Deed::Delete => Flash::ManyDeleted(count),
        };
        return done(&list_address::<F>(query, from), flash);
    }
    let page =
        ChosenPage { from, deed, rows, already, done: Some(count), list: list::<F>(query), bin_days: days(signet) };
    admin.page(StatusCode::CONFLICT, |console| page.render(console))
}

fn nothing<F: Filter>(query: &Form, from: ChosenFrom) -> Response {
    done(&list_address::<F>(query, from), Flash::NothingChosen)
}

fn list_address<F: Filter>(query: &Form, from: ChosenFrom) -> String {
    let path = match from {
        ChosenFrom::Clients => path::CLIENTS,
        ChosenFrom::Users => path::USERS,
    };
    address(path, pairs::<F>(query))
}

/// The part of the list that rows were chosen from, as a query.
fn list<F: Filter>(query: &Form) -> String {
    address("", pairs::<F>(query)).trim_start_matches('?').to_owned()
}

fn pairs<F: Filter>(query: &Form) -> Vec<(&'static str, String)> {
    Listing::<F>::read(query, Limits::PAGES, &[]).0.whole(Limits::PAGES)
}
