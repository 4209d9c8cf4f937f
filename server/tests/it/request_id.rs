//! Every request has an ID: in its answer, on its error page, in its lines of the log.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Once;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{SECRET, Server};

/// A server behind a trusted proxy at [`PROXY`].
async fn start() -> Server {
    Server::start().await.with_guard(&[("TRUSTED_PROXIES", "10.0.0.0/8"), ("RATE_LIMITS", "off")])
}

const PROXY: &str = "10.0.0.1:4711";

/// Asks through the proxy, which gives the request this ID.
async fn get(server: &Server, path: &str, id: Option<&str>) -> Answer {
    get_from(server, PROXY, path, id).await
}

async fn get_from(server: &Server, peer: &str, path: &str, id: Option<&str>) -> Answer {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if let Some(id) = id {
        request.headers_mut().insert("x-request-id", id.parse().unwrap());
    }
    request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
    server.send(request).await
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let server = start().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/", "/health", "/authorize", "/nothing/here", "/userinfo", "/admin/clients", "/favicon.svg"] {
        let answer = get(&server, path, None).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 20 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}: {id}");
        assert!(ids.insert(id), "{path}");
    }
}

#[tokio::test]
async fn the_id_that_a_proxy_gave_is_kept_if_it_is_plain() {
    let server = start().await;
    assert_eq!(get(&server, "/health", Some("lb-1.7_F")).await.header("x-request-id"), "lb-1.7_F");
    for odd in ["<b>", "a b", &"x".repeat(65), "\"", "%0d%0a"] {
        let answer = get(&server, "/nothing", Some(odd)).await;
        assert_eq!(answer.header("x-request-id").len(), 20, "{odd}");
        assert!(!answer.body.contains(odd) || odd == "\"", "{odd}");
    }
}

#[tokio::test]
async fn an_id_is_believed_only_from_a_trusted_proxy() {
    let server = start().await;
    for peer in ["203.0.113.7:4711", "127.0.0.1:4711", "[::1]:4711"] {
        let answer = get_from(&server, peer, "/nothing", Some("chosen-by-a-stranger")).await;
        assert_eq!(answer.header("x-request-id").len(), 20, "{peer}");
        assert!(!answer.body.contains("chosen-by-a-stranger"), "{peer}");
    }
    let answer = get_from(&server, "[::ffff:10.1.2.3]:4711", "/health", Some("lb-1")).await;
    assert_eq!(answer.header("x-request-id"), "lb-1");
}

#[tokio::test]
async fn every_error_page_shows_the_id() {
    let server = start().await;
    for (path, status) in [("/nothing/here", 404), ("/authorize", 400), ("/authorize?client_id=nobody", 400)] {
        let answer = get(&server, path, Some("quote-me-1")).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(answer.body.contains("request ID") && answer.body.contains("quote-me-1"), "{path}: {}", answer.body);
    }
    let answer = server.console().await.get("/admin/ui/clients/nobody/settings").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    server.idp.close().await;
    let answer = get(&server, &Browser::request(&[("client_id", "somebody")]), Some("quote-me-2")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("quote-me-2"));
}

thread_local! {
    /// The lines that were logged on this thread since [`record`] was called.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes to the log of its thread, where there is one.
struct ThreadLog;

impl std::io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to record. One subscriber for the whole process: with one for each thread, `tracing` may switch off for all what the
/// first thread to come by does not listen to.
fn record() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| signet::cli::json_log().with_writer(|| ThreadLog).init());
    LOG.set(Some(Vec::new()));
}

/// The recorded log, as text and line by line.
fn recorded() -> (String, Vec<Value>) {
    let text = String::from_utf8(LOG.take().unwrap()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (text, lines)
}

#[tokio::test]
async fn a_line_is_logged_for_every_request_and_holds_nothing_that_was_sent() {
    let server = start().await;
    record();
    get(&server, "/authorize?client_id=web&state=hush-hush", Some("r-1")).await;
    get(&server, "/secret-path-in-no-route?code=hush-hush", Some("r-2")).await;
    get(&server, "/health", Some("r-3")).await;
    let fields = [("grant_type", "authorization_code"), ("code", "hush-hush"), ("redirect_uri", "x")];
    server.post("/token", Some(&format!("web:{SECRET}")), &fields).await;
    let (text, lines) = recorded();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    let facts: Vec<_> = answered
        .iter()
        .map(|line| {
            (line["method"].as_str().unwrap(), line["path"].as_str().unwrap(), line["status"].as_u64().unwrap())
        })
        .collect();
    // Health is asked for all the time: its line is one for debugging.
    assert_eq!(facts, [("GET", "/authorize", 303), ("GET", "unmatched", 404), ("POST", "/token", 400)]);
    assert_eq!(answered[0]["span"]["request_id"], "r-1");
    assert!(answered.iter().all(|line| line["ms"].is_number() && line["level"] == "INFO"));
    for hidden in ["hush-hush", "secret-path", SECRET, "r-3"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}

#[tokio::test]
async fn what_fails_inside_is_logged_under_the_id_that_the_answer_shows() {
    let server = start().await;
    server.idp.close().await;
    record();
    get(&server, &Browser::request(&[("client_id", "nobody")]), Some("r-9")).await;
    let (_, lines) = recorded();
    let failed = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!(failed["span"]["request_id"], "r-9");
}

#[tokio::test]
async fn whoever_is_not_let_in_reads_the_id() {
    let server = Server::start().await;
    let mut browser = server.browser();
    for (path, form) in [
        ("/login", vec![("username", "alice"), ("password", "wrong-password")]),
        ("/admin/login", vec![("token", "wrong")]),
    ] {
        let refused = browser.post(path, &form).await;
        let id = refused.header("x-request-id").to_owned();
        assert!(
            refused.status.is_client_error() && refused.body.contains(&format!("<code class=\"long\">{id}</code>"))
        );
    }
    let from_elsewhere = Request::post("/login").header("origin", "https://other.example").body(Body::empty());
    let other = server.send(from_elsewhere.unwrap()).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert!(other.body.contains(other.header("x-request-id")), "{}", other.body);
}
