//! `/admin/ui/resources/{id}/danger`: deleting a resource.

use app::console::resources::danger::ResourceDangerPage;
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use idp::ResourceRecord;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::id::ResourceId;

use crate::console::admin::{Admin, done};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let page = page(signet.idp.get_resource(&ResourceId::new(id)).await?, FieldErrors::default());
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = ResourceId::new(id);
    let (actor, record) = (admin.actor()?, signet.idp.get_resource(&id).await?);
    if form.text("confirm") != record.resource.identifier.as_str() {
        let page = page(record, FieldErrors::one("confirm", FieldProblem::Confirmation));
        return Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)));
    }
    signet.idp.delete_resource(actor, &id).await?;
    Ok(done(path::RESOURCES, Flash::Deleted))
}

fn page(record: ResourceRecord, errors: FieldErrors) -> ResourceDangerPage {
    ResourceDangerPage { resource: record.resource, is_default: record.is_default, errors }
}
