//! `/admin/ui/scopes`: what clients may ask for.

use app::console::scopes::edit::ScopePage;
use app::console::scopes::list::ScopeListPage;
use app::console::{Flash, path};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use oauth::field::FieldErrors;
use oauth::scope::{ScopeDefinition, ScopeDraft};

use super::admin::{Admin, done};
use super::save::refuse;
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::SCOPES, get(list))
        .route(path::SCOPE_NEW, get(new).post(create))
        .route(path::SCOPE_EDIT, get(edit).post(save))
        .route(path::SCOPE_DELETE, post(delete))
}

async fn list(State(signet): State<Signet>, admin: Admin) -> Result<Response, Failure> {
    let page = ScopeListPage { scopes: signet.idp.scopes().await?.to_vec() };
    Ok(admin.ok(|console| page.render(console)))
}

async fn new(admin: Admin) -> Response {
    let page = page(None, ScopeDraft::default(), FieldErrors::default());
    admin.ok(|console| page.render(console))
}

async fn create(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let draft = ScopeDraft::from_form(&form);
    match signet.idp.create_scope(&admin.actor, &draft).await {
        Ok(()) => Ok(done(path::SCOPES, Flash::Created)),
        Err(error) => {
            let refused = refuse(error)?;
            let page = page(None, draft, refused.errors);
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}

async fn edit(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let saved = find(&signet, &query.unwrap_or_default().text("name")).await?;
    let page = page(Some(&saved), ScopeDraft::from(&saved), FieldErrors::default());
    Ok(admin.ok(|console| page.render(console)))
}

async fn save(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let draft = ScopeDraft::from_form(&form);
    let saved = find(&signet, &draft.name).await?;
    match signet.idp.save_scope(&admin.actor, &draft).await {
        Ok(()) => Ok(done(path::SCOPES, Flash::Saved)),
        Err(error) => {
            let refused = refuse(error)?;
            let page = page(Some(&saved), draft, refused.errors);
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}

async fn delete(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let saved = find(&signet, &form.text("name")).await?;
    let result = if form.text("confirm") == saved.name.as_str() {
        signet.idp.delete_scope(&admin.actor, saved.name.as_str()).await
    } else {
        Err(idp::SaveError::field("confirm", oauth::field::FieldProblem::Confirmation))
    };
    match result {
        Ok(()) => Ok(done(path::SCOPES, Flash::Deleted)),
        Err(error) => {
            let refused = refuse(error)?;
            let page = page(Some(&saved), ScopeDraft::from(&saved), refused.errors);
            Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)))
        }
    }
}

fn page(saved: Option<&ScopeDefinition>, draft: ScopeDraft, errors: FieldErrors) -> ScopePage {
    ScopePage { saved: saved.cloned(), name: draft.name, description: draft.description, claims: draft.claims, errors }
}

async fn find(signet: &Signet, name: &str) -> Result<ScopeDefinition, Failure> {
    let scopes = signet.idp.scopes().await?;
    scopes.iter().find(|scope| scope.name.as_str() == name).cloned().ok_or(Failure::Provider(idp::Error::NotFound))
}
