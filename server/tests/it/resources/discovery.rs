//! Resources that nobody registered, found by their own metadata; and the look at the server behind one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::address;
use crate::browser::Answer;
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

/// A site of many MCP servers, one at each path.
async fn many() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let named = origin.clone();
    let metadata = get(async move |Path(place): Path<String>| Json(good(&format!("{named}/{place}"))));
    let router = Router::new().route("/.well-known/oauth-protected-resource/{place}", metadata);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    origin
}

/// Asks for a resource at a server, as a stranger.
async fn ask(server: &Server, identifier: &str) -> Answer {
    server.browser().ask_at(&[("scope", "openid")], &[identifier]).await
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
async fn what_an_administrator_deleted_is_not_found_again_and_may_be_registered_by_hand() {
    let server = Server::start().await;
    let mcp = McpServer::start(good, "").await;
    let list = async || server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!(ask(&server, &mcp.identifier).await.query().text("error"), "");
    let found = list().await[0].clone();
    server.change_resource(&found, &json!({ "allowed_clients": "web" })).await;
    let deleted = server.admin("DELETE", &address(&found), &json!({})).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.body);
    // Another node has not looked there yet.
    for node in [&server, &server.another_node().await] {
        assert_eq!(ask(node, &mcp.identifier).await.query().text("error"), "invalid_target");
    }
    assert_eq!(list().await, json!([]));
    assert_eq!(mcp.looks.load(Ordering::SeqCst), 1, "nobody looks there any more");
    for _ in 0..2 {
        let registered = server.create_resource(&json!({ "identifier": mcp.identifier })).await;
        assert_eq!(ask(&server, &mcp.identifier).await.query().text("error"), "");
        assert_eq!(server.admin("DELETE", &address(&registered), &json!({})).await.status, StatusCode::OK);
        assert_eq!(ask(&server.another_node().await, &mcp.identifier).await.query().text("error"), "invalid_target");
    }
    assert_eq!(list().await, json!([]));
}

#[tokio::test]
async fn few_resources_are_found_whatever_becomes_of_them() {
    let server = Server::start().await;
    let origin = many().await;
    let mut found = 0;
    for place in 0..55 {
        if place % 15 == 0 {
            server.clock.advance(60);
        }
        let answer = ask(&server, &format!("{origin}/{place}")).await;
        found += u32::from(answer.query().text("error").is_empty());
    }
    assert_eq!(found, 50);
    let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!(list.as_array().unwrap().len(), 50);
    // Shut ones count, those that were registered by hand do not, and whoever deletes one makes room.
    server.change_resource(&list[0], &json!({ "status": "disabled" })).await;
    server.create_resource(&json!({ "identifier": "https://mcp.example" })).await;
    server.clock.advance(60);
    assert_eq!(ask(&server, &format!("{origin}/shut")).await.query().text("error"), "invalid_target");
    server.admin("DELETE", &address(&list[1]), &json!({})).await;
    assert_eq!(ask(&server, &format!("{origin}/room")).await.query().text("error"), "");
}

#[tokio::test]
async fn of_those_who_ask_at_once_one_looks_and_all_are_let_in() {
    let server = Server::start().await;
    let other = server.another_node().await;
    let mcp = McpServer::start(good, "").await;
    let answers = join_all((0..16).map(|number| {
        let node = if number % 2 == 0 { &server } else { &other };
        ask(node, &mcp.identifier)
    }));
    for answer in answers.await {
        assert_eq!(answer.query().text("error"), "", "{}", answer.location());
        assert!(answer.location().starts_with("/login"), "{} {}", answer.status, answer.location());
    }
    assert!(mcp.looks.load(Ordering::SeqCst) <= 2, "once from each node");
    let list = server.admin("GET", "/admin/resources", &json!({})).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
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
