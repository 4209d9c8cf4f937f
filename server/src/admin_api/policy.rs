//! `/admin/clients/{client_id}/policy`.

use axum::extract::{Path, State};
use axum::response::Response;
use idp::ClientChange;
use oauth::client::{ClientPolicy, PolicyDraft};
use oauth::id::ClientId;
use oauth::redirect_uri::RedirectUri;
use serde_json::{Value, json};

use super::answer::{ApiError, ok, with};
use super::body::{Body, put};
use super::token::AdminToken;
use crate::state::App;

/// The client's own policy, or `{}`.
pub(super) async fn get(
    State(app): State<App>,
    _: AdminToken,
    Path(client_id): Path<String>,
) -> Result<Response, ApiError> {
    let client = app.idp.get_client(&ClientId::new(client_id)).await?.client;
    let Some(policy) = &client.policy else {
        return Ok(ok(json!({})));
    };
    Ok(ok(with(describe(policy), "client_id", json!(client.client_id))))
}

/// Only the members that were sent are changed.
pub(super) async fn post(
    State(app): State<App>,
    admin: AdminToken,
    Path(client_id): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let client_id = ClientId::new(client_id);
    let current = app.idp.get_client(&client_id).await?;
    let draft = apply(&body, PolicyDraft::from(&current.client.effective_policy()))?;
    let change = ClientChange { client: None, policy: Some(draft) };
    app.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    Ok(ok(json!({ "ok": true })))
}

/// The draft with what was sent in place.
pub(super) fn apply(body: &Body, mut draft: PolicyDraft) -> Result<PolicyDraft, ApiError> {
    put(&mut draft.allowed_scopes, body.words("allowed_scopes")?);
    put(&mut draft.default_scopes, body.words("default_scopes")?);
    put(&mut draft.post_logout_redirect_uris, body.words("post_logout_redirect_uris")?);
    put(&mut draft.require_pkce, body.flag("require_pkce")?);
    put(&mut draft.consent_policy, body.text("consent_policy")?);
    put(&mut draft.access_token_lifetime, body.number("access_token_lifetime")?);
    put(&mut draft.refresh_token_ttl_days, body.number("refresh_token_ttl_days")?);
    put(&mut draft.token_format, body.text("token_format")?);
    Ok(draft)
}

/// A policy; lists are words in one string.
pub(super) fn describe(policy: &ClientPolicy) -> Value {
    let uris: Vec<&str> = policy.post_logout_redirect_uris.iter().map(RedirectUri::as_str).collect();
    json!({
        "allowed_scopes": policy.allowed_scopes,
        "default_scopes": policy.default_scopes,
        "post_logout_redirect_uris": uris.join(" "),
        "require_pkce": policy.require_pkce,
        "consent_policy": policy.consent_policy,
        "access_token_lifetime": policy.access_token_lifetime,
        "refresh_token_ttl_days": policy.refresh_token_ttl_days,
        "token_format": policy.token_format,
    })
}
