//! `/admin/ui/users/new`.

use app::console::users::new::NewUserPage;
use app::console::{Editing, Flash};
use axum::extract::State;
use axum::response::Response;
use oauth::user::{Password, User, UserDraft};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after};
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(admin: Admin) -> Response {
    let page = NewUserPage { editing: Editing::new(UserDraft { enabled: true, ..UserDraft::default() }) };
    admin.ok(|console| page.render(console))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let sent = Sent::read(&form, UserDraft::from_form(&form));
    match create(&signet, &admin, &sent.draft, &form.text("password")).await {
        Ok(user) => Ok(done(&app::console::path::user(user.subject.as_str()), Flash::Created)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = NewUserPage { editing };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn create(signet: &Signet, admin: &Admin, draft: &UserDraft, password: &str) -> Result<User, Unsaved> {
    let actor = admin.actor()?;
    if let Err(problem) = Password::chosen(password) {
        // Everything that is wrong is said at once.
        let mut errors = draft.check().err().unwrap_or_default();
        errors.note("password", problem);
        return Err(errors.into());
    }
    Ok(signet.idp.create_user(actor, draft, password).await?)
}
