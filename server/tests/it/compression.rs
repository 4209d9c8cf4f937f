//! Answers that are compressed, and those that never are.

use std::io::Read as _;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::server::{ADMIN_COOKIE, ADMIN_TOKEN, Server};

const METADATA: &str = "/.well-known/openid-configuration";

/// Status, headers and bytes of an answer.
async fn ask(server: &Server, method: Method, path: &str, lines: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder().method(method).uri(path);
    let request = lines.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn get(server: &Server, path: &str, lines: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    ask(server, Method::GET, path, lines).await
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn documents_and_pages_are_compressed_for_whoever_takes_it() {
    let server = Server::start().await;
    let console = server.console().await;
    let cookie = format!("{ADMIN_COOKIE}={}", console.cookie(ADMIN_COOKIE).unwrap());
    let credentials = [("cookie", cookie.as_str()), ("x-admin-token", ADMIN_TOKEN)];
    for path in
        [METADATA, "/docs", "/docs/api", "/admin/openapi.json", "/admin/ui", "/admin/ui/users", "/admin/clients"]
    {
        for _ in 0..2 {
            let (status, headers, plain) = get(&server, path, &credentials).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(plain.len() > 1_024, "{path}");
            assert!(!headers.contains_key("content-encoding"), "{path}");
            assert_eq!(text(&headers, "vary").to_lowercase(), "accept-encoding", "{path}");

            let taken = [credentials.as_slice(), &[("accept-encoding", "br;q=0.1, gzip")]].concat();
            let (status, headers, bytes) = get(&server, path, &taken).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert_eq!(text(&headers, "content-encoding"), "gzip", "{path}");
            assert_eq!(headers.get_all("vary").iter().count(), 1, "{path}");
            assert!(bytes.len() < plain.len() / 2, "{path}: {} of {}", bytes.len(), plain.len());
            // Only a nonce tells two console pages from each other.
            assert_eq!(unpacked(&bytes).len(), plain.len(), "{path}");
            if !path.starts_with("/admin/ui") {
                assert!(unpacked(&bytes) == plain, "{path}");
            }
            assert!(
                matches!(text(&headers, "content-length"), "" | "0")
                    || text(&headers, "content-length") == bytes.len().to_string()
            );
        }
    }
    for refused in ["", "identity", "br", "gzip;q=0", "*;q=0"] {
        let (_, headers, _) = get(&server, METADATA, &[("accept-encoding", refused)]).await;
        assert!(!headers.contains_key("content-encoding"), "{refused}");
    }
}

#[tokio::test]
async fn the_page_for_nothing_is_compressed_in_the_console_and_kept_nowhere() {
    let server = Server::start().await;
    let console = server.console().await;
    let cookie = format!("{ADMIN_COOKIE}={}", console.cookie(ADMIN_COOKIE).unwrap());
    let taken = [("cookie", cookie.as_str()), ("accept-encoding", "gzip")];
    for path in ["/admin/ui/nothing", "/admin/ui/clients/nobody", "/admin/ui/users/7/history"] {
        let (status, headers, bytes) = get(&server, path, &taken).await;
        assert_eq!((status, text(&headers, "content-encoding")), (StatusCode::NOT_FOUND, "gzip"), "{path}");
        let page = String::from_utf8(unpacked(&bytes)).unwrap();
        assert!(page.contains("There is nothing at this address."), "{path}");
        assert!(!page.contains(path), "{path}: a caller puts no words into it");
    }
    for path in ["/docs/nothing", "/nothing"] {
        let (status, headers, _) = get(&server, path, &taken).await;
        assert_eq!((status, text(&headers, "content-encoding")), (StatusCode::NOT_FOUND, ""), "{path}");
    }
}

#[tokio::test]
async fn answers_below_a_kilobyte_are_left_alone() {
    let server = Server::start().await;
    let (status, headers, bytes) =
        get(&server, "/admin/scopes?limit=1", &[("x-admin-token", ADMIN_TOKEN), ("accept-encoding", "gzip")]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(bytes.len() < 1_024, "{}", bytes.len());
    assert!(!headers.contains_key("content-encoding"));
    assert_eq!(text(&headers, "vary"), "Accept-Encoding");
}

#[tokio::test]
async fn what_may_hold_a_secret_is_never_compressed() {
    let server = Server::start().await;
    let gzip = ("accept-encoding", "gzip");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let admin = ("x-admin-token", ADMIN_TOKEN);
    let wide = format!("/authorize?client_id={}", "x".repeat(2_000));
    let login = format!("/login?next=%2Fauthorize%3Fstate%3D{}", "x".repeat(2_000));
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, &wide),
        (Method::GET, &login),
        (Method::GET, "/logout"),
        (Method::GET, "/device"),
        (Method::GET, "/approve"),
        (Method::GET, "/account"),
        (Method::GET, "/userinfo"),
        (Method::GET, "/admin/login"),
        (Method::GET, "/metrics"),
        (Method::POST, "/token"),
        (Method::POST, "/register"),
        (Method::POST, "/introspect"),
        (Method::POST, "/revoke"),
        (Method::POST, "/device_authorization"),
        (Method::POST, "/bc-authorize"),
        (Method::POST, "/login"),
        (Method::POST, "/admin/login"),
        (Method::POST, "/admin/clients"),
        (Method::POST, "/admin/ui/clients/new"),
    ] {
        let (_, headers, _) = ask(&server, method.clone(), path, &[gzip, form, admin]).await;
        assert!(!headers.contains_key("content-encoding"), "{method} {path}");
        assert!(!text(&headers, "vary").to_lowercase().contains("encoding"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_compressed_document_is_known_by_its_weak_tag() {
    let server = Server::start().await;
    let (_, plain, _) = get(&server, METADATA, &[]).await;
    let (_, light, _) = get(&server, METADATA, &[("accept-encoding", "gzip")]).await;
    let (strong, weak) = (text(&plain, "etag"), text(&light, "etag"));
    assert_eq!(weak, format!("W/{strong}"));
    for (lines, tag) in [
        (vec![("if-none-match", strong)], strong),
        (vec![("if-none-match", weak)], strong),
        (vec![("if-none-match", weak), ("accept-encoding", "gzip")], weak),
        (vec![("if-none-match", strong), ("accept-encoding", "gzip")], strong),
    ] {
        let (status, headers, bytes) = get(&server, METADATA, &lines).await;
        assert_eq!((status, bytes.len()), (StatusCode::NOT_MODIFIED, 0), "{lines:?}");
        assert_eq!(text(&headers, "etag"), tag, "{lines:?}");
        assert_eq!(text(&headers, "vary"), "Accept-Encoding", "{lines:?}");
        assert!(!headers.contains_key("content-encoding"), "{lines:?}");
    }
    // Once the document is another one, the one that was kept is not sent.
    let scope = Request::post("/admin/scopes").header("x-admin-token", ADMIN_TOKEN);
    let scope = scope.header("content-type", "application/json");
    let answer = server.send(scope.body(Body::from(r#"{"name":"orders","description":"Orders"}"#)).unwrap()).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    let (status, headers, bytes) =
        get(&server, METADATA, &[("accept-encoding", "gzip"), ("if-none-match", weak)]).await;
    assert_eq!((status, text(&headers, "content-encoding")), (StatusCode::OK, "gzip"));
    assert!(String::from_utf8(unpacked(&bytes)).unwrap().contains("orders"));
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_content() {
    let gzip = [("accept-encoding", "gzip")];
    let root = Server::start().await;
    let below = Server::start_at("https://id.example/auth").await;
    let below_metadata = format!("{METADATA}/auth");
    for (server, path) in [(&root, METADATA), (&root, "/docs/api"), (&below, below_metadata.as_str())] {
        let (_, get, _) = get(server, path, &gzip).await;
        let (status, head, bytes) = ask(server, Method::HEAD, path, &gzip).await;
        assert_eq!((status, bytes.len()), (StatusCode::OK, 0), "{path}");
        for name in ["content-encoding", "etag", "vary", "content-type", "cache-control"] {
            assert_eq!(text(&head, name), text(&get, name), "{path} {name}");
        }
        assert!(["", text(&get, "content-length")].contains(&text(&head, "content-length")), "{path}");
        let (_, plain, _) = ask(server, Method::HEAD, path, &[]).await;
        assert!(!plain.contains_key("content-encoding"), "{path}");
    }
}

#[tokio::test]
async fn pages_below_the_path_of_an_issuer_are_compressed_with_their_addresses() {
    let server = Server::start_at("https://id.example/auth").await;
    let (status, headers, bytes) = get(&server, "/auth/docs", &[("accept-encoding", "gzip")]).await;
    assert_eq!((status, text(&headers, "content-encoding")), (StatusCode::OK, "gzip"));
    let page = String::from_utf8(unpacked(&bytes)).unwrap();
    assert!(page.contains(r#"href="/auth/docs/configuration""#));
}

#[tokio::test]
async fn a_page_that_shows_a_new_secret_is_not_compressed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let added = console.post("/admin/ui/clients/web/credentials", &[("name", "second")]).await;
    let page = |path: &str| Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let shown = console.send(page(added.location())).await;
    assert_eq!((shown.status, shown.headers.get("content-encoding")), (StatusCode::OK, None), "{}", added.location());
    assert!(shown.body.contains("Copy the "), "{}", shown.body);
    let cookie = format!("{ADMIN_COOKIE}={}", console.cookie(ADMIN_COOKIE).unwrap());
    let lines = [("cookie", cookie.as_str()), ("accept-encoding", "gzip")];
    let (_, headers, _) = get(&server, added.location(), &lines).await;
    assert_eq!(text(&headers, "content-encoding"), "gzip", "what it shows afterwards is no secret");
}
