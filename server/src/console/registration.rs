//! `/admin/ui/agents/registration`: whether clients may register themselves.

use app::console::clients::credentials::NewSecret;
use app::console::registration::{InitialToken, RegistrationPage, TokenDeletionPage};
use app::console::{Editing, Flash, path};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use idp::{Recordable, Target};
use oauth::field::FieldErrors;
use oauth::form::Form;
use oauth::metadata::path::REGISTER;
use oauth::registration::RegistrationPolicyDraft;
use oauth::time::Timestamp;

use super::admin::{Admin, done};
use super::editing::{Sent, Unsaved, after_edit};
use super::handover::{Handover, hand_over};
use crate::http::failure::Failure;
use crate::http::form::{PageForm, Query};
use crate::state::Signet;

pub(super) fn routes() -> Router<Signet> {
    Router::new()
        .route(path::REGISTRATION, get(show).post(save))
        .route(path::REGISTRATION_TOKEN, post(create_token))
        .route(path::REGISTRATION_TOKEN_DELETE, get(ask).post(delete_token))
}

async fn show(State(signet): State<Signet>, admin: Admin, handover: Handover) -> Result<Response, Failure> {
    let new_token = handover.secret(&signet, &admin);
    let page = RegistrationPage { new_token, ..page(&signet).await? };
    Ok(handover.close(&signet, admin.ok(|console| page.render(console))))
}

async fn save(State(signet): State<Signet>, admin: Admin, PageForm(form): PageForm) -> Result<Response, Failure> {
    let mut draft = RegistrationPolicyDraft::from(signet.idp.registration_rules().await?.policy);
    let Ok(()) = draft.take(&form);
    let sent = Sent::read(&form, draft);
    let save = async {
        let actor = admin.actor()?;
        Ok::<_, Unsaved>(signet.idp.save_registration_policy(actor, &sent.draft, sent.version).await?)
    };
    match save.await {
        Ok(()) => Ok(done(path::REGISTRATION, Flash::Saved)),
        Err(error) => {
            let rules = signet.idp.registration_rules().await?;
            let saved = (RegistrationPolicyDraft::from(rules.policy), rules.version);
            let target = Target::all(Recordable::Registration);
            let (status, policy) = after_edit(&signet, &target, error, sent, saved).await?;
            let page = RegistrationPage { policy, ..page(&signet).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// Makes a token. The page that this leads to shows it once.
async fn create_token(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let name = form.text("name");
    let create = async { Ok::<_, Unsaved>(signet.idp.create_initial_token(admin.actor()?, &name).await?) };
    match create.await {
        Ok(token) => Ok(hand_over(&signet, &admin, path::REGISTRATION, Form::default(), &token)?),
        Err(error) => {
            let (status, errors) = error.errors()?;
            let page = RegistrationPage { name: (name, errors), ..page(&signet).await? };
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

/// Asks whether to delete the token that `?name=` names.
async fn ask(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let name = query.unwrap_or_default().text("name");
    let rules = signet.idp.registration_rules().await?;
    if !rules.tokens.iter().any(|token| token.name == name) {
        return Ok(done(path::REGISTRATION, Flash::NotDone));
    }
    Ok(admin.ok(|console| TokenDeletionPage { name }.render(console)))
}

async fn delete_token(
    State(signet): State<Signet>,
    admin: Admin,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let delete = async {
        let actor = admin.actor()?;
        Ok::<_, Unsaved>(signet.idp.delete_initial_token(actor, &form.text("name")).await?)
    };
    match delete.await {
        Ok(()) => Ok(done(path::REGISTRATION, Flash::Deleted)),
        Err(error) => error.errors().map(|_| done(path::REGISTRATION, Flash::NotDone)),
    }
}

/// The page as everything is saved.
async fn page(signet: &Signet) -> Result<RegistrationPage, Failure> {
    let rules = signet.idp.registration_rules().await?;
    let is_on = signet.idp.takes_registrations().await?;
    let tokens = rules.tokens.iter();
    Ok(RegistrationPage {
        policy: Editing::of(RegistrationPolicyDraft::from(rules.policy), rules.version),
        endpoint: is_on.then(|| signet.issuer().url(REGISTER)),
        tokens: tokens
            .map(|token| InitialToken { name: token.name.clone(), created_at: Timestamp(token.created_at) })
            .collect(),
        new_token: NewSecret::None,
        name: (String::new(), FieldErrors::default()),
        now: signet.idp.now(),
    })
}
