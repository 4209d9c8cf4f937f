//! Protection of people against pages that lead them here.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{ADMIN_COOKIE, ADMIN_TOKEN, PASSWORD, SECRET, SESSION_COOKIE, Server, text};

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let mut console = server.console().await;
    let consent = Browser::request(&[]);
    browser.get(&consent).await;
    for (path, fields) in [
        ("/login", &[("username", "alice"), ("password", PASSWORD)][..]),
        (&consent, &[("confirm", "yes")]),
        ("/end_session", &[("confirm", "yes")]),
        ("/logout", &[("confirm", "yes")]),
        ("/setup", &[("admin_token", "an-admin-token-of-somebody")]),
        ("/admin/login", &[("token", ADMIN_TOKEN)]),
    ] {
        let answer = browser.post_cross_site(path, fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.header("set-cookie").is_empty());
    }
    assert_eq!(browser.silently(&[]).await, "consent_required");
    for path in [
        "/admin/ui/clients/new",
        "/admin/ui/clients/web/settings",
        "/admin/ui/clients/web/policy",
        "/admin/ui/clients/web/credentials",
        "/admin/ui/clients/web/credentials/revoke",
        "/admin/ui/clients/web/enabled",
        "/admin/ui/clients/web/delete",
        "/admin/ui/users/new",
        "/admin/ui/scopes/new",
        "/admin/ui/scopes/edit",
        "/admin/ui/scopes/delete",
        "/admin/ui/keys",
        "/admin/ui/api/search",
        "/admin/logout",
    ] {
        let answer = console.post_cross_site(path, &[("confirm", "web"), ("name", "email")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(console.get("/admin/ui/clients/web").await.status, StatusCode::OK);
}

#[tokio::test]
async fn where_a_form_comes_from_is_told_by_either_header() {
    let server = Server::start().await;
    for (name, value, status) in [
        ("sec-fetch-site", "same-origin", StatusCode::SEE_OTHER),
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
        ("origin", crate::server::ISSUER, StatusCode::SEE_OTHER),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "http://127.0.0.1:8001", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
    ] {
        let request = Request::post("/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(crate::server::encode(&[("username", "alice"), ("password", PASSWORD)])))
            .unwrap();
        assert_eq!(server.send(request).await.status, status, "{name}: {value}");
    }
}

fn safe(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
    assert!(matches!(answer.header("referrer-policy"), "same-origin" | "no-referrer"), "{what}");
    if answer.header("content-type").starts_with("text/html") {
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'self'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'; "), "{what}: {policy}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert!(!answer.body.contains(" style=\"") && !answer.body.contains(" onclick="), "{what}");
    }
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers_that_keep_it_safe() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let mut console = server.console().await;
    let form_post = Browser::request(&[("prompt", "none"), ("response_mode", "form_post")]);
    for (path, script) in [
        ("/", "script-src 'none'"),
        ("/login", "script-src 'none'"),
        (&Browser::request(&[]), "script-src 'none'"),
        (&Browser::request(&[("prompt", "select_account")]), "script-src 'none'"),
        (&Browser::request(&[("client_id", "nobody")]), "script-src 'none'"),
        ("/end_session", "script-src 'none'"),
        ("/nowhere", "script-src 'none'"),
        (&form_post, "script-src 'nonce-"),
    ] {
        let answer = browser.get(path).await;
        safe(&answer, path);
        assert!(answer.header("content-security-policy").contains(script), "{path}");
    }
    for path in ["/admin/ui", "/admin/ui/clients", "/admin/ui/clients/web/settings", "/admin/ui/keys", "/admin/ui/x"] {
        let answer = console.get(path).await;
        safe(&answer, path);
        let policy = answer.header("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(nonce.len() >= 16 && answer.body.contains(&format!("nonce=\"{nonce}\"")), "{path}");
        assert!(policy.contains("form-action 'self'"));
    }
    for path in ["/health", "/.well-known/openid-configuration", "/userinfo", "/favicon.svg"] {
        safe(&browser.get(path).await, path);
    }
    safe(&server.machine_token("email").await, "/token");
    safe(&browser.post_cross_site("/login", &[]).await, "a refused form");
    safe(&browser.get("/logout").await, "/logout");
    safe(&browser.get("/admin/login").await, "/admin/login");
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_too_large() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let large = "a".repeat(65 * 1024);
    for path in ["/token", "/introspect", "/revoke", "/userinfo", "/login", "/authorize", "/end_session", "/setup"] {
        let answer = server.browser().post(path, &[("token", &large)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    for path in ["/admin/ui/clients/new", "/admin/ui/users/new", "/admin/ui/scopes/new"] {
        assert_eq!(console.post(path, &[("name", &large)]).await.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let search = console.search(&large).await;
    assert_eq!(search.status, StatusCode::PAYLOAD_TOO_LARGE);
}

async fn raw(server: &Server, path: &str, content_type: &str, body: &'static [u8]) -> Answer {
    let request = Request::post(path).header("content-type", content_type).body(Body::from(body)).unwrap();
    server.send(request).await
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let server = Server::start().await;
    const FORM: &str = "application/x-www-form-urlencoded";
    for (content_type, body) in [
        (FORM, &b"token=%zz"[..]),
        (FORM, b"token=%f"),
        (FORM, b"token=%ff"),
        (FORM, b"token=\xff\xfe"),
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"token=x"),
        ("", b"token=x"),
    ] {
        for path in ["/token", "/introspect", "/revoke"] {
            let answer = raw(&server, path, content_type, body).await;
            assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{path} {content_type}");
        }
        for path in ["/login", "/authorize", "/end_session", "/admin/login", "/setup"] {
            let answer = raw(&server, path, content_type, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {content_type}");
        }
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_know_is_not_allowed() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::PUT, "/token"),
        (Method::GET, "/token"),
        (Method::GET, "/introspect"),
        (Method::DELETE, "/userinfo"),
        (Method::POST, "/.well-known/openid-configuration"),
        (Method::PATCH, "/login"),
    ] {
        let request = Request::builder().method(&method).uri(path).body(Body::empty()).unwrap();
        assert_eq!(server.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
    }
}

#[tokio::test]
async fn what_was_sent_is_shown_as_text_wherever_it_is_shown() {
    let server = Server::start().await;
    let evil = "\"><script>alert(1)</script>";
    let mut console = server.console().await;
    let query = oauth::form::Form::default().with("q", evil).encode();
    let next = oauth::form::Form::default().with("next", &Browser::request(&[("login_hint", evil)])).encode();
    for answer in [
        server.browser().get(&Browser::request(&[("client_id", evil)])).await,
        server.browser().get(&Browser::request(&[("redirect_uri", evil)])).await,
        server
            .browser()
            .get(&Browser::request(&[("response_mode", "form_post"), ("state", evil), ("prompt", "none")]))
            .await,
        server.browser().get(&format!("/login?{next}")).await,
        server.browser().post("/login", &[("username", evil), ("password", "x")]).await,
        console.get(&format!("/admin/ui/clients?{query}")).await,
        console.get(&format!("/admin/ui/users?{query}")).await,
        console.post("/admin/ui/scopes/new", &[("name", evil), ("description", evil), ("claims", evil)]).await,
        console.post("/admin/ui/users/new", &[("username", evil), ("website", evil)]).await,
        console.post("/admin/ui/clients/new", &[("client_name", evil), ("redirect_uris", evil)]).await,
    ] {
        assert!(!answer.body.contains("<script>alert(1)"), "{}", answer.body);
        assert!(answer.body.contains("&lt;script") || answer.body.contains("%3Cscript"), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_anything() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let unused_code = browser.authorize(&[]).await;
    let code = browser.authorize(&[("scope", "openid offline_access")]).await;
    let tokens = server.redeem(&code).await.json();
    let refreshed = server.refresh(&tokens).await.json();
    let machine = server.machine_token("email").await.json();
    let console = server.console().await;
    let mut secrets = vec![
        ("admin token", ADMIN_TOKEN.to_owned()),
        ("client secret", SECRET.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("code", code),
        ("unused code", unused_code),
        ("session", browser.cookie(SESSION_COOKIE).unwrap().to_owned()),
        ("console session", console.cookie(ADMIN_COOKIE).unwrap().to_owned()),
    ];
    for (what, tokens) in [("first", &tokens), ("refreshed", &refreshed)] {
        secrets.extend(["access_token", "refresh_token", "id_token"].map(|name| (what, text(tokens, name).to_owned())));
    }
    secrets.push(("machine", text(&machine, "access_token").to_owned()));
    server.idp.close().await;
    let bytes = server.database_bytes();
    assert!(bytes.windows(5).any(|window| window == b"alice"), "this is not the database");
    for (what, secret) in &secrets {
        assert!(secret.len() >= 20, "{what}");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{what} is in the database");
    }
    for private in ["\"d\":", "\"dp\":", "PRIVATE KEY"] {
        assert!(
            !bytes.windows(private.len()).any(|window| window == private.as_bytes()),
            "{private} is in the database"
        );
    }
    assert!(
        !bytes.windows(9).any(|window| window == b"$argon2i$")
            && bytes.windows(10).any(|window| window == b"$argon2id$")
    );
}

#[tokio::test]
async fn what_is_sent_twice_is_neither_of_the_two() {
    let server = Server::start().await;
    let auth = format!("web:{SECRET}");
    for (path, fields) in [
        ("/token", &[("grant_type", "refresh_token"), ("grant_type", "client_credentials")][..]),
        ("/token", &[("grant_type", "refresh_token"), ("refresh_token", "a"), ("x", "1"), ("x", "2")]),
        ("/introspect", &[("token", "a"), ("token", "b")]),
        ("/revoke", &[("token", "a"), ("token", "a")]),
    ] {
        let answer = server.post(path, Some(&auth), fields).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{path} {fields:?}");
    }
    let twice = [Browser::request(&[]), "&state=another".to_owned()].concat();
    let answer = server.browser().get(&twice).await;
    assert_eq!(answer.query().text("error"), "invalid_request");
    assert!(!answer.query().is_set("state"));
    let twice = [Browser::request(&[]), "&redirect_uri=https%3A%2F%2Fevil.example".to_owned()].concat();
    assert_eq!(server.browser().get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn errors_that_go_back_to_a_client_are_ascii_and_carry_nothing_else() {
    let server = Server::start().await;
    let odd = "openid \u{201c}\r\n\u{202e}";
    let answer = server.browser().get(&Browser::request(&[("scope", odd), ("max_age", "\n")])).await;
    let query = answer.query();
    let description = query.text("error_description");
    assert!(
        !description.is_empty() && description.bytes().all(|byte| (0x20..=0x7e).contains(&byte)),
        "{description:?}"
    );
    let names: Vec<String> = answer
        .location()
        .split_once('?')
        .unwrap()
        .1
        .split('&')
        .map(|pair| pair.split('=').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["error", "error_description", "error_uri", "state", "iss"]);
    let body: Value = server.token(&[]).await.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["error", "error_description"]);
}
