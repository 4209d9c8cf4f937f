//! `/admin/users`.

use axum::extract::State;
use axum::response::Response;
use idp::UserChange;
use oauth::fields::Fields as _;
use oauth::id::Subject;
use oauth::listing::UserFilter;
use oauth::secret::Secret;
use oauth::user::{Said, UserDraft};

use super::answer::{ApiError, created, ok};
use super::body::Body;
use super::listing::{Asked, WhichUsers, answer};
use super::refusals::{BadBody, BadQuery, Guarded, Missing};
use super::schema::{Done, UserAnswer};
use super::segment::Segment;
use super::sent::{NewUser, UserBody};
use super::token::AdminToken;
use super::window::Window;
use crate::state::Signet;

/// List users
///
/// With their claims; a thousand at a time.
#[utoipa::path(
    get, path = "/admin/users", tag = "Users", operation_id = "listUsers", params(WhichUsers, Window),
    responses((status = 200, description = "The users", body = Vec<UserAnswer>, headers(("Link" = String, description = "Where the next ones are, while there are more: `<…>; rel=\"next\"`"))), BadQuery, Guarded),
)]
pub(super) async fn list(
    State(signet): State<Signet>,
    _: AdminToken,
    window: Window,
    Asked(listing): Asked<UserFilter>,
) -> Result<Response, ApiError> {
    let part = signet.idp.list_users(&listing).await?;
    let rows: Vec<_> = part.rows.iter().map(|row| UserAnswer::from(&row.user)).collect();
    answer(&signet, &window, "/admin/users", &listing, (&part, rows))
}

/// Read a user
///
/// With claims, never with a password.
#[utoipa::path(
    get, path = "/admin/users/{id}", tag = "Users", operation_id = "getUser", params(("id" = String, Path, description = "The ID of the user")),
    responses((status = 200, description = "The user", body = UserAnswer), Missing, Guarded),
)]
pub(super) async fn get(
    State(signet): State<Signet>,
    _: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    Ok(ok(UserAnswer::from(&signet.idp.get_user(&Subject::new(id)).await?.user)))
}

/// Create a user
///
/// Scripts may set passwords that are shorter than people may choose.
#[utoipa::path(
    post, path = "/admin/users", tag = "Users", operation_id = "createUser",
    request_body(content = NewUser, example = json!({
        "username": "alice", "password": "correct-horse", "email": "alice@example.com",
        "claims": { "given_name": "Alice" },
    })),
    responses((status = 201, description = "Created", body = UserAnswer), BadBody, Guarded),
)]
pub(super) async fn create(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let mut draft = UserDraft { enabled: true, ..UserDraft::default() };
    apply(&body, &mut draft)?;
    let password = body.text("password")?.unwrap_or_default();
    let user = signet.idp.create_user(&admin.actor, &draft, &password).await?;
    Ok(created(UserAnswer::from(&user)))
}

/// Change a user
///
/// Members that are not sent stay as they are, and so do claims that are not named. A call that is refused changes nothing. Another
/// `email` or `phone_number` is not verified, unless the call says so.
#[utoipa::path(
    patch, path = "/admin/users/{id}", tag = "Users", operation_id = "changeUser", params(("id" = String, Path, description = "The ID of the user")),
    request_body(content = UserBody, example = json!({ "email": "alice@example.org" })),
    responses((status = 200, description = "Changed", body = UserAnswer), Missing, BadBody, Guarded),
)]
pub(super) async fn update(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, ApiError> {
    let subject = Subject::new(id);
    let current = signet.idp.get_user(&subject).await?;
    let mut draft = UserDraft::from(&current.user);
    let said = apply(&body, &mut draft)?;
    draft.unverify_what_changed(&current.user, said);
    let change = UserChange {
        profile: (draft != UserDraft::from(&current.user)).then_some(draft),
        password: body.text("password")?.map(Secret::new),
    };
    signet.idp.update_user(&admin.actor, &subject, Some(current.version), &change).await?;
    Ok(ok(UserAnswer::from(&signet.idp.get_user(&subject).await?.user)))
}

/// Delete a user
///
/// With them go their sessions, codes, tokens and consents.
#[utoipa::path(
    delete, path = "/admin/users/{id}", tag = "Users", operation_id = "deleteUser", params(("id" = String, Path, description = "The ID of the user")),
    responses((status = 200, description = "Deleted", body = Done), Missing, Guarded),
)]
pub(super) async fn delete(
    State(signet): State<Signet>,
    admin: AdminToken,
    Segment(id): Segment,
) -> Result<Response, ApiError> {
    signet.idp.delete_user(&admin.actor, &Subject::new(id)).await?;
    Ok(ok(Done::new()))
}

fn apply(body: &Body, draft: &mut UserDraft) -> Result<Said, ApiError> {
    draft.take(body)?;
    let Some(claims) = body.object("claims")?.map(Body::into_members) else {
        return Ok(Said::default());
    };
    let said = Said::by_claims(&claims);
    draft.set_claims(claims).map_err(idp::SaveError::from)?;
    Ok(said)
}
