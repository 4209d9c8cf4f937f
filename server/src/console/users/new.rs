//! `/admin/ui/users/new`.

use app::console::Flash;
use app::console::users::new::NewUserPage;
use axum::extract::State;
use axum::response::Response;
use oauth::field::FieldErrors;
use oauth::user::{UserDraft, check_password};

use crate::console::admin::{Admin, done};
use crate::console::save::refuse;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(admin: Admin) -> Response {
    let page =
        NewUserPage { draft: UserDraft { enabled: true, ..UserDraft::default() }, errors: FieldErrors::default() };
    admin.ok(|console| page.render(console))
}

pub(super) async fn post(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let (draft, password) = (UserDraft::from_form(&form), form.text("password"));
    let created = match check_password(&password) {
        Ok(()) => signet.idp.create_user(&admin.actor, &draft, &password).await,
        Err(problem) => {
            // Everything that is wrong is said at once.
            let mut errors = draft.check().err().unwrap_or_default();
            errors.note("password", problem);
            Err(errors.into())
        }
    };
    match created {
        Ok(user) => Ok(done(&app::console::path::user(user.subject.as_str()), Flash::Created)),
        Err(error) => {
            let refused = refuse(error)?;
            let page = NewUserPage { draft, errors: refused.errors };
            Ok(admin.page(refused.status, |console| page.render(console)))
        }
    }
}
