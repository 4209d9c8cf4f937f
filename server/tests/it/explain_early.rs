//! Refusals of requests that came to no endpoint, and of calls of the admin API: they are explained, too.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::activity::request_id;
use crate::server::{ADMIN_TOKEN, Server, text};

#[tokio::test]
async fn what_came_to_no_endpoint_is_explained() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let unread = browser.get("/authorize?client_id=%zz").await;
    assert_eq!(unread.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.check(&unread).await, "malformed");
    let form = |path: &str, body: String| {
        axum::http::Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body))
            .unwrap()
    };
    for (path, check) in [
        ("/authorize?client_id=web&client_id=web", "parameter_repeated"),
        ("/logout?client_id=a&client_id=a", "parameter_repeated"),
    ] {
        let repeated = browser.get(path).await;
        assert_eq!(repeated.status, StatusCode::BAD_REQUEST);
        assert_eq!(server.check(&repeated).await, check, "{path}");
    }
    let image =
        axum::http::Request::get("/logout").header("sec-fetch-dest", "image").header("sec-fetch-mode", "no-cors");
    let image = server.send(image.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(image.status, StatusCode::FORBIDDEN);
    assert_eq!(server.check(&image).await, "no_navigation");
    let large = "a".repeat(70_000);
    for (path, body, status, check) in [
        ("/token", large.clone(), 413, "body_too_large"),
        ("/login", large.clone(), 413, "body_too_large"),
        ("/login", "username=%zz".to_owned(), 400, "body_malformed"),
        ("/userinfo", "a=%ff".to_owned(), 400, "body_malformed"),
    ] {
        let answer = server.send(form(path, body)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(server.check(&answer).await, check, "{path}");
    }
    let malformed = server.console().await.post("/admin/ui/keys", &[("alg", "none")]).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.check(&malformed).await, "malformed");
    let mut elsewhere = form("/login", "username=alice&password=x".to_owned());
    elsewhere.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let refused = server.send(elsewhere).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(server.check(&refused).await, "cross_site");
    let event = server.events(&format!("request_id={}", request_id(&refused))).await.remove(0);
    assert_eq!(text(&event["facts"], "sent"), "https://evil.example");
}

#[tokio::test]
async fn a_registration_in_the_hands_of_its_client_is_explained() {
    let server = Server::start().await;
    for (method, token) in [("GET", None), ("GET", Some("wrong")), ("PUT", Some("wrong")), ("DELETE", Some("wrong"))] {
        let mut call = axum::http::Request::builder().method(method).uri("/register/nobody");
        if let Some(token) = token {
            call = call.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let answer = server.send(call.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(server.check(&answer).await, "registration_token", "{method}");
    }
}

#[tokio::test]
async fn what_the_admin_api_refuses_is_explained() {
    let server = Server::start().await;
    let call = |method: &str, path: &str, body: String| {
        let call = axum::http::Request::builder().method(method).uri(path).header("x-admin-token", ADMIN_TOKEN);
        call.header(header::CONTENT_TYPE, "application/json").body(axum::body::Body::from(body)).unwrap()
    };
    let taken = json!({ "username": "alice", "password": "a long password" }).to_string();
    let wrong = json!({ "username": "dora", "email": "carol" }).to_string();
    for (method, path, body, status, check) in [
        ("GET", "/admin/clients?limit=x", String::new(), 400, "admin_call_invalid"),
        ("GET", "/admin/users?password%3Dcarol=1", String::new(), 400, "admin_parameter_unknown"),
        ("GET", "/admin/events?user=", String::new(), 400, "admin_call_invalid"),
        ("GET", "/admin/events?since=1&within=1h", String::new(), 400, "admin_call_invalid"),
        ("POST", "/admin/users", "[]".to_owned(), 400, "admin_call_invalid"),
        ("POST", "/admin/users", wrong, 400, "admin_call_invalid"),
        ("POST", "/admin/users", taken, 409, "admin_name_taken"),
        ("POST", "/admin/users", "a".repeat(70_000), 413, "body_too_large"),
    ] {
        let answer = server.send(call(method, path, body)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(server.check(&answer).await, check, "{path}");
    }
    let nobody =
        axum::http::Request::get("/admin/clients").header(header::AUTHORIZATION, format!("Bearer {ADMIN_TOKEN}"));
    let nobody = server.send(nobody.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.check(&nobody).await, "admin_token_missing");
    // Nothing that was sent is kept: it may be a secret.
    server.idp.flush_activity().await;
    assert!(!String::from_utf8_lossy(&server.database_bytes()).contains("carol"));
}
