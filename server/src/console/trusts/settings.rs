//! `/admin/ui/trusts/new` and `/admin/ui/trusts/{id}`: the form of a trust, and the look for its keys.

use app::console::trusts::settings::{ChooseTrustPage, NewTrustPage, TrustSettingsPage};
use app::console::{Editing, Flash, path};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use idp::{Recordable, Target, TrustRecord};
use oauth::form::Form;
use oauth::id::TrustId;
use oauth::trust::{TrustDraft, TrustKind};

use crate::console::admin::{Admin, done};
use crate::console::editing::{Sent, Unsaved, after, after_edit};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

/// The form of the kind that `?kind=` names; the choice of one when it names none.
pub(super) async fn new(admin: Admin, Query(query): Query) -> Response {
    match TrustKind::find(&query.unwrap_or_default().text("kind")) {
        Some(kind) => {
            let page = NewTrustPage { kind, editing: Editing::new(TrustDraft::preset(kind)) };
            admin.ok(|console| page.render(console))
        }
        None => admin.ok(|console| ChooseTrustPage {}.render(console)),
    }
}

pub(super) async fn create(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let Some(kind) = TrustKind::find(&form.text("kind")) else {
        return Ok(admin.page(StatusCode::UNPROCESSABLE_ENTITY, |console| ChooseTrustPage {}.render(console)));
    };
    let sent = Sent::read(&form, filled(TrustDraft::preset(kind), &form));
    let create = async { Ok::<_, Unsaved>(signet.idp.create_trust(admin.actor()?, &sent.draft).await?) };
    match create.await {
        Ok(trust) => Ok(done(&path::trust(trust.id.as_str()), Flash::Created)),
        Err(error) => {
            let (status, editing) = after(error, sent, None)?;
            let page = NewTrustPage { kind, editing };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let page = page(signet.idp.get_trust(&TrustId::new(id)).await?, None);
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn save(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let id = TrustId::new(id);
    let record = signet.idp.get_trust(&id).await?;
    let kind = record.trust.kind().to_string();
    // The form does not ask for the kind, so nobody could mend one that is sent.
    let sent = Sent::read(&form, TrustDraft { kind, ..filled(TrustDraft::from(&record.trust), &form) });
    let save =
        async { Ok::<_, Unsaved>(signet.idp.update_trust(admin.actor()?, &id, sent.version, &sent.draft).await?) };
    match save.await {
        Ok(()) => Ok(done(&path::trust(id.as_str()), Flash::Saved)),
        Err(error) => {
            let record = signet.idp.get_trust(&id).await?;
            let target = Target::new(Recordable::Trust, id.as_str());
            let saved = (TrustDraft::from(&record.trust), record.version);
            let (status, editing) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = TrustSettingsPage { trust: record.trust, editing, found: None };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// Looks for the keys. It changes nothing, and what it finds is shown to whoever asked.
pub(super) async fn check(
    State(signet): State<Signet>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    admin.actor()?;
    let id = TrustId::new(id);
    let found = signet.idp.look_for_keys(&id).await?;
    let page = page(signet.idp.get_trust(&id).await?, Some(found));
    Ok(admin.ok(|console| page.render(console)))
}

fn page(record: TrustRecord, found: Option<Result<usize, String>>) -> TrustSettingsPage {
    let editing = Editing::of(TrustDraft::from(&record.trust), record.version);
    TrustSettingsPage { trust: record.trust, editing, found }
}

fn filled(mut draft: TrustDraft, form: &Form) -> TrustDraft {
    let Ok(()) = draft.take(form);
    draft
}
