//! Access to registration.

use axum::http::{Method, Request, StatusCode};
use serde_json::json;

use super::{admin, call, native, register, set_policy};
use crate::server::Server;

#[tokio::test]
async fn by_default_nobody_registers_where_there_is_nothing_to_reach() {
    let server = Server::start().await;
    let metadata = server.browser().get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata.get("registration_endpoint"), None);
    let refused = call(&server, Method::POST, "/register", None, &native("A").to_string()).await;
    assert_eq!(refused.error(), (403, "access_denied".to_owned()));
    assert_eq!(refused.header("cache-control"), "no-store");
    let policy = admin(&server, Method::GET, "/admin/registration", json!({})).await.json();
    assert_eq!(policy, json!({ "policy": "automatic", "enabled": false, "tokens": [] }));
}

#[tokio::test]
async fn by_default_registration_is_open_exactly_while_there_is_a_resource() {
    let server = Server::start().await;
    let register = async || call(&server, Method::POST, "/register", None, &native("A").to_string()).await.status;
    let body = json!({ "identifier": "https://mcp.example/mcp", "name": "Notes" });
    let created = admin(&server, Method::POST, "/admin/resources", body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    assert_eq!(register().await, StatusCode::CREATED);
    let metadata = server.browser().get("/.well-known/oauth-authorization-server").await.json();
    assert!(metadata["registration_endpoint"].is_string());
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let deleted = admin(&server, Method::DELETE, &format!("/admin/resources/{id}"), json!({})).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.body);
    assert_eq!(register().await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_metadata_name_the_endpoint_exactly_while_it_answers() {
    let server = Server::start().await;
    for (policy, is_on) in [("open", true), ("off", false), ("token", true), ("automatic", false)] {
        set_policy(&server, policy).await;
        for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
            let metadata = server.browser().get(path).await.json();
            let expected = is_on.then(|| json!("http://127.0.0.1:8000/register"));
            assert_eq!(metadata.get("registration_endpoint"), expected.as_ref(), "{policy}");
        }
        let answer = call(&server, Method::POST, "/register", None, &native("A").to_string()).await;
        assert_eq!(answer.status == StatusCode::FORBIDDEN, !is_on, "{policy}");
    }
    let wrong = admin(&server, Method::PUT, "/admin/registration", json!({ "policy": "maybe" })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_initial_access_token_is_shown_once_and_opens_the_door_until_it_is_deleted() {
    let server = Server::start().await;
    set_policy(&server, "token").await;
    let created = admin(&server, Method::POST, "/admin/registration/tokens", json!({ "name": "build server" })).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let token = created.json()["token"].as_str().unwrap().to_owned();
    let post =
        async |token: Option<&str>| call(&server, Method::POST, "/register", token, &native("A").to_string()).await;
    for wrong in [None, Some("wrong")] {
        let refused = post(wrong).await;
        assert_eq!(refused.error(), (401, "invalid_token".to_owned()), "{wrong:?}");
        assert!(refused.header("www-authenticate").starts_with("Bearer "), "{wrong:?}");
    }
    assert_eq!(post(Some(&token)).await.status, StatusCode::CREATED);
    let again = admin(&server, Method::POST, "/admin/registration/tokens", json!({ "name": "build server" })).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
    let listed = admin(&server, Method::GET, "/admin/registration", json!({})).await;
    assert_eq!(listed.json()["tokens"][0]["name"], "build server");
    assert!(!listed.body.contains(&token));
    let bytes = server.database_bytes();
    assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "only a digest is stored");
    let path = "/admin/registration/tokens/build%20server";
    assert_eq!(admin(&server, Method::DELETE, path, json!({})).await.status, StatusCode::OK);
    assert_eq!(admin(&server, Method::DELETE, path, json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(Some(&token)).await.error(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn any_page_may_read_the_answers_and_no_cache_keeps_them() {
    let server = super::open().await;
    let request = Request::post("/register").header("origin", "https://agent.example");
    let answer = server.send(request.body(native("A").to_string().into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_by_the_specified_words() {
    let server = super::open().await;
    let long = json!({ "redirect_uris": ["https://a.example/cb"], "x": "x".repeat(16 * 1024) }).to_string();
    for (body, error) in [
        ("", "invalid_client_metadata"),
        ("[]", "invalid_client_metadata"),
        ("redirect_uris=https%3A%2F%2Fa.example", "invalid_client_metadata"),
        (long.as_str(), "invalid_client_metadata"),
        ("{}", "invalid_redirect_uri"),
        (r#"{"redirect_uris":["javascript:alert(1)"]}"#, "invalid_redirect_uri"),
        (r#"{"redirect_uris":["ms-msdt:/id"]}"#, "invalid_redirect_uri"),
        (r#"{"redirect_uris":["search-ms:query=x"]}"#, "invalid_redirect_uri"),
        (r#"{"redirect_uris":["myapp://cb"]}"#, "invalid_redirect_uri"),
        (r#"{"redirect_uris":["https://a.example/cb#x"]}"#, "invalid_redirect_uri"),
        (
            r#"{"redirect_uris":["https://a.example/cb"],"grant_types":["client_credentials"]}"#,
            "invalid_client_metadata",
        ),
    ] {
        let answer = call(&server, Method::POST, "/register", None, body).await;
        assert_eq!(answer.error(), (400, error.to_owned()), "{}", &body[..body.len().min(60)]);
    }
    let invalid = Request::post("/register").body(axum::body::Body::from(vec![0xff, 0xfe])).unwrap();
    assert_eq!(server.send(invalid).await.error(), (400, "invalid_client_metadata".to_owned()));
    assert_eq!(register(&server, &native("A")).await["client_name"], "A");
}
