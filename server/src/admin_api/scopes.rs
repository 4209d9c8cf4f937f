//! `/admin/scopes`.

use axum::extract::{Path, State};
use axum::response::Response;
use oauth::scope::ScopeDraft;
use serde_json::json;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::token::AdminToken;
use crate::state::App;

pub(super) async fn list(State(app): State<App>, _: AdminToken) -> Result<Response, ApiError> {
    Ok(ok(json!(*app.idp.scopes().await?)))
}

/// Creates or changes a scope.
pub(super) async fn save(State(app): State<App>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let name = body.text("name")?.unwrap_or_default();
    let known = app.idp.scopes().await?.iter().find(|scope| scope.name.as_str() == name).map(ScopeDraft::from);
    let known =
        known.unwrap_or_else(|| ScopeDraft { description: name.clone(), name: name.clone(), claims: String::new() });
    let draft = ScopeDraft {
        name,
        description: body.text("description")?.filter(|text| !text.is_empty()).unwrap_or(known.description),
        claims: body.words("claims")?.unwrap_or(known.claims),
    };
    app.idp.save_scope(&admin.actor, &draft).await?;
    Ok(ok(json!({ "ok": true })))
}

pub(super) async fn delete(
    State(app): State<App>,
    admin: AdminToken,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    app.idp.delete_scope(&admin.actor, &name).await?;
    Ok(ok(json!({ "ok": true })))
}
