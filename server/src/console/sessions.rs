//! `/admin/ui/sessions` and the same of a user: who is signed in where, and ending that.

use app::console::sessions::{Ending, SessionEndingPage, SessionListPage, SessionRow, SessionsOf};
use app::console::{Flash, path};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use idp::ChosenSessions;
use oauth::form::Form;
use oauth::id::{SessionId, Subject};
use oauth::listing::SessionColumn;

use super::admin::{Admin, done};
use super::paging::{PER_PAGE, PageQuery, Spot, chosen};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    let part = |part| path::user_part("{subject}", part);
    Router::new()
        .route(path::SESSIONS, get(list))
        .route(path::SESSIONS_END, get(ask).post(end))
        .route(&part("sessions"), get(list_of_user))
        .route(&part("sessions/end"), get(ask_of_user).post(end_of_user))
}

async fn list(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let q = query.text("q");
    let whose = if q.trim().is_empty() { idp::SessionsOf::Everybody } else { idp::SessionsOf::Found(q.clone()) };
    let page = page(&signet, query, &whose, SessionsOf::Everybody(q)).await?;
    Ok(admin.ok(|console| page.render(console)))
}

async fn list_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    query: PageQuery,
) -> Result<Response, Failure> {
    let user = signet.idp.get_user(&Subject::new(subject)).await?.user;
    let whose = idp::SessionsOf::User(user.subject.clone());
    let page = page(&signet, query, &whose, SessionsOf::User(Box::new(user))).await?;
    Ok(admin.ok(|console| page.render(console)))
}

async fn page(
    signet: &Signet,
    mut query: PageQuery,
    whose: &idp::SessionsOf,
    of: SessionsOf,
) -> Result<SessionListPage, Failure> {
    let (mut spot, order) = (Spot::read(&query.form), query.order(SessionColumn::USUAL));
    query.only_walked(&["q", "sort"]);
    let mut found = signet.idp.list_sessions(whose, order, spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.list_sessions(whose, order, None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_sessions_of(whose).await?);
    Ok(SessionListPage {
        of,
        walked: spot.walked(&found, total, |row| row.place(order.by)),
        rows: found.rows.into_iter().map(row).collect(),
        order,
        unread: query.unread,
        now: signet.idp.now(),
    })
}

fn row(row: idp::SessionRow) -> SessionRow {
    SessionRow {
        amr: row.session.amr(),
        sid: row.session.sid.into_string(),
        user: row.session.subject.into_string(),
        username: row.username,
        user_agent: row.user_agent,
        address: row.address,
        started_at: row.started_at,
        seen_at: row.seen_at,
        clients: row.clients.into_iter().map(|(id, name)| (id.into_string(), name)).collect(),
    }
}

/// Asks whether to end the sessions that `?id=` names, or all.
async fn ask(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let all = if query.is_set("all") { Some(signet.idp.count_sessions().await?) } else { None };
    question(&signet, &admin, &query, SessionsOf::Everybody(String::new()), path::SESSIONS, all).await
}

async fn ask_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    Query(query): Query,
) -> Result<Response, Failure> {
    let user = signet.idp.get_user(&Subject::new(subject)).await?.user;
    let query = query.unwrap_or_default();
    let whose = idp::SessionsOf::User(user.subject.clone());
    let all = if query.is_set("all") { Some(signet.idp.count_sessions_of(&whose).await?) } else { None };
    let list = path::user_part(user.subject.as_str(), "sessions");
    question(&signet, &admin, &query, SessionsOf::User(Box::new(user)), &list, all).await
}

async fn question(
    signet: &Signet,
    admin: &Admin,
    query: &Form,
    of: SessionsOf,
    list: &str,
    all: Option<oauth::count::Count>,
) -> Result<Response, Failure> {
    let ending = match all {
        Some(count) => Ending::All(count),
        None => {
            let rows = signet.idp.get_sessions(&sids(query)).await?;
            if rows.is_empty() {
                return Ok(done(list, Flash::NothingChosen));
            }
            Ending::These(rows.into_iter().map(row).collect())
        }
    };
    let page = SessionEndingPage { of, ending, now: signet.idp.now() };
    Ok(admin.ok(|console| page.render(console)))
}

fn sids(form: &Form) -> Vec<SessionId> {
    chosen(form).into_iter().map(SessionId::new).collect()
}

async fn end(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let chosen = if form.is_set("all") { ChosenSessions::Everybody } else { ChosenSessions::These(sids(&form)) };
    let ended = signet.idp.end_chosen_sessions(admin.actor()?, &chosen).await?;
    Ok(done(path::SESSIONS, Flash::SessionsEnded(ended)))
}

async fn end_of_user(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    let list = path::user_part(subject.as_str(), "sessions");
    let chosen = if form.is_set("all") { ChosenSessions::User(subject) } else { ChosenSessions::These(sids(&form)) };
    let ended = signet.idp.end_chosen_sessions(admin.actor()?, &chosen).await?;
    Ok(done(&list, Flash::SessionsEnded(ended)))
}
