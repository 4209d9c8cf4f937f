//! `/admin/client_hosts` and `/admin/client_documents`: clients that come with a document.

use axum::extract::State;
use axum::response::Response;
use idp::DocumentRow;
use oauth::registration::{HostPolicy, HostPolicyDraft};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::{ApiError, ok};
use super::body::Body;
use super::refusals::{BadBody, Guarded};
use super::schema::Done;
use super::sent::{DocumentBody, HostsBody};
use super::token::AdminToken;
use crate::state::Signet;

/// The hosts whose clients may come with a document. Lists are words in one string, separated by spaces.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hosts {
    #[schema(example = "open")]
    mode: &'static str,
    allowed: String,
    blocked: String,
}

impl From<&HostPolicy> for Hosts {
    fn from(policy: &HostPolicy) -> Self {
        let words = |lines: String| lines.replace('\n', " ");
        let draft = HostPolicyDraft::from(policy);
        Self { mode: policy.mode.as_str(), allowed: words(draft.allowed), blocked: words(draft.blocked) }
    }
}

/// A client that came with a document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Document {
    #[schema(example = "https://agent.example/client.json")]
    client_id: String,
    /// As it calls itself.
    client_name: String,
    #[schema(example = "agent.example")]
    host: String,
    enabled: bool,
    /// `live`, `built_in` or `upload`.
    #[schema(example = "live")]
    source: &'static str,
    /// When it was fetched, written or put here, in seconds since 1970.
    fetched_at: i64,
    /// Grants that are not revoked.
    grants: u64,
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        Self {
            client_id: row.client_id.into_string(),
            client_name: row.client_name,
            host: row.host,
            enabled: row.enabled,
            source: row.source.as_str(),
            fetched_at: row.fetched_at.0,
            grants: row.grants,
        }
    }
}

/// Read which hosts may send clients
///
/// A client whose ID is the URL of its document comes in by the rule for the host of that URL.
#[utoipa::path(
    get, path = "/admin/client_hosts", tag = "Clients", operation_id = "getClientHosts",
    responses((status = 200, description = "The rules", body = Hosts), Guarded),
)]
pub(super) async fn hosts(State(signet): State<Signet>, _: AdminToken) -> Result<Response, ApiError> {
    Ok(ok(Hosts::from(&signet.idp.host_rules().await?.policy)))
}

/// Change which hosts may send clients
///
/// Whatever clients of a host hold that is blocked now is revoked.
#[utoipa::path(
    put, path = "/admin/client_hosts", tag = "Clients", operation_id = "changeClientHosts",
    request_body(content = HostsBody, example = json!({ "mode": "ask", "allowed": ["claude.ai"] })),
    responses((status = 200, description = "Changed", body = Done), BadBody, Guarded),
)]
pub(super) async fn change_hosts(
    State(signet): State<Signet>,
    admin: AdminToken,
    body: Body,
) -> Result<Response, ApiError> {
    let rules = signet.idp.host_rules().await?;
    let mut draft = HostPolicyDraft::from(&rules.policy);
    draft.take(&body.without_nulls())?;
    signet.idp.save_host_rules(&admin.actor, &draft, Some(rules.version)).await?;
    Ok(ok(Done::new()))
}

/// List clients that came with a document
///
/// Those that somebody allowed something, and those whose document was put here, in the order of their hosts; the first thousand.
#[utoipa::path(
    get, path = "/admin/client_documents", tag = "Clients", operation_id = "listClientDocuments",
    responses((status = 200, description = "The clients", body = Vec<Document>), Guarded),
)]
pub(super) async fn list(State(signet): State<Signet>, _: AdminToken) -> Result<Response, ApiError> {
    let rows = signet.idp.list_documents().await?;
    Ok(ok(rows.into_iter().map(Document::from).collect::<Vec<_>>()))
}

/// Put the document of a client here
///
/// For a server that cannot fetch it. It counts in place of the one at the URL.
#[utoipa::path(
    post, path = "/admin/client_documents", tag = "Clients", operation_id = "putClientDocument",
    request_body(content = DocumentBody, example = json!({
        "client_id": "https://agent.example/client.json",
        "document": {
            "client_id": "https://agent.example/client.json", "client_name": "Agent",
            "redirect_uris": ["https://agent.example/callback"], "token_endpoint_auth_method": "none",
        },
    })),
    responses((status = 200, description = "It counts now", body = Done), BadBody, Guarded),
)]
pub(super) async fn put(State(signet): State<Signet>, admin: AdminToken, body: Body) -> Result<Response, ApiError> {
    use oauth::fields::Fields as _;
    let client_id = body.text("client_id")?.unwrap_or_default();
    let document = body.object("document")?.unwrap_or_default().into_members();
    signet.idp.put_document(&admin.actor, &client_id, &Value::Object(document).to_string()).await?;
    Ok(ok(Done::new()))
}
