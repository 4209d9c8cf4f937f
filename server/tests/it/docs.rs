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
async fn commands_talk_to_the_server_that_shows_them() {
    let server = Server::start_https().await;
    for page in ["api", "readme", "client-node"] {
        let page = server.browser().get(&format!("/docs/{page}")).await.body;
        assert!(page.contains("BASE=${BASE:-https://id.example}") && !page.contains("BASE:-http://127"), "{page}");
    }
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

#[tokio::test]
async fn a_search_leads_to_headings() {
    let server = Server::fresh().await;
    let mut browser = server.browser();
    let page = browser.get("/docs/configuration").await;
    assert!(page.body.contains(r#"action="/docs/search""#) && page.body.contains(r#"role="search""#));
    let found = browser.get("/docs/search?q=Listen_ADDR").await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(found.body.contains(r##"<a href="/docs/configuration#listen_addr">LISTEN_ADDR</a>"##), "{}", found.body);
    assert!(found.body.contains(r#"value="Listen_ADDR""#));
    assert!(found.header("content-security-policy").contains("script-src 'none'"));
    let none = browser.get("/docs/search?q=there-is-no-such-word").await;
    assert!(none.body.contains("Nothing has all the words of"));
}

#[tokio::test]
async fn a_search_is_bounded_and_shows_what_was_typed_as_text() {
    let server = Server::fresh().await;
    let mut browser = server.browser();
    let many = browser.get("/docs/search?q=the").await;
    assert!(many.body.contains("There is more") && many.body.matches("<li>").count() < 100);
    for empty in ["/docs/search", "/docs/search?q=", "/docs/search?q=%20", "/docs/search?q=a&q=b", "/docs/search?q=%ff"]
    {
        let answer = browser.get(empty).await;
        assert_eq!(answer.status, StatusCode::OK, "{empty}");
    }
    let typed = browser.get("/docs/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22").await;
    assert!(!typed.body.contains("<script>alert"), "{}", typed.body);
    let long = browser.get(&format!("/docs/search?q={}", "x".repeat(20_000))).await;
    assert_eq!(long.status, StatusCode::OK);
}

#[test]
fn every_test_that_the_page_on_conformance_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/conformance.md")).unwrap();
    let named: Vec<&str> =
        page.split('`').skip(1).step_by(2).filter(|code| code.contains("::") && !code.contains(' ')).collect();
    assert!(named.len() > 40, "{named:?}");
    for test in named {
        let (modules, function) = test.rsplit_once("::").unwrap();
        let path = root.join("tests/it").join(modules.replace("::", "/"));
        let source = std::fs::read_to_string(path.with_extension("rs"))
            .or_else(|_| std::fs::read_to_string(path.join("mod.rs")))
            .unwrap_or_else(|_| panic!("there is no module {modules}"));
        assert!(source.contains(&format!("fn {function}(")), "there is no test {test}");
    }
}
