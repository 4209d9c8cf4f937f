//! `/admin/ui/users/{subject}/danger`: deleting a user.

use app::console::users::danger::UserDangerPage;
use app::console::{Flash, path};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use oauth::field::{FieldErrors, FieldProblem};
use oauth::id::Subject;

use crate::console::admin::{Admin, done};
use crate::console::bin::days;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_user(&Subject::new(subject)).await?;
    let page = UserDangerPage { user: record.user, errors: FieldErrors::default(), bin_days: days(&signet) };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    let (actor, record) = (admin.actor()?, signet.idp.get_user(&subject).await?);
    if form.text("confirm") != record.user.username {
        let page = UserDangerPage {
            user: record.user,
            errors: FieldErrors::one("confirm", FieldProblem::Confirmation),
            bin_days: days(&signet),
        };
        return Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| page.render(console)));
    }
    signet.idp.delete_user(actor, &subject).await?;
    Ok(done(path::USERS, Flash::Deleted))
}
