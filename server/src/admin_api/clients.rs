//! `/admin/clients`.

use axum::extract::{Path, State};
use axum::response::Response;
use idp::{ClientChange, ClientFilter, PageRequest};
use oauth::client::{Client, ClientDraft, ClientKind, PolicyDraft};
use oauth::field::FieldProblem;
use oauth::id::ClientId;
use oauth::redirect_uri::RedirectUri;
use serde_json::{Value, json};

use super::answer::{ApiError, created, ok, with};
use super::body::{Body, put};
use super::policy;
use super::token::AdminToken;
use crate::state::App;

pub(super) async fn list(State(app): State<App>, _: AdminToken) -> Result<Response, ApiError> {
    let mut clients = Vec::new();
    let mut number = 1;
    loop {
        let page = app.idp.list_clients(&ClientFilter::default(), PageRequest::new(number, 500)).await?;
        let last = page.rows.len() < 500;
        clients.extend(page.rows.iter().map(|row| describe(&row.client)));
        if last {
            return Ok(ok(Value::Array(clients)));
        }
        number += 1;
    }
}

pub(super) async fn get(
    State(app): State<App>,
    _: AdminToken,
    Path(client_id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(ok(describe(&app.idp.get_client(&ClientId::new(client_id)).await?.client)))
}

/// 201; with `client_secret` when it was made here.
pub(super) async fn create(State(app): State<App>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    let mut draft = ClientDraft {
        scope: "openid profile email".to_owned(),
        grant_types: vec!["authorization_code".to_owned()],
        ..ClientDraft::preset(ClientKind::Web)
    };
    apply(&body, &mut draft)?;
    if draft.client_id.is_empty() {
        draft.client_id = idp::random::client_id();
    }
    if draft.client_name.is_empty() {
        draft.client_name.clone_from(&draft.client_id);
    }
    if body.text("kind")?.is_none() {
        draft.kind = guess_kind(&draft).to_string();
    }
    let policy = body.object("policy")?.filter(|policy| !policy.is_empty());
    let policy = policy
        .map(|body| policy::apply(&body, PolicyDraft::from(&oauth::client::ClientPolicy::default())))
        .transpose()?;
    let chosen = body.text("client_secret")?.filter(|secret| !secret.is_empty());
    let (client, secret) = app.idp.create_client(&admin.actor, &draft, policy.as_ref(), chosen.as_deref()).await?;
    let answer = json!({ "client_id": client.client_id, "message": "Client created" });
    Ok(created(match secret.filter(|_| chosen.is_none()) {
        Some(secret) => with(answer, "client_secret", secret.expose().into()),
        None => answer,
    }))
}

/// `PUT` and `PATCH`: only the members that were sent are changed. A client that comes to need a secret and has none gets one.
pub(super) async fn update(
    State(app): State<App>,
    admin: AdminToken,
    Path(client_id): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let client_id = ClientId::new(client_id);
    let current = app.idp.get_client(&client_id).await?;
    let mut draft = ClientDraft::from(&current.client);
    apply(&body, &mut draft)?;
    if draft.client_id != client_id.as_str() {
        return Err(ApiError::Body("client_id: a client keeps its ID".to_owned()));
    }
    let policy = body.object("policy")?.filter(|policy| !policy.is_empty());
    let policy =
        policy.map(|body| policy::apply(&body, PolicyDraft::from(&current.client.effective_policy()))).transpose()?;
    let needs_secret = draft.token_endpoint_auth_method != "none" && current.secrets.is_empty();
    let change = ClientChange { client: Some(draft), policy };
    app.idp.update_client(&admin.actor, &client_id, Some(current.version), &change).await?;
    let answer = json!({ "client_id": client_id, "message": "Client updated" });
    if !needs_secret {
        return Ok(ok(answer));
    }
    let secret = app.idp.add_client_secret(&admin.actor, &client_id, "initial").await?;
    Ok(ok(with(answer, "client_secret", secret.expose().into())))
}

pub(super) async fn delete(
    State(app): State<App>,
    admin: AdminToken,
    Path(client_id): Path<String>,
) -> Result<Response, ApiError> {
    app.idp.delete_client(&admin.actor, &ClientId::new(client_id)).await?;
    Ok(ok(json!({ "ok": true, "message": "Client deleted" })))
}

fn apply(body: &Body, draft: &mut ClientDraft) -> Result<(), ApiError> {
    put(&mut draft.client_id, body.text("client_id")?);
    put(&mut draft.client_name, body.text("client_name")?);
    put(&mut draft.kind, body.text("kind")?);
    put(&mut draft.enabled, body.flag("enabled")?);
    put(&mut draft.redirect_uris, body.words("redirect_uris")?);
    put(&mut draft.allowed_origins, body.words("allowed_origins")?);
    put(&mut draft.grant_types, body.words("grant_types")?.map(|words| words.lines().map(str::to_owned).collect()));
    put(&mut draft.scope, body.words("scope")?);
    put(&mut draft.token_endpoint_auth_method, body.text("token_endpoint_auth_method")?);
    put(&mut draft.require_consent, body.flag("require_consent")?);
    put(&mut draft.id_token_signed_response_alg, body.text("id_token_signed_response_alg")?);
    put(&mut draft.client_uri, body.text("client_uri")?);
    put(&mut draft.logo_uri, body.text("logo_uri")?);
    put(&mut draft.policy_uri, body.text("policy_uri")?);
    put(&mut draft.tos_uri, body.text("tos_uri")?);
    match body.words("response_types")?.as_deref() {
        None | Some("" | "code") => Ok(()),
        Some(_) => Err(ApiError::from(idp::SaveError::field("response_types", FieldProblem::Choice))),
    }
}

/// The kind of a client that a script describes without naming one.
fn guess_kind(draft: &ClientDraft) -> ClientKind {
    let web = |uri: &str| uri.starts_with("http://") || uri.starts_with("https://");
    match draft.token_endpoint_auth_method.as_str() {
        "none" if draft.redirect_uris.split_whitespace().all(web) => ClientKind::Spa,
        "none" => ClientKind::Native,
        _ if draft.grant_types.iter().all(|grant| grant == "client_credentials") => ClientKind::Machine,
        _ => ClientKind::Web,
    }
}

/// A client, never with a secret.
fn describe(client: &Client) -> Value {
    let words = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(" ");
    json!({
        "client_id": client.client_id,
        "client_name": client.client_name,
        "client_secret": null,
        "redirect_uris": words(&mut client.redirect_uris.iter().map(RedirectUri::as_str)),
        "scope": client.scope,
        "grant_types": words(&mut client.grant_types.iter().map(|grant| grant.as_str())),
        "response_types": client.response_types(),
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "require_consent": client.require_consent,
        "policy": client.policy.as_ref().map_or_else(|| json!({}), policy::describe),
        "kind": client.kind,
        "enabled": client.enabled,
        "allowed_origins": client.allowed_origins.join(" "),
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "client_uri": client.client_uri,
        "logo_uri": client.logo_uri,
        "policy_uri": client.policy_uri,
        "tos_uri": client.tos_uri,
    })
}
