//! Documents that mean no good, and URLs that name none.

use axum::http::StatusCode;
use idp::testing::site::Reply;
use serde_json::{Value, json};

use super::{SITE, World};
use crate::browser::Browser;

/// A change of a document, and a word of the reason for which it is refused.
type Case = (&'static str, fn(&mut Value), &'static str);

const REFUSED: [Case; 11] = [
    ("another client", |document| document["client_id"] = json!("https://other.example/client.json"), "client_id"),
    ("no client", |document| document["client_id"] = Value::Null, "client_id"),
    ("a secret", |document| document["client_secret"] = json!("x"), "client_secret"),
    ("an end of a secret", |document| document["client_secret_expires_at"] = json!(0), "client_secret_expires_at"),
    (
        "a shared secret",
        |document| document["token_endpoint_auth_method"] = json!("client_secret_post"),
        "shared secret",
    ),
    ("a private key", |document| document["jwks"] = json!({"keys": [{"kty": "EC", "d": "x"}]}), "a private key"),
    (
        "a method of others",
        |document| document["token_endpoint_auth_method"] = json!("tls_client_auth"),
        "tls_client_auth",
    ),
    ("no redirect URI", |document| document["redirect_uris"] = json!([]), "redirect URI"),
    ("only bad ones", |document| document["redirect_uris"] = json!(["javascript:alert(1)"]), "redirect URI"),
    ("clear text", |document| document["redirect_uris"] = json!(["http://agent.example/cb"]), "redirect URI"),
    ("no codes", |document| document["grant_types"] = json!(["client_credentials"]), "authorization_code"),
];

/// The page of a request of the agent, which refuses it and redirects nobody.
async fn refusal(world: &World, browser: &mut Browser<'_>) -> String {
    let page = browser.get(&world.request(SITE, &[])).await;
    assert_eq!((page.status, page.location()), (StatusCode::BAD_REQUEST, ""), "{}", page.body);
    assert!(!world.is_kept().await);
    page.body
}

#[tokio::test]
async fn a_document_that_cannot_work_is_refused_by_its_reason() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    for (name, change, reason) in REFUSED {
        world.publish(change);
        world.server.clock.advance(60);
        let page = refusal(&world, &mut browser).await;
        assert!(page.contains(reason), "{name}: {page}");
    }
    world.publish(|_| {});
    world.server.clock.advance(60);
    assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_is_no_document_is_refused_by_its_reason() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/";
    let gzipped = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br";
    for (reply, reason) in [
        (Reply::ok("text/html", "<title>Just a moment...</title>"), "got text/html"),
        (Reply::ok("application/json", vec![b' '; 10 << 20]), "got 10 MiB of at most 16 KiB"),
        (Reply::ok("application/json", "[]"), "it is no JSON object"),
        (Reply::ok("application/json", "{"), "it is no JSON object"),
        (Reply::with(redirect, ""), "302, a redirect"),
        (Reply::with("HTTP/1.1 404 Not Found", ""), "404"),
        (Reply::with(gzipped, "x"), "coded as br"),
        (Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-A: a\r\n".to_vec()), "not to be read"),
    ] {
        world.answer(reply);
        world.server.clock.advance(60);
        let page = refusal(&world, &mut browser).await;
        assert!(page.contains(reason), "{reason}: {page}");
    }
}

#[tokio::test]
async fn a_failure_is_not_asked_for_again_at_once() {
    let world = World::start().await;
    world.break_down();
    let mut browser = world.server.signed_in().await;
    for _ in 0..10 {
        refusal(&world, &mut browser).await;
    }
    assert_eq!(world.site.hits(), 1);
    world.publish(|_| {});
    world.server.clock.advance(15);
    assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn hosts_of_this_network_are_not_asked_and_not_told_of() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    for host in ["169.254.169.254", "10.0.0.1", "[fd00::1]", "[::ffff:169.254.169.254]", "192.168.0.1:8443"] {
        let id = format!("https://{host}/client.json");
        let page = browser.get(&world.request(SITE, &[("client_id", &id)])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{host}");
        assert!(page.body.contains("it cannot be fetched"), "{host}: {}", page.body);
        assert!(!page.body.contains("not public"), "{host}");
    }
}

#[tokio::test]
async fn a_url_that_can_be_no_client_is_not_fetched() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let port = world.site.port();
    for id in [
        format!("https://localhost:{port}"),
        format!("https://localhost:{port}/"),
        format!("https://u:p@localhost:{port}/client.json"),
        format!("https://localhost:{port}/client.json#x"),
        format!("https://localhost:{port}/a/../client.json"),
        format!("http://localhost:{port}/client.json"),
        format!("https://localhost:{port}/{}", "x".repeat(3_000)),
    ] {
        let page = browser.get(&world.request(SITE, &[("client_id", &id)])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{id}");
    }
    assert_eq!(world.site.hits(), 0);
    // A query is no harm: Codex has one.
    let id = format!("{}?callback=1", world.id());
    let document = world.document(|document| document["client_id"] = json!(id));
    world.answer(Reply::json(&document));
    assert_eq!(browser.get(&world.request(SITE, &[("client_id", &id)])).await.status, StatusCode::OK);
}
