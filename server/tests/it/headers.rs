//! Headers are octets: what cannot be read hides nothing beside it, and what is there does not count as absent.

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::browser::Answer;
use crate::server::{ADMIN_COOKIE, ADMIN_TOKEN, SECRET, SESSION_COOKIE, Server};

/// Asks with header lines as octets.
async fn ask(server: &Server, request: axum::http::request::Builder, lines: &[(&'static str, Vec<u8>)]) -> Answer {
    let mut request = request.body(Body::empty()).unwrap();
    for (name, value) in lines {
        request.headers_mut().append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    server.send(request).await
}

/// Cookie headers of a browser that was at other servers of the host, too; `ours` is a pair.
fn among_others(ours: &str) -> Vec<Vec<Vec<u8>>> {
    let beside = |before: &[u8], after: &[u8]| [before, ours.as_bytes(), after].concat();
    vec![
        vec![beside("theme=hellgrün; ".as_bytes(), b"")],
        vec![beside(b"theme=hellgr\xfcn; ", b"")],
        vec![beside(b"", b"; theme=\xff\xfe")],
        vec![beside(b"; ; =; nothing; a=b=c; \"; ", b"; =x")],
        vec![b"theme=\xff".to_vec(), beside(b"a=b; ", b"")],
        vec![beside(b"a=\"b;", b"; c=\"")],
        vec![beside(format!("{}=\u{fffd}; ", ours.split('=').next().unwrap()).as_bytes(), b"")],
    ]
}

#[tokio::test]
async fn no_other_cookie_hides_a_session() {
    let server = Server::start().await;
    let pair = format!("{SESSION_COOKIE}={}", server.signed_in().await.cookie(SESSION_COOKIE).unwrap());
    for lines in among_others(&pair) {
        let lines: Vec<_> = lines.into_iter().map(|line| ("cookie", line)).collect();
        let answer = ask(&server, Request::get("/"), &lines).await;
        assert!(answer.body.contains("alice"), "{lines:?}");
    }
    let pair = format!("{ADMIN_COOKIE}={}", server.console().await.cookie(ADMIN_COOKIE).unwrap());
    for lines in among_others(&pair) {
        let lines: Vec<_> = lines.into_iter().map(|line| ("cookie", line)).collect();
        let answer = ask(&server, Request::get("/admin/ui"), &lines).await;
        assert_eq!(answer.status, StatusCode::OK, "{lines:?}");
    }
}

#[tokio::test]
async fn servers_at_other_ports_of_one_host_do_not_sign_each_other_out() {
    let one = Server::start_at("http://localhost:8000").await;
    let other = Server::start_at("http://localhost:8001").await;
    let cookies = [
        one.signed_in().await.cookie("signet_session_8000").unwrap().to_owned(),
        other.signed_in().await.cookie("signet_session_8001").unwrap().to_owned(),
    ];
    // One browser has both.
    let both = |server| {
        crate::browser::Browser::new(server)
            .with_cookie("signet_session_8000", &cookies[0])
            .with_cookie("signet_session_8001", &cookies[1])
    };
    let (mut at_one, mut at_other) = (both(&one), both(&other));
    assert!(at_one.get("/").await.body.contains("alice") && at_other.get("/").await.body.contains("alice"));
    let home = at_one.get("/").await;
    let left = at_one.press(&home, "yes").await;
    assert!(left.header("set-cookie").starts_with("signet_session_8000=;"), "{}", left.header("set-cookie"));
    assert!(!at_one.get("/").await.body.contains("alice") && at_other.get("/").await.body.contains("alice"));
}

#[tokio::test]
async fn a_header_that_cannot_be_read_opens_no_door() {
    let server = Server::start().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
    for lines in [
        vec![("authorization", b"\xff".to_vec())],
        vec![("authorization", basic.clone().into_bytes()), ("authorization", basic.clone().into_bytes())],
    ] {
        // Neither of two, and not nobody: a public client says who it is in the body alone.
        let mut request =
            Request::post("/token").body(Body::from("grant_type=client_credentials&client_id=spa")).unwrap();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        for (name, value) in &lines {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        assert_eq!(server.send(request).await.error(), (401, "invalid_client".to_owned()), "{lines:?}");
    }
    for lines in [
        vec![("x-admin-token", b"\xff".to_vec())],
        vec![("x-admin-token", ADMIN_TOKEN.into()), ("x-admin-token", ADMIN_TOKEN.into())],
    ] {
        assert_eq!(
            ask(&server, Request::get("/admin/users"), &lines).await.status,
            StatusCode::UNAUTHORIZED,
            "{lines:?}"
        );
    }
    for lines in [
        vec![("sec-fetch-site", b"\xff".to_vec()), ("origin", b"http://127.0.0.1:8000".to_vec())],
        vec![("origin", b"\xff".to_vec())],
    ] {
        assert_eq!(ask(&server, Request::post("/login"), &lines).await.status, StatusCode::FORBIDDEN, "{lines:?}");
    }
}

#[tokio::test]
async fn a_body_is_known_by_its_media_type_whatever_follows_that() {
    let server = Server::start().await;
    for media_type in [&b"application/x-www-form-urlencoded; charset=\xfc"[..], b"Application/X-WWW-Form-Urlencoded ;x"]
    {
        let mut request = Request::post("/login").body(Body::from("username=alice&password=wrong")).unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_bytes(media_type).unwrap());
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("value=\"alice\""), "{media_type:?}");
    }
}

#[tokio::test]
async fn a_document_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let etag = ask(&server, Request::get(path), &[]).await.header("etag").to_owned();
        for lines in [
            vec![("if-none-match", format!("\"ü\", W/{etag}").into_bytes())],
            vec![("if-none-match", b"\"\xff\"".to_vec()), ("if-none-match", etag.clone().into_bytes())],
        ] {
            assert_eq!(
                ask(&server, Request::get(path), &lines).await.status,
                StatusCode::NOT_MODIFIED,
                "{path} {lines:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_search_of_the_console_answers_what_it_cannot_read_with_400() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (media_type, accept, body) in [
        ("application/x-www-form-urlencoded", "*/*", "query=web"),
        ("application/json", "application/json", ""),
        ("application/json", "application/json", "{"),
        ("application/json", "application/json", "{}"),
        ("application/json", "application/json", "[]"),
        ("application/json", "application/json", "{\"query\":1}"),
        ("application/json", "application/json", "{\"query\":\"\\ud800\"}"),
        ("application/json", "application/json", "\"web\""),
        ("multipart/form-data; boundary=x", "text/html", "--x--"),
        ("text/plain", "text/html", "web"),
        ("", "", "\u{0}"),
    ] {
        let request = Request::post("/admin/ui/api/search")
            .header("content-type", media_type)
            .header("accept", accept)
            .header("referer", "https://evil.example/")
            .header("sec-fetch-site", "same-origin");
        let answer = console.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{media_type} {body}");
    }
    let found = console.search("web").await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.json()[0]["detail"], "web", "{}", found.body);
}

#[tokio::test]
async fn a_body_of_userinfo_that_is_no_form_is_an_invalid_request() {
    let server = Server::start().await;
    let token = server.tokens("openid").await["access_token"].as_str().unwrap().to_owned();
    for body in ["a=%ff", "a=%", "access_token=%zz", "a=%00%c3%28"] {
        for authorization in [None, Some(format!("Bearer {token}"))] {
            let mut request = Request::post("/userinfo").header("content-type", "application/x-www-form-urlencoded");
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let answer = server.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{body} {authorization:?}");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""), "{body}");
        }
    }
    // What is no form is no token either, and harms none.
    let request = Request::post("/userinfo").header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}")).body(Body::from("{}")).unwrap();
    assert_eq!(server.send(request).await.status, StatusCode::OK);
}
