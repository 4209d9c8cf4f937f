//! GET, HEAD and prefetches at the addresses where a GET changes something.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, Server};

async fn send(browser: &mut Browser<'_>, method: &str, address: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request.body(Body::empty()).unwrap()).await
}

/// Requests that nobody made by going somewhere: a method, and the headers with which browsers say so.
const NO_NAVIGATION: [(&str, &[(&str, &str)]); 10] = [
    ("HEAD", &[]),
    ("HEAD", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]),
    ("GET", &[("sec-purpose", "prefetch")]),
    ("GET", &[("sec-purpose", "prefetch;prerender"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]),
    ("GET", &[("purpose", "prefetch")]),
    ("GET", &[("x-moz", "prefetch")]),
    ("GET", &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("sec-fetch-site", "same-site")]),
    ("GET", &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("sec-fetch-site", "same-origin")]),
    ("GET", &[("sec-fetch-dest", "script")]),
    ("GET", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "h\u{e9}")]),
];

#[tokio::test]
async fn what_is_no_navigation_signs_nobody_out_and_issues_nothing() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let remembered = browser.authorize(&[]).await;
    assert!(!remembered.is_empty());
    for (method, headers) in NO_NAVIGATION {
        for address in ["/logout", "/end_session", "/logout?client_id=web", &Browser::request(&[])] {
            let answer = send(&mut browser, method, address, headers).await;
            assert!(!answer.status.is_success() && answer.location().is_empty(), "{method} {address} {headers:?}");
            assert!(answer.header("set-cookie").is_empty(), "{method} {address} {headers:?}");
        }
        assert_eq!(browser.silently(&[]).await, "", "{method} {headers:?}");
    }
}

#[tokio::test]
async fn what_is_no_navigation_does_not_close_the_console() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (method, headers) in NO_NAVIGATION {
        send(&mut console, method, "/admin/logout", headers).await;
        assert_eq!(console.get("/admin/ui").await.status, StatusCode::OK, "{method} {headers:?}");
    }
    let page = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "same-origin")];
    send(&mut console, "GET", "/admin/logout", &page).await;
    assert_eq!(console.get("/admin/ui").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_hidden_frame_renews_a_login_and_signs_nobody_out() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-site")];
    send(&mut browser, "GET", "/logout", &frame).await;
    let renewed = send(&mut browser, "GET", &Browser::request(&[("prompt", "none")]), &frame).await;
    assert!(renewed.location().starts_with(CALLBACK) && !renewed.query().text("code").is_empty());
}

#[tokio::test]
async fn a_program_that_names_a_mode_and_nothing_else_is_no_browser() {
    let server = Server::start().await;
    let mut node = server.signed_in().await;
    node.authorize(&[]).await;
    let code = send(&mut node, "GET", &Browser::request(&[]), &[("sec-fetch-mode", "cors")]).await;
    assert!(!code.query().text("code").is_empty(), "{} {}", code.status, code.body);
}

#[tokio::test]
async fn head_of_an_address_without_an_effect_is_answered() {
    let server = Server::start().await;
    let mut browser = server.browser();
    for address in ["/", "/login", "/.well-known/openid-configuration", "/health"] {
        assert_eq!(send(&mut browser, "HEAD", address, &[]).await.status, StatusCode::OK, "{address}");
    }
}
