//! `/admin/ui/users/{subject}`.

use app::console::Flash;
use app::console::users::profile::UserProfilePage;
use axum::extract::{Path, State};
use axum::response::Response;
use idp::UserRecord;
use oauth::field::FieldErrors;
use oauth::id::Subject;
use oauth::user::UserDraft;

use crate::console::admin::{Admin, done};
use crate::console::save::refuse;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_user(&Subject::new(subject)).await?;
    let (draft, version) = (UserDraft::from(&record.user), record.version);
    let page = page(&signet, record, draft, version);
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (subject, draft) = (Subject::new(subject), UserDraft::from_form(&form));
    let version: Option<i64> = form.text("version").parse().ok();
    match signet.idp.update_user(&admin.actor, &subject, version, &draft).await {
        Ok(()) => Ok(done(&app::console::path::user(subject.as_str()), Flash::Saved)),
        Err(error) => {
            let refused = refuse(error)?;
            let record = signet.idp.get_user(&subject).await?;
            // After a conflict the form carries the version it now competes with: saving again is a decision.
            let version = if refused.conflict { record.version } else { version.unwrap_or(record.version) };
            let page = UserProfilePage {
                errors: refused.errors,
                conflict: refused.conflict,
                ..page(&signet, record, draft, version)
            };
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}

fn page(signet: &Signet, record: UserRecord, draft: UserDraft, version: i64) -> UserProfilePage {
    UserProfilePage {
        user: record.user,
        draft,
        errors: FieldErrors::default(),
        version,
        conflict: false,
        created_at: record.created_at,
        last_sign_in_at: record.last_sign_in_at,
        now: signet.idp.now(),
    }
}
