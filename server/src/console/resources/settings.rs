//! `/admin/ui/resources/new` and `/admin/ui/resources/{id}`: the form of a resource.

use app::console::resources::settings::{NewResourcePage, ResourceSettingsPage};
use app::console::{Editing, Flash, path};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{Recordable, Target};
use oauth::form::Form;
use oauth::id::ResourceId;
use oauth::resource::{ResourceDraft, ResourceStatus};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after, after_edit};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn new(admin: Admin) -> Response {
    let page = NewResourcePage { editing: Editing::new(ResourceDraft::preset()) };
    admin.ok(|console| page.render(console))
}

pub(super) async fn create(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let sent = Sent::read(&form, filled(ResourceDraft::preset(), &form));
    let create = async { Ok::<_, Unsaved>(signet.idp.create_resource(admin.actor()?, &sent.draft).await?) };
    match create.await {
        // There it says what to copy into the server.
        Ok(resource) => Ok(done(&path::resource_part(resource.id.as_str(), "server"), Flash::Created)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = NewResourcePage { editing };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_resource(&ResourceId::new(id)).await?;
    let editing = Editing::of(ResourceDraft::of(&record.resource, record.is_default), record.version);
    let page = ResourceSettingsPage { resource: record.resource, is_default: record.is_default, editing };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn save(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = ResourceId::new(id);
    let record = signet.idp.get_resource(&id).await?;
    let sent = Sent::read(&form, filled(ResourceDraft::of(&record.resource, record.is_default), &form));
    let save =
        async { Ok::<_, Unsaved>(signet.idp.update_resource(admin.actor()?, &id, sent.version, &sent.draft).await?) };
    match save.await {
        Ok(()) => Ok(done(&path::resource(id.as_str()), Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_resource(&id).await?;
            let target = Target::new(Recordable::Resource, id.as_str());
            let saved = (ResourceDraft::of(&record.resource, record.is_default), record.version);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = ResourceSettingsPage { resource: record.resource, is_default: record.is_default, editing };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// Lets a resource in that was found by its own metadata.
pub(super) async fn accept(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = ResourceId::new(id);
    let (actor, record) = (admin.actor()?, signet.idp.get_resource(&id).await?);
    let enabled = ResourceStatus::Enabled.to_string();
    let draft = ResourceDraft { status: enabled, ..ResourceDraft::of(&record.resource, record.is_default) };
    match signet.idp.update_resource(actor, &id, Some(record.version), &draft).await {
        Ok(()) => Ok(done(&path::resource(id.as_str()), Flash::Accepted)),
        Err(error) => {
            let sent = Sent::of(draft, record.version);
            let (status, editing) = after(error.into(), sent, Some(record.version))?;
            let page = ResourceSettingsPage { resource: record.resource, is_default: record.is_default, editing };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

fn filled(mut draft: ResourceDraft, form: &Form) -> ResourceDraft {
    let Ok(()) = draft.take(form);
    draft
}
