//! A small MCP server (Model Context Protocol, 2026-07-28) that Signet protects: notes, for whoever an agent acts for.
//!
//! It is an OAuth resource server and nothing else: it publishes its metadata (RFC 9728), answers requests without a token by a
//! challenge that leads there, and verifies access tokens (RFC 9068) by the keys of the issuer. An agent finds the rest by itself.
//!
//! Settings: `ISSUER`, `LISTEN_ADDR`, `RESOURCE` (its own address, as it is registered at the issuer), `SCOPES` (those that an agent
//! needs to begin with).

#[path = "mcp/access.rs"]
mod access;
#[path = "mcp/rpc.rs"]
mod rpc;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use access::{Access, Issuer};
use rpc::{Notes, Request};

struct Server {
    /// This server's identifier: the `aud` of the tokens that are meant for it.
    resource: String,
    /// The address of its metadata.
    metadata: String,
    /// The scopes that an agent needs to begin with; [`rpc::Tool::scope`] says what each tool wants.
    scopes: String,
    issuer: Issuer,
    notes: Notes,
}

/// Refusals, as RFC 6750 §3 and RFC 9728 §5.1 write them.
enum Refusal {
    /// No token, or none that holds.
    Unauthorized { error: Option<&'static str> },
    /// A good token that does not reach; `needed` is all that the operation takes.
    Forbidden { needed: String },
    /// The keys of the issuer cannot be had.
    Unavailable,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let listener = TcpListener::bind(setting("LISTEN_ADDR", "127.0.0.1:8787")).await?;
    let resource = setting("RESOURCE", &format!("http://{}/mcp", listener.local_addr()?));
    let url = reqwest::Url::parse(&resource)?;
    let origin = url.origin().ascii_serialization();
    // RFC 9728 §3.1: between the host and the path.
    let path = format!("/.well-known/oauth-protected-resource{}", url.path().trim_end_matches('/'));
    let server = Server {
        metadata: format!("{origin}{path}"),
        resource: resource.clone(),
        scopes: setting("SCOPES", "notes:read"),
        issuer: Issuer::new(setting("ISSUER", "http://127.0.0.1:8000"))?,
        notes: Notes::default(),
    };
    let mut routes = Router::new().route(url.path(), post(call)).route(&path, get(metadata));
    if url.path() != "/" {
        // Some agents only look here.
        routes = routes.route("/.well-known/oauth-protected-resource", get(metadata));
    }
    eprintln!("the MCP server is at {resource}");
    axum::serve(listener, routes.with_state(Arc::new(server))).await?;
    Ok(())
}

/// The metadata of a protected resource (RFC 9728 §2). The scope of the challenge is enough to begin with, so it names no more.
async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    Json(json!({
        "resource": server.resource,
        "authorization_servers": [server.issuer.identifier()],
        "scopes_supported": server.scopes.split(' ').collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
        "resource_name": "Notes",
    }))
}

/// One JSON-RPC message (the transport "Streamable HTTP"); every answer fits in one JSON document.
async fn call(State(server): State<Arc<Server>>, headers: HeaderMap, Json(request): Json<Request>) -> Response {
    let access = match authorize(&server, &headers, &request).await {
        Ok(access) => access,
        Err(refusal) => return refusal.answer(&server),
    };
    match server.notes.answer(&request, &access) {
        Some(answer) => Json(answer).into_response(),
        // A notification.
        None => StatusCode::ACCEPTED.into_response(),
    }
}

/// The access that the token of a request gives, if it reaches.
async fn authorize(server: &Server, headers: &HeaderMap, request: &Request) -> Result<Access, Refusal> {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then_some(token.trim())
    });
    let token = token.ok_or(Refusal::Unauthorized { error: None })?;
    let access = server.issuer.verify(token, &server.resource).await.map_err(|fault| match fault {
        access::Fault::Token(why) => {
            eprintln!("a token is refused: {why}");
            Refusal::Unauthorized { error: Some("invalid_token") }
        }
        access::Fault::Keys(why) => {
            eprintln!("no keys: {why}");
            Refusal::Unavailable
        }
    })?;
    let needed = request.scope();
    if access.has(needed) {
        return Ok(access);
    }
    // The union, so that the next token can do what this one could, too.
    Err(Refusal::Forbidden { needed: access.scope_with(needed) })
}

impl Refusal {
    fn answer(&self, server: &Server) -> Response {
        let (metadata, scopes) = (&server.metadata, &server.scopes);
        let (status, challenge) = match self {
            Self::Unavailable => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Self::Unauthorized { error: None } => {
                let challenge = format!(r#"Bearer resource_metadata="{metadata}", scope="{scopes}""#);
                (StatusCode::UNAUTHORIZED, challenge)
            }
            Self::Unauthorized { error: Some(error) } => {
                let challenge = format!(r#"Bearer error="{error}", resource_metadata="{metadata}", scope="{scopes}""#);
                (StatusCode::UNAUTHORIZED, challenge)
            }
            Self::Forbidden { needed } => {
                let challenge =
                    format!(r#"Bearer error="insufficient_scope", scope="{needed}", resource_metadata="{metadata}""#);
                (StatusCode::FORBIDDEN, challenge)
            }
        };
        (status, [(WWW_AUTHENTICATE, challenge)]).into_response()
    }
}
