//! `/admin/ui/users/{subject}/security`: the password, and ending all at once.

use app::console::Flash;
use app::console::users::linked::LinkedAccount;
use app::console::users::revoke::UserRevocationPage;
use app::console::users::security::UserSecurityPage;
use axum::extract::{Path, State};
use axum::response::Response;
use idp::{LinkRow, SessionsOf};
use oauth::field::FieldErrors;
use oauth::id::Subject;
use oauth::trust::Trust;
use oauth::user::Password;

use crate::console::admin::{Admin, done};
use crate::console::editing::Unsaved;
use crate::console::paging::PER_PAGE;
use crate::console::replays;
use crate::http::failure::Failure;
use crate::http::form::PageForm;
use crate::state::Signet;

pub(super) async fn get(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let page = page(&signet, &Subject::new(subject), FieldErrors::default()).await?;
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn set_password(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
    PageForm(form): PageForm,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    let actor = admin.actor()?;
    let password = form.text("password");
    let sessions = signet.idp.count_sessions_of(&SessionsOf::User(subject.clone())).await?.number();
    let set = match Password::chosen(&password) {
        Ok(_) => signet.idp.set_password(actor, &subject, &password).await.map_err(Unsaved::from),
        Err(problem) => Err(FieldErrors::one("password", problem).into()),
    };
    match set {
        Ok(()) => Ok(done(&app::console::path::user_part(subject.as_str(), "security"), Flash::PasswordSet(sessions))),
        Err(error) => {
            let (status, errors) = error.errors()?;
            let page = page(&signet, &subject, errors).await?;
            Ok(admin.page(status, |console| page.render(console)))
        }
    }
}

async fn page(signet: &Signet, subject: &Subject, errors: FieldErrors) -> Result<UserSecurityPage, idp::Error> {
    let user = signet.idp.get_user(subject).await?.user;
    let links = signet.idp.links_of(subject, PER_PAGE).await?;
    Ok(UserSecurityPage {
        user,
        errors,
        linked: links.rows.into_iter().map(linked).collect(),
        are_more: links.is_more,
        replays: replays::of_user(signet, subject).await?,
        now: signet.idp.now(),
    })
}

fn linked((link, trust): (LinkRow, Trust)) -> LinkedAccount {
    LinkedAccount {
        id: link.id,
        trust: trust.id.to_string(),
        trust_name: trust.name,
        issuer: trust.issuer,
        there: link.subject,
        created_at: link.created_at,
    }
}

/// Asks whether to end all sessions of the user, and to revoke all their tokens.
pub(super) async fn ask_revocation(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    let allowed = signet.idp.list_consents(&subject).await?.into_iter().filter(|allowed| allowed.grants > 0);
    let page = UserRevocationPage {
        user: signet.idp.get_user(&subject).await?.user,
        sessions: signet.idp.count_sessions_of(&SessionsOf::User(subject.clone())).await?,
        grants: signet.idp.count_grants_of_user(&subject).await?,
        clients: allowed.map(|allowed| (allowed.client_name, allowed.client_id.into_string())).collect(),
    };
    Ok(admin.ok(|console| page.render(console)))
}

pub(super) async fn revoke(
    State(signet): State<Signet>,
    admin: Admin,
    Path(subject): Path<String>,
) -> Result<Response, Failure> {
    let subject = Subject::new(subject);
    signet.idp.revoke_user_tokens(admin.actor()?, &subject).await?;
    Ok(done(&app::console::path::user_part(subject.as_str(), "security"), Flash::SignedOut))
}
