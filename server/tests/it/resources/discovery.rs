//! Resources that nobody registered, found by their own metadata; and the look at the server behind one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::server::{ISSUER, Server, claims, text};

/// An MCP server on loopback, as far as this server sees it.
struct McpServer {
    identifier: String,
    looks: Arc<AtomicUsize>,
}

impl McpServer {
    /// Its metadata are what `metadata` makes of its identifier.
    async fn start(metadata: impl Fn(&str) -> Value + Send + Sync + 'static, challenge: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let identifier = format!("{origin}/mcp");
        let looks = Arc::new(AtomicUsize::new(0));
        let (document, counted) = (metadata(&identifier), looks.clone());
        let challenge = challenge.replace("{origin}", &origin);
        let router = Router::new()
            .route(
                "/.well-known/oauth-protected-resource/mcp",
                get(async move || {
                    counted.fetch_add(1, Ordering::SeqCst);
                    Json(document)
                }),
            )
            .route(
                "/mcp",
                get(async move || match challenge.as_str() {
                    "" => StatusCode::OK.into_response(),
                    challenge => {
                        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge.to_owned())]).into_response()
                    }
                }),
            );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { identifier, looks }
    }
}

fn good(identifier: &str) -> Value {
    json!({
        "resource": identifier, "authorization_servers": [ISSUER], "resource_name": "Notes",
        "scopes_supported": ["read", "offline_access", "a b", "read"],
    })
}

#[tokio::test]
async fn a_program_on_this_computer_is_let_in_at_once_where_this_server_is_one_too() {
    let server = Server::start().await;
    let mcp = McpServer::start(good, "").await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_at(&mut browser, "read", &[&mcp.identifier]).await;
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], json!(mcp.identifier));
    let kept = server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!((&kept[0]["name"], &kept[0]["status"]), (&json!("Notes"), &json!("enabled")));
    assert_eq!(kept[0]["scopes"], json!([{ "name": "read", "description": "read", "default": true }]));
}

#[tokio::test]
async fn what_is_not_about_the_resource_or_not_for_this_server_is_passed_over() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    for wrong in [
        |identifier: &str| json!({ "resource": format!("{identifier}/"), "authorization_servers": [ISSUER] }),
        |identifier: &str| json!({ "resource": identifier, "authorization_servers": ["https://other.example"] }),
        |identifier: &str| json!({ "resource": identifier, "authorization_servers": [format!("{ISSUER}/")] }),
        |identifier: &str| json!({ "resource": identifier }),
        |_: &str| json!([]),
    ] {
        let mcp = McpServer::start(wrong, "").await;
        for _ in 0..3 {
            let answer = browser.ask_at(&[("scope", "openid")], &[&mcp.identifier]).await;
            assert_eq!(answer.query().text("error"), "invalid_target");
        }
        assert_eq!(mcp.looks.load(Ordering::SeqCst), 1, "it is not asked again at once");
    }
    assert_eq!(server.admin("GET", "/admin/resources", &json!({})).await.json(), json!([]));
}

#[tokio::test]
async fn few_places_are_looked_at_in_a_minute() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    for number in 0..30 {
        let place = format!("http://127.0.0.1:9/{number}");
        let answer = browser.ask_at(&[("scope", "openid")], &[&place]).await;
        assert_eq!(answer.query().text("error"), "invalid_target");
    }
    let mcp = McpServer::start(good, "").await;
    let answer = browser.ask_at(&[("scope", "openid")], &[&mcp.identifier]).await;
    assert_eq!(answer.query().text("error"), "invalid_target");
    assert_eq!(mcp.looks.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_look_at_the_server_names_what_differs() {
    let challenge = "Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp\", scope=\"read\"";
    let slash = |identifier: &str| json!({ "resource": identifier, "authorization_servers": [format!("{ISSUER}/")], "scopes_supported": ["read"] });
    let exact = |identifier: &str| json!({ "resource": identifier, "authorization_servers": [ISSUER], "scopes_supported": ["read"] });
    let server = Server::start().await;
    let mut console = server.console().await;
    for (mcp, sentences) in [
        (McpServer::start(exact, challenge).await, &["as they should be"][..]),
        (McpServer::start(slash, "").await, &["names this server as http://127.0.0.1:8000/", "answered with 200"]),
        (McpServer::start(exact, "Basic realm=\"x\"").await, &["Put Bearer first"]),
        (
            McpServer { identifier: "http://127.0.0.1:9/mcp".into(), looks: Arc::default() },
            &["cannot be read", "cannot be asked"],
        ),
    ] {
        let body = json!({ "identifier": mcp.identifier, "scopes": ["read"] });
        let resource = server.create_resource(&body).await;
        let path = format!("/admin/ui/resources/{}/check", text(&resource, "id"));
        let page = console.post(&path, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for sentence in sentences {
            assert!(page.body.contains(sentence), "{sentence}: {}", page.body);
        }
        assert_eq!(page.body.contains("as they should be"), sentences.len() == 1 && sentences[0].contains("should"));
    }
}
