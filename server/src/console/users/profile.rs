//! `/admin/ui/users/{subject}`.

use app::console::users::profile::UserProfilePage;
use app::console::{Editing, Flash};
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{Recordable, Target, UserChange, UserRecord};
use oauth::id::Subject;
use oauth::user::{Said, UserDraft};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after_edit};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let record = signet.idp.get_user(&Subject::new(subject)).await?;
    let editing = Editing::of(UserDraft::from(&record.user), record.version);
    let page = page(&signet, record, editing);
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (subject, sent) = (Subject::new(subject), Sent::read(&form, UserDraft::from_form(&form)));
    match save(&signet, &admin, &subject, &sent).await {
        Ok(()) => Ok(done(&app::console::path::user(subject.as_str()), Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_user(&subject).await?;
            let target = Target::new(Recordable::User, subject.as_str());
            let saved = (UserDraft::from(&record.user), record.version);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = page(&signet, record, editing);
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn save(signet: &Signet, admin: &Admin, subject: &Subject, sent: &Sent<UserDraft>) -> Result<(), Unsaved> {
    let actor = admin.actor()?;
    let (mut draft, current) = (sent.draft.clone(), signet.idp.get_user(subject).await?.user);
    draft.unverify_what_changed(&current, Said::by_form(&current));
    let change = UserChange { profile: Some(draft), ..UserChange::default() };
    Ok(signet.idp.update_user(actor, subject, sent.version, &change).await?)
}

fn page(signet: &Signet, record: UserRecord, editing: Editing<UserDraft>) -> UserProfilePage {
    UserProfilePage {
        user: record.user,
        editing,
        email_is_shared: record.email_is_shared,
        created_at: record.created_at,
        last_sign_in_at: record.last_sign_in_at,
        now: signet.idp.now(),
    }
}
