//! `POST /device_authorization`, and the picture of what is scanned.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use super::{begin, with_devices};
use crate::server::{ADMIN_TOKEN, SECRET, Server, text};

#[tokio::test]
async fn a_device_is_told_where_its_code_is_typed_and_how_often_to_ask() {
    let server = Server::start_at("http://127.0.0.1:8000/auth").await;
    with_devices(&server).await;
    let answer = server.post("/auth/device_authorization", None, &[("client_id", "tv"), ("scope", "openid")]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let device = answer.json();
    let user_code = text(&device, "user_code");
    assert!(user_code.len() == 9 && user_code.as_bytes()[4] == b'-', "{user_code}");
    assert_eq!(text(&device, "device_code").len(), 43);
    assert_eq!(text(&device, "verification_uri"), "http://127.0.0.1:8000/auth/device");
    let complete = format!("http://127.0.0.1:8000/auth/device?user_code={user_code}");
    assert_eq!(text(&device, "verification_uri_complete"), complete);
    assert_eq!((&device["expires_in"], &device["interval"]), (&json!(900), &json!(5)));
    let metadata = server.send(Request::get("/auth/.well-known/openid-configuration").body(Body::empty()).unwrap());
    let metadata = metadata.await.json();
    assert_eq!(metadata["device_authorization_endpoint"], "http://127.0.0.1:8000/auth/device_authorization");
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!(super::DEVICE_CODE)));
    let bytes = server.database_bytes();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for secret in [text(&device, "device_code"), user_code, &user_code.replace('-', "")] {
        assert!(!holds(secret), "codes are kept as digests");
    }
}

#[tokio::test]
async fn each_mistake_of_a_device_has_its_error() {
    let server = Server::start().await;
    with_devices(&server).await;
    let printer = format!("printer:{SECRET}");
    let wrong = "printer:a-wrong-secret-of-at-least-32-characters";
    for (auth, fields, error) in [
        (None, &[][..], (401, "invalid_client")),
        (None, &[("client_id", "unknown")], (401, "invalid_client")),
        (None, &[("client_id", "printer")], (401, "invalid_client")),
        (Some(wrong), &[], (401, "invalid_client")),
        (Some(printer.as_str()), &[("client_id", "tv")], (400, "invalid_request")),
        (None, &[("client_id", "spa")], (400, "unauthorized_client")),
        (None, &[("client_id", "tv"), ("scope", "\"")], (400, "invalid_scope")),
        (None, &[("client_id", "tv"), ("scope", "made-up")], (400, "invalid_scope")),
        (None, &[("client_id", "tv"), ("scope", "openid"), ("scope", "email")], (400, "invalid_request")),
        (None, &[("client_id", "tv"), ("client_id", "tv")], (400, "invalid_request")),
    ] {
        let answer = server.post("/device_authorization", auth, fields).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{fields:?}");
    }
    for (media_type, body) in [("application/json", "{}"), ("application/x-www-form-urlencoded", "client_id=%zz")] {
        let request = Request::post("/device_authorization").header("content-type", media_type);
        let answer = server.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{media_type}");
    }
    let get = server.send(Request::get("/device_authorization").body(Body::empty()).unwrap()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.post("/device_authorization", Some(&printer), &[]).await.status, StatusCode::OK);
    let unknown = server.post("/device_authorization", None, &[("client_id", "tv"), ("x", "y")]).await;
    assert_eq!(unknown.status, StatusCode::OK, "an unknown parameter is passed over");
}

#[tokio::test]
async fn a_script_registers_a_device_and_need_not_say_what_it_is() {
    let server = Server::start().await;
    for (id, method, kind) in [("tv", "none", "native"), ("hub", "client_secret_basic", "web")] {
        let body = json!({ "client_id": id, "token_endpoint_auth_method": method,
            "grant_types": [super::DEVICE_CODE, "refresh_token"] });
        let request = Request::post("/admin/clients").header("x-admin-token", ADMIN_TOKEN);
        let created = server.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
        let request = Request::get(format!("/admin/clients/{id}")).header("x-admin-token", ADMIN_TOKEN);
        let client = server.send(request.body(Body::empty()).unwrap()).await.json();
        assert_eq!((text(&client, "kind"), text(&client, "response_types")), (kind, ""));
    }
    begin(&server, "openid").await;
}

#[tokio::test]
async fn whoever_asks_for_too_many_codes_waits() {
    let server = Server::start().await.with_guard(&[("RATE_LIMIT_DEVICE", "3/min")]);
    with_devices(&server).await;
    for _ in 0..3 {
        begin(&server, "openid").await;
    }
    let refused = server.post("/device_authorization", None, &[("client_id", "tv")]).await;
    assert_eq!(refused.error(), (429, "temporarily_unavailable".to_owned()));
    assert_eq!(refused.header("retry-after"), "20");
    server.clock.advance(20);
    begin(&server, "openid").await;
}

/// Three thousand at once for one client; then time frees places again.
#[tokio::test]
async fn the_codes_that_wait_for_one_client_have_a_bound() {
    let server = Server::start().await;
    with_devices(&server).await;
    let ask = || server.post("/device_authorization", None, &[("client_id", "tv"), ("scope", "openid")]);
    for _ in 0..30 {
        let answers = futures::future::join_all((0..100).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    }
    let full = ask().await;
    assert_eq!(full.error(), (429, "temporarily_unavailable".to_owned()));
    assert!(!full.header("retry-after").is_empty());
    let printer = server.post("/device_authorization", Some(&format!("printer:{SECRET}")), &[]).await;
    assert_eq!(printer.status, StatusCode::OK, "others have their own");
    server.clock.advance(900);
    assert_eq!(ask().await.status, StatusCode::OK);
    server.clock.advance(901);
    while server.idp.sweep().await.unwrap() > 0 {}
    let left = idp::testing::texts(server.database.url(), "SELECT CAST(COUNT(*) AS CHAR) FROM device_code").await;
    assert_eq!(left, ["1"]);
}

#[tokio::test]
async fn what_is_scanned_is_drawn_for_any_code_and_looked_up_for_none() {
    let server = Server::fresh().await;
    let get = async |path: &str| server.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(get("/device/qr?user_code=WDJB-MJHT").await.status, StatusCode::SEE_OTHER, "not before it is set up");
    let server = Server::start().await;
    let get = async |path: &str| server.send(Request::get(path).body(Body::empty()).unwrap()).await;
    let picture = get("/device/qr?user_code=wdjbmjht").await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert_eq!(picture.header("content-security-policy"), "default-src 'none'");
    assert_eq!(picture.body, app::qr::svg("http://127.0.0.1:8000/device?user_code=WDJB-MJHT").unwrap());
    assert_eq!(get("/device/qr").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get("/device/qr?user_code=%3Cscript%3E").await.status, StatusCode::NOT_FOUND);
}
