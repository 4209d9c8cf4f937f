//! `/admin/ui/trusts/{id}/danger`: deleting a trust.

use app::console::trusts::danger::TrustDangerPage;
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::id::TrustId;

use crate::console::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let trust = signet.idp.get_trust(&TrustId::new(id)).await?.trust;
    let page = TrustDangerPage { trust, errors: FieldErrors::default() };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = TrustId::new(id);
    let (actor, trust) = (admin.actor()?, signet.idp.get_trust(&id).await?.trust);
    if form.text("confirm") != trust.issuer {
        let page = TrustDangerPage { trust, errors: FieldErrors::one("confirm", FieldProblem::Confirmation) };
        return Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)));
    }
    signet.idp.delete_trust(actor, &id).await?;
    Ok(done(path::TRUSTS, Flash::Deleted))
}
