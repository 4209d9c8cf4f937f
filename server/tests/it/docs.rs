//! The documentation that the server carries.

use axum::http::StatusCode;

use crate::server::Server;

#[tokio::test]
async fn it_can_be_read_before_setup() {
    let server = Server::fresh().await;
    let index = server.browser().get("/docs").await;
    assert_eq!(index.status, StatusCode::OK);
    assert!(index.body.contains(r#"href="/docs/configuration""#));
    let page = server.browser().get("/docs/configuration").await;
    assert!(page.header("content-security-policy").contains("script-src 'none'"));
    assert!(page.body.contains(r##"<a href="#listen_addr">LISTEN_ADDR</a>"##));
    assert!(page.body.contains(r#"<h3 id="listen_addr">"#));
}

#[tokio::test]
async fn files_of_the_repository_have_addresses_here() {
    let server = Server::start().await;
    let decisions = server.browser().get("/docs/decisions").await;
    assert!(decisions.body.contains(r#"href="/docs/decisions/0001-pages-are-functions""#));
    let readme = server.browser().get("/docs/readme").await;
    assert!(readme.body.contains(r#"href="/docs/architecture""#));
    for (path, location) in [("/docs/configuration.md", "/docs/configuration"), ("/docs/decisions/", "/docs/decisions")]
    {
        let answer = server.browser().get(path).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::PERMANENT_REDIRECT, location));
    }
}

#[tokio::test]
async fn there_is_nothing_else() {
    let server = Server::start().await;
    for path in [
        "/docs/nothing",
        "/docs/../Cargo.toml",
        "/docs/%2e%2e/Cargo.toml",
        "/docs/..%2fCargo.toml",
        "/docs/%0A.md",
        "/docs/%00",
    ] {
        let answer = server.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
