//! `/admin/ui/scopes`: what clients may ask for.

use app::console::scopes::edit::{ScopePage, ScopeUse};
use app::console::{Editing, Flash, path};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use idp::{Recordable, ScopeRecord, Target};
use oauth::field::{FieldErrors, FieldProblem};
use oauth::form::Form;
use oauth::scope::ScopeDraft;

use super::admin::{Admin, done};
use super::bin::days;
use super::editing::{Sent, Unsaved, after, after_edit};
use super::listed::{ask, elsewhere, page};
use super::paging::PageQuery;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::SCOPES, get(list))
        .route(path::SCOPE_NEW, get(new).post(create))
        .route(path::SCOPE_EDIT, get(edit).post(save))
        .route(path::SCOPE_DELETE, post(delete))
}

async fn list(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let (listing, unread) = ask(query);
    let found = signet.idp.list_scopes(&listing).await?;
    if let Some(elsewhere) = elsewhere(path::SCOPES, &listing, &found) {
        return Ok(elsewhere);
    }
    let page = page(&signet, (listing, unread), found, |scope| scope);
    Ok(admin.ok(|console| page.render(console)))
}

async fn new(admin: Admin) -> Response {
    let page = new_page(Editing::new(ScopeDraft::default()));
    admin.ok(|console| page.render(console))
}

async fn create(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let sent = Sent::read(&form, filled(&form));
    let create = async { Ok::<_, Unsaved>(signet.idp.create_scope(admin.actor()?, &sent.draft).await?) };
    match create.await {
        Ok(()) => Ok(done(&saved_at(&signet, &sent.draft).await?, Flash::Created)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = new_page(editing);
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn edit(State(signet): State<Signet>, admin: Admin, query: PageQuery) -> Result<Response, Failure> {
    let record = signet.idp.get_scope(&query.text("name")).await?;
    let page = saved_page(&signet, record).await?;
    Ok(admin.ok(|console| page.render(console)))
}

async fn save(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let sent = Sent::read(&form, filled(&form));
    let save = async { Ok::<_, Unsaved>(signet.idp.save_scope(admin.actor()?, &sent.draft, sent.version).await?) };
    match save.await {
        Ok(()) => Ok(done(&saved_at(&signet, &sent.draft).await?, Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_scope(&sent.draft.name).await?;
            let target = Target::new(Recordable::Scope, record.scope.name.as_str());
            let saved = (ScopeDraft::from(&record.scope), record.version);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = ScopePage { editing, misspelled: Vec::new(), ..saved_page(&signet, record).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn delete(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let (actor, record) = (admin.actor()?, signet.idp.get_scope(&form.text("name")).await?);
    let deleted = if form.text("confirm") == record.scope.name.as_str() {
        signet.idp.delete_scope(actor, record.scope.name.as_str()).await.map_err(Unsaved::from)
    } else {
        Err(FieldErrors::one("confirm", FieldProblem::Confirmation).into())
    };
    match deleted {
        Ok(()) => Ok(done(path::SCOPES, Flash::Deleted)),
        Err(error) => {
            let (status, danger) = error.errors()?;
            let page = ScopePage { danger, ..saved_page(&signet, record).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

fn new_page(editing: Editing<ScopeDraft>) -> ScopePage {
    let usage = ScopeUse::default();
    ScopePage { saved: None, editing, usage, misspelled: Vec::new(), danger: FieldErrors::default(), bin_days: 0 }
}

async fn saved_page(signet: &Signet, record: ScopeRecord) -> Result<ScopePage, Failure> {
    let usage = signet.idp.scope_usage(&record.scope).await?;
    Ok(ScopePage {
        editing: Editing::of(ScopeDraft::from(&record.scope), record.version),
        usage: ScopeUse { clients: usage.clients, first: usage.first, consents: usage.consents, grants: usage.grants },
        misspelled: signet.idp.misspelled_claims(&record.scope.claims).await?,
        saved: Some(record.scope),
        danger: FieldErrors::default(),
        bin_days: days(signet),
    })
}

/// The list; the scope itself where there is something to warn of.
async fn saved_at(signet: &Signet, draft: &ScopeDraft) -> Result<String, Failure> {
    let saved = draft.check().map(|scope| (scope.name.to_string(), scope.claims)).unwrap_or_default();
    let misspelled = signet.idp.misspelled_claims(&saved.1).await?;
    Ok(if misspelled.is_empty() { path::SCOPES.to_owned() } else { path::scope(&saved.0) })
}

fn filled(form: &Form) -> ScopeDraft {
    let mut draft = ScopeDraft::default();
    let Ok(()) = draft.take(form);
    draft
}
