//! The admin API: JSON for scripts that hold the admin token.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, PASSWORD, SECRET, Server, jwt_header, text};

pub(crate) async fn call(server: &Server, method: Method, path: &str, body: Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-admin-token", ADMIN_TOKEN)
        .header("content-type", "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    server.send(request.body(body).unwrap()).await
}

pub(crate) async fn get(server: &Server, path: &str) -> Answer {
    call(server, Method::GET, path, Value::Null).await
}

pub(crate) async fn post(server: &Server, path: &str, body: Value) -> Answer {
    call(server, Method::POST, path, body).await
}

#[tokio::test]
async fn without_the_token_nothing_is_answered() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let paths = ["/admin/clients", "/admin/clients/web", "/admin/clients/web/policy", "/admin/users", "/admin/scopes"];
    for path in paths {
        for token in [None, Some(""), Some("wrong")] {
            let mut request = Request::get(path);
            if let Some(token) = token {
                request = request.header("x-admin-token", token);
            }
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.error(), (401, "unauthorized".to_owned()), "{path} {token:?}");
        }
        // The cookie of the console opens the console only.
        assert_eq!(console.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let request = Request::post("/admin/rotate_jwk").body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_goes_through_its_life() {
    let server = Server::start().await;
    let body = json!({
        "client_id": "script",
        "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
        "grant_types": "authorization_code refresh_token client_credentials",
        "policy": { "token_format": "jwt", "allowed_scopes": ["openid", "email"], "access_token_lifetime": 90 },
    });
    let created = post(&server, "/admin/clients", body.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let created = created.json();
    assert_eq!((&created["client_id"], &created["message"]), (&json!("script"), &json!("Client created")));
    let auth = format!("script:{}", text(&created, "client_secret"));
    let tokens = server.post("/token", Some(&auth), &[("grant_type", "client_credentials")]).await.json();
    assert_eq!((&tokens["expires_in"], &tokens["scope"]), (&json!(90), &json!("email")));
    assert_eq!(jwt_header(text(&tokens, "access_token"))["typ"], "at+jwt");

    assert_eq!(post(&server, "/admin/clients", body).await.status, StatusCode::CONFLICT);
    let client = get(&server, "/admin/clients/script").await.json();
    for (name, value) in [
        ("client_secret", Value::Null),
        ("redirect_uris", json!("https://a.example/cb https://b.example/cb")),
        ("scope", json!("openid profile email")),
        ("grant_types", json!("authorization_code refresh_token client_credentials")),
        ("response_types", json!("code")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("require_consent", json!(true)),
    ] {
        assert_eq!(client[name], value, "{name}");
    }
    assert_eq!(client["policy"]["allowed_scopes"], "openid email");

    let changed = call(&server, Method::PATCH, "/admin/clients/script", json!({ "client_name": "Script" })).await;
    assert_eq!(changed.json(), json!({ "client_id": "script", "message": "Client updated" }));
    let client = get(&server, "/admin/clients/script").await.json();
    assert_eq!((&client["client_name"], &client["scope"]), (&json!("Script"), &json!("openid profile email")));

    let deleted = call(&server, Method::DELETE, "/admin/clients/script", Value::Null).await;
    assert_eq!(deleted.json(), json!({ "ok": true, "message": "Client deleted" }));
    for method in [Method::GET, Method::DELETE] {
        let answer = call(&server, method, "/admin/clients/script", Value::Null).await;
        assert_eq!(answer.error(), (404, "not_found".to_owned()));
    }
    assert_eq!(server.introspect(text(&tokens, "access_token")).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_secret_may_be_chosen_but_not_a_short_one() {
    let server = Server::start().await;
    let body =
        |secret: &str| json!({ "client_id": "c", "redirect_uris": "https://a.example/cb", "client_secret": secret });
    assert_eq!(post(&server, "/admin/clients", body("short")).await.status, StatusCode::BAD_REQUEST);
    let created = post(&server, "/admin/clients", body(SECRET)).await;
    assert_eq!((created.status, created.json().get("client_secret")), (StatusCode::CREATED, None));
    let answer = server.post("/token", Some(&format!("c:{SECRET}")), &[("grant_type", "password")]).await;
    assert_eq!(answer.error(), (400, "unsupported_grant_type".to_owned()));
}

#[tokio::test]
async fn a_secret_that_is_put_takes_the_place_of_the_one_before() {
    let server = Server::start().await;
    let change = |secret: &str| json!({ "client_id": "web", "client_secret": secret });
    let answer = call(&server, Method::PUT, "/admin/clients/web", change("short")).await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned()));
    let new = "another-secret-of-at-least-32-characters";
    let answer = call(&server, Method::PUT, "/admin/clients/web", change(new)).await;
    assert_eq!(answer.json(), json!({ "client_id": "web", "message": "Client updated" }));
    for (secret, expected) in [(SECRET, (401, "invalid_client")), (new, (400, "unsupported_grant_type"))] {
        let answer = server.post("/token", Some(&format!("web:{secret}")), &[("grant_type", "password")]).await;
        assert_eq!(answer.error(), (expected.0, expected.1.to_owned()), "{secret}");
    }
    // What was read can be sent back: a secret of null is none to set.
    let client = get(&server, "/admin/clients/web").await.json();
    assert_eq!(call(&server, Method::PUT, "/admin/clients/web", client.clone()).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/web").await.json(), client);
    let answer = server.post("/token", Some(&format!("web:{new}")), &[("grant_type", "password")]).await;
    assert_eq!(answer.error(), (400, "unsupported_grant_type".to_owned()));
}

#[tokio::test]
async fn what_is_not_right_is_named() {
    let server = Server::start().await;
    for (name, value, named) in [
        ("redirect_uris", json!("nowhere"), "redirect_uris"),
        ("redirect_uris", json!([1]), "redirect_uris"),
        ("redirect_uris", json!(""), "redirect_uris"),
        ("client_id", json!("a b"), "client_id"),
        ("scope", json!("nothing"), "scope"),
        ("require_consent", json!("perhaps"), "require_consent"),
        ("response_types", json!("token"), "response_types"),
        ("policy", json!({ "access_token_lifetime": 1 }), "access_token_lifetime"),
        ("policy", json!("once"), "policy"),
    ] {
        let mut body = json!({ "client_id": "c", "redirect_uris": "https://a.example/cb" });
        body[name] = value;
        let answer = post(&server, "/admin/clients", body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(text(&answer.json(), "error_description").contains(named), "{body}: {}", answer.body);
    }
    for body in [json!([]), json!("text"), Value::Null] {
        assert_eq!(post(&server, "/admin/clients", body).await.error(), (400, "invalid_request".to_owned()));
    }
    assert_eq!(server.idp.count_clients().await.unwrap(), 3);
}

#[tokio::test]
async fn a_policy_is_changed_member_by_member() {
    let server = Server::start().await;
    let plain =
        post(&server, "/admin/clients", json!({ "client_id": "p", "redirect_uris": "https://a.example/cb" })).await;
    assert_eq!(plain.status, StatusCode::CREATED);
    assert_eq!(get(&server, "/admin/clients/p/policy").await.json(), json!({}));
    let changed = post(&server, "/admin/clients/p/policy", json!({ "consent_policy": "always" })).await;
    assert_eq!(changed.json(), json!({ "ok": true }));
    let changed =
        post(&server, "/admin/clients/p/policy", json!({ "default_scopes": ["openid"], "require_pkce": 1 })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let nulls =
        json!({ "consent_policy": null, "require_pkce": null, "access_token_lifetime": null, "default_scopes": null });
    assert_eq!(post(&server, "/admin/clients/p/policy", nulls).await.status, StatusCode::OK);
    let expected = json!({
        "client_id": "p",
        "allowed_scopes": "",
        "default_scopes": "openid",
        "post_logout_redirect_uris": "",
        "require_pkce": true,
        "consent_policy": "always",
        "access_token_lifetime": 3_600,
        "refresh_token_ttl_days": 30,
        "token_format": "opaque",
    });
    assert_eq!(get(&server, "/admin/clients/p/policy").await.json(), expected);
}

#[tokio::test]
async fn a_user_goes_through_their_life() {
    let server = Server::start().await;
    let body = json!({
        "username": "dora",
        "password": PASSWORD,
        "email": "dora@example.com",
        "claims": { "given_name": "Dora", "email_verified": true, "address": { "locality": "Oslo" }, "department": 7 },
    });
    let created = post(&server, "/admin/users", body.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let user = created.json();
    assert_eq!((&user["username"], &user["email"]), (&json!("dora"), &json!("dora@example.com")));
    assert_eq!((&user["claims"]["given_name"], &user["claims"]["department"]), (&json!("Dora"), &json!(7)));
    assert_eq!(user["claims"]["address"]["locality"], "Oslo");
    assert!(!created.body.contains(PASSWORD));
    assert_eq!(post(&server, "/admin/users", body).await.status, StatusCode::CONFLICT);
    let path = format!("/admin/users/{}", text(&user, "id"));
    assert_eq!(get(&server, &path).await.json(), user);
    let changed = call(&server, Method::PATCH, &path, json!({ "claims": { "nickname": "Do" } })).await.json();
    assert_eq!((&changed["claims"]["nickname"], &changed["claims"]["given_name"]), (&json!("Do"), &json!("Dora")));

    let mut browser = server.browser();
    browser.post("/login", &[("username", "dora"), ("password", PASSWORD)]).await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    assert_eq!(call(&server, Method::DELETE, &path, Value::Null).await.json(), json!({ "ok": true }));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&server, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&server, "/admin/users").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn scopes_are_put_and_deleted() {
    let server = Server::start().await;
    let body = json!({ "name": "a/b:c", "description": "Things", "claims": ["department"] });
    assert_eq!(post(&server, "/admin/scopes", body.clone()).await.json(), json!({ "ok": true }));
    assert!(get(&server, "/admin/scopes").await.json().as_array().unwrap().contains(&body));
    let changed = json!({ "name": "a/b:c", "description": "Other things", "claims": [] });
    assert_eq!(post(&server, "/admin/scopes", changed.clone()).await.status, StatusCode::OK);
    assert!(get(&server, "/admin/scopes").await.json().as_array().unwrap().contains(&changed));
    for status in [StatusCode::OK, StatusCode::NOT_FOUND] {
        assert_eq!(call(&server, Method::DELETE, "/admin/scopes/a/b:c", Value::Null).await.status, status);
    }
}

#[tokio::test]
async fn a_scope_that_was_deleted_can_no_longer_be_had() {
    let server = Server::start().await;
    let photos = json!({ "name": "photos", "description": "See your photos", "claims": [] });
    post(&server, "/admin/scopes", photos.clone()).await;
    let scope = json!({ "scope": "email photos" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/job", scope.clone()).await.status, StatusCode::OK);
    assert_eq!(server.machine_token("photos").await.json()["scope"], "photos");

    call(&server, Method::DELETE, "/admin/scopes/photos", Value::Null).await;
    assert_eq!(server.machine_token("photos").await.error(), (400, "invalid_scope".to_owned()));
    assert_eq!(server.machine_token("").await.json()["scope"], "email");
    // Who renames a client need not tidy up; who says what its scopes are, may repeat what is there, and add nothing unknown.
    for body in [json!({ "client_name": "Renamed" }), scope, json!({ "policy": { "allowed_scopes": "email" } })] {
        let answer = call(&server, Method::PATCH, "/admin/clients/job", body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
    }
    let unknown = call(&server, Method::PATCH, "/admin/clients/job", json!({ "scope": "email photos videos" })).await;
    assert_eq!(unknown.json()["fields"]["scope"], "There is no scope “videos” on this server.");

    let policy = json!({ "policy": { "allowed_scopes": "email photos" } });
    let again = call(&server, Method::PATCH, "/admin/clients/job", policy.clone()).await;
    assert_eq!(again.json()["fields"]["allowed_scopes"], "There is no scope “photos” on this server.");
    post(&server, "/admin/scopes", photos).await;
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/job", policy).await.status, StatusCode::OK);
    assert_eq!(server.machine_token("photos").await.json()["scope"], "photos");
}

#[tokio::test]
async fn a_key_is_rotated() {
    let server = Server::start().await;
    let answer = post(&server, "/admin/rotate_jwk", Value::Null).await.json();
    assert_eq!(answer["rotated"], true);
    let jwks = server.browser().get("/.well-known/jwks.json").await.json();
    assert_eq!(jwks["keys"][0]["kid"], answer["kid"]);
}

#[tokio::test]
async fn development_endpoints_are_off_unless_they_are_switched_on() {
    let server = Server::start().await;
    for path in ["/dev/seed", "/dev/pkce"] {
        assert_eq!(get(&server, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let server = server.with_dev_endpoints();
    let answer = server.browser().get("/dev/pkce").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let pkce = get(&server, "/dev/pkce").await.json();
    let challenge = oauth::pkce::CodeChallenge::of(text(&pkce, "code_verifier"));
    assert_eq!((text(&pkce, "code_challenge"), text(&pkce, "method")), (challenge.as_str(), "S256"));
    for path in ["/dev/seed", "/dev/seed", "/dev/seed?reset=1", "/dev/seed?reset=true"] {
        assert_eq!(get(&server, path).await.status, StatusCode::OK, "{path}");
        let answer = server.browser().post("/login", &[("username", "alice"), ("password", "alice")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let client = get(&server, "/admin/clients/demo-web").await.json();
        assert_eq!(client["token_endpoint_auth_method"], "none");
    }
}
