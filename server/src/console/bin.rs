//! `/admin/ui/bin`: what was deleted and can be restored.

use app::console::bin::{BinPage, BinRow, ErasurePage};
use app::console::{Flash, path};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use idp::{BinEntry, SaveError};
use oauth::field::FieldProblem;

use super::admin::{Admin, done};
use super::paging::{PER_PAGE, PageQuery, Spot};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::BIN, get(show))
        .route(path::BIN_RESTORE, post(restore))
        .route(path::BIN_ERASE, get(ask_erasure).post(erase))
}

async fn show(State(signet): State<Signet>, admin: Admin, mut query: PageQuery) -> Result<Response, Failure> {
    query.only_walked(&["id"]);
    let id = query.text("id");
    let alone = if id.is_empty() { None } else { page_of_one(&signet, &id).await? };
    let page = match alone {
        Some(page) => page,
        None => {
            query.unread.extend((!id.is_empty()).then(|| "id".to_owned()));
            page(&signet, Spot::read(&query.form)).await?
        }
    };
    let page = BinPage { unread: query.unread, ..page };
    Ok(admin.ok(|console| page.render(console)))
}

async fn restore(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let (actor, id) = (admin.actor()?, form.text("id"));
    match signet.idp.restore(actor, &id).await {
        Ok(_) => Ok(done(path::BIN, Flash::Restored)),
        Err(SaveError::Invalid(errors)) => {
            let problem = errors.iter().next().map_or(FieldProblem::Taken, |(_, problem)| problem.clone());
            let refused = Some((row(signet.idp.get_bin_entry(&id).await?), problem));
            let page = BinPage { refused, ..page(&signet, Spot::default()).await? };
            Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)))
        }
        Err(SaveError::Failed(error)) => Err(error.into()),
        Err(SaveError::NotFound | SaveError::Stale) => Err(idp::Error::NotFound.into()),
    }
}

/// Asks whether to erase what `?id=` names.
async fn ask_erasure(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let entry = signet.idp.get_bin_entry(&query.unwrap_or_default().text("id")).await?;
    let page = ErasurePage { row: row(entry) };
    Ok(admin.ok(|console| page.render(console)))
}

async fn erase(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    signet.idp.erase(admin.actor()?, &form.text("id")).await?;
    Ok(done(path::BIN, Flash::Erased))
}

async fn page(signet: &Signet, mut spot: Spot) -> Result<BinPage, Failure> {
    let mut found = signet.idp.bin(spot.cursor(), PER_PAGE).await;
    if spot.is_left(&found) {
        found = signet.idp.bin(None, PER_PAGE).await;
    }
    let (found, total) = (found?, signet.idp.count_bin().await?);
    Ok(BinPage {
        walked: Some(spot.walked(&found, total, |entry| entry.id.clone())),
        rows: found.rows.into_iter().map(row).collect(),
        days: days(signet),
        refused: None,
        unread: Vec::new(),
        now: signet.idp.now(),
    })
}

/// Days that what is deleted stays in the bin; 0: it is erased at once.
pub(super) fn days(signet: &Signet) -> i64 {
    signet.idp.bin_retention() / 86_400
}

/// One thing alone; none when it is not there any more.
async fn page_of_one(signet: &Signet, id: &str) -> Result<Option<BinPage>, Failure> {
    let entry = match signet.idp.get_bin_entry(id).await {
        Err(idp::Error::NotFound) => return Ok(None),
        found => found?,
    };
    Ok(Some(BinPage {
        rows: vec![row(entry)],
        days: days(signet),
        refused: None,
        walked: None,
        unread: Vec::new(),
        now: signet.idp.now(),
    }))
}

fn row(entry: BinEntry) -> BinRow {
    BinRow {
        id: entry.id,
        kind: entry.kind.as_str(),
        name: entry.name,
        target: entry.target,
        actor: entry.actor,
        deleted_at: entry.deleted_at,
        leaves_at: entry.leaves_at,
    }
}
