//! `/admin/users`.

use axum::extract::{Path, State};
use axum::response::Response;
use idp::PageRequest;
use oauth::id::Subject;
use oauth::user::{User, UserDraft};
use serde_json::{Value, json};

use super::answer::{ApiError, created, ok};
use super::body::{Body, put};
use super::token::AdminToken;
use crate::state::App;

pub(super) async fn list(State(app): State<App>, _: AdminToken) -> Result<Response, ApiError> {
    let mut users = Vec::new();
    let mut number = 1;
    loop {
        let page = app.idp.list_users("", PageRequest::new(number, 500)).await?;
        let last = page.rows.len() < 500;
        users.extend(page.rows.iter().map(|row| describe(&row.user)));
        if last {
            return Ok(ok(Value::Array(users)));
        }
        number += 1;
    }
}

pub(super) async fn get(State(app): State<App>, _: AdminToken, Path(id): Path<String>) -> Result<Response, ApiError> {
    Ok(ok(describe(&app.idp.get_user(&Subject::new(id)).await?.user)))
}

pub(super) async fn create(State(app): State<App>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let mut draft = UserDraft { enabled: true, ..UserDraft::default() };
    apply(&body, &mut draft)?;
    let password = body.text("password")?.unwrap_or_default();
    let user = app.idp.create_user(&admin.actor, &draft, &password).await?;
    Ok(created(describe(&user)))
}

/// Only the members that were sent are changed.
pub(super) async fn update(
    State(app): State<App>,
    admin: AdminToken,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let subject = Subject::new(id);
    let current = app.idp.get_user(&subject).await?;
    let mut draft = UserDraft::from(&current.user);
    apply(&body, &mut draft)?;
    if draft != UserDraft::from(&current.user) {
        app.idp.update_user(&admin.actor, &subject, Some(current.version), &draft).await?;
    }
    if let Some(password) = body.text("password")? {
        app.idp.set_password(&admin.actor, &subject, &password).await?;
    }
    Ok(ok(describe(&app.idp.get_user(&subject).await?.user)))
}

pub(super) async fn delete(
    State(app): State<App>,
    admin: AdminToken,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    app.idp.delete_user(&admin.actor, &Subject::new(id)).await?;
    Ok(ok(json!({ "ok": true })))
}

fn apply(body: &Body, draft: &mut UserDraft) -> Result<(), ApiError> {
    put(&mut draft.username, body.text("username")?);
    put(&mut draft.email, body.text("email")?);
    put(&mut draft.enabled, body.flag("enabled")?);
    if let Some(claims) = body.object("claims")? {
        draft.set_claims(claims.into_members()).map_err(idp::SaveError::from)?;
    }
    Ok(())
}

fn describe(user: &User) -> Value {
    let mut claims = oauth::claims::all_claims(user);
    claims.remove("sub");
    json!({
        "id": user.subject,
        "username": user.username,
        "email": user.email,
        "enabled": user.enabled,
        "claims": claims,
    })
}
