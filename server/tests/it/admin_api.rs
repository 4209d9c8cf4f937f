//! The admin API: JSON for scripts that hold the admin token.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::server::{ADMIN_TOKEN, CALLBACK, PASSWORD, SECRET, Server, jwt_header, text};

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
async fn a_client_that_was_public_in_between_has_another_secret() {
    let server = Server::start().await;
    let patch = async |method: &str| {
        let body = json!({ "token_endpoint_auth_method": method });
        call(&server, Method::PATCH, "/admin/clients/web", body).await.json()
    };
    assert_eq!(patch("client_secret_post").await.get("client_secret"), None, "it has one");
    assert_eq!(patch("none").await.get("client_secret"), None);
    let made = patch("client_secret_basic").await;
    for (secret, expected) in [(SECRET, "invalid_client"), (text(&made, "client_secret"), "unsupported_grant_type")] {
        let answer = server.post("/token", Some(&format!("web:{secret}")), &[("grant_type", "password")]).await;
        assert_eq!(answer.error().1, expected);
    }
}

#[tokio::test]
async fn what_is_not_right_is_named() {
    let server = Server::start().await;
    for (name, value, named) in [
        ("redirect_uris", json!("nowhere"), "redirect_uris"),
        ("redirect_uris", json!([1]), "redirect_uris"),
        ("client_id", json!("a b"), "client_id"),
        ("client_id", Value::Null, "client_id"),
        ("scope", json!("\"quoted\""), "scope"),
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
        "refresh_reuse_window": 120,
        "token_format": "opaque",
        "id_token_claims": "scopes",
    });
    assert_eq!(get(&server, "/admin/clients/p/policy").await.json(), expected);
}

#[tokio::test]
async fn what_was_decided_can_be_left_to_the_default_again() {
    let server = Server::start().await;
    let own = json!({ "client_id": "p", "policy": { "access_token_lifetime": 90, "token_format": "jwt", "require_pkce": true } });
    assert_eq!(post(&server, "/admin/clients", own).await.status, StatusCode::CREATED);
    let policy = async || get(&server, "/admin/clients/p/policy").await.json();
    assert_eq!(
        (&policy().await["access_token_lifetime"], &policy().await["token_format"]),
        (&json!(90), &json!("jwt"))
    );
    let inherit = json!({ "access_token_lifetime": "", "token_format": "" });
    assert_eq!(post(&server, "/admin/clients/p/policy", inherit).await.status, StatusCode::OK);
    let left = policy().await;
    assert_eq!((&left["access_token_lifetime"], &left["require_pkce"]), (&json!(3_600), &json!(true)));
    let inherit = json!({ "policy": { "require_pkce": "" } });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/p", inherit).await.status, StatusCode::OK);
    assert_eq!(policy().await, json!({}), "nothing is its own any more");
}

#[tokio::test]
async fn two_members_that_say_whether_people_are_asked_never_disagree() {
    let server = Server::start().await;
    assert_eq!(post(&server, "/admin/clients", json!({ "client_id": "p" })).await.status, StatusCode::CREATED);
    let state = async || {
        let client = get(&server, "/admin/clients/p").await.json();
        (client["require_consent"].as_bool().unwrap(), client["policy"]["consent_policy"].as_str().map(str::to_owned))
    };
    for (change, asked, policy) in [
        (json!({ "require_consent": false }), false, Some("skip")),
        (json!({ "client_name": "P" }), false, Some("skip")),
        (json!({ "policy": { "consent_policy": "always" } }), true, Some("always")),
        (json!({ "require_consent": true }), true, Some("always")),
        (json!({ "policy": { "consent_policy": "skip" } }), false, Some("skip")),
        (json!({ "require_consent": true }), true, None),
        (json!({ "require_consent": false, "policy": { "consent_policy": "always" } }), false, Some("skip")),
    ] {
        let answer = call(&server, Method::PATCH, "/admin/clients/p", change.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{change}: {}", answer.body);
        assert_eq!(state().await, (asked, policy.map(str::to_owned)), "{change}");
    }
    // As a script does: reads, changes one member, sends it all back.
    for asked in [true, false, true] {
        let mut client = get(&server, "/admin/clients/p").await.json();
        client["require_consent"] = json!(asked);
        assert_eq!(call(&server, Method::PUT, "/admin/clients/p", client).await.status, StatusCode::OK);
        assert_eq!(state().await.0, asked);
    }
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
    for claims in [json!(["department", "iss"]), json!("cnf"), json!(["sub"])] {
        let answer = post(&server, "/admin/scopes", json!({ "name": "a/b:c", "claims": claims })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{claims}");
        assert!(answer.body.contains("belongs to the protocol"), "{}", answer.body);
    }
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
    // Who renames a client need not tidy up, and who repeats what is there brings nothing back.
    for body in [json!({ "client_name": "Renamed" }), scope, json!({ "policy": { "allowed_scopes": "email" } })] {
        let answer = call(&server, Method::PATCH, "/admin/clients/job", body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
    }
    assert_eq!(server.machine_token("photos").await.error(), (400, "invalid_scope".to_owned()));
    post(&server, "/admin/scopes", photos).await;
    let policy = json!({ "policy": { "allowed_scopes": "email photos" } });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/job", policy).await.status, StatusCode::OK);
    assert_eq!(server.machine_token("photos").await.json()["scope"], "photos");
}

#[tokio::test]
async fn a_scope_that_a_script_names_for_a_client_exists_from_then_on() {
    let server = Server::start().await;
    let names = async || -> Vec<String> {
        let scopes = get(&server, "/admin/scopes").await.json();
        scopes.as_array().unwrap().iter().map(|scope| text(scope, "name").to_owned()).collect()
    };
    let body = json!({ "client_id": "films", "client_secret": SECRET, "grant_types": "client_credentials", "scope": "films.read" });
    let taken = json!({ "client_id": "web", "redirect_uris": CALLBACK, "scope": "never" });
    assert_eq!(post(&server, "/admin/clients", taken).await.status, StatusCode::CONFLICT);
    assert!(!names().await.contains(&"never".to_owned()), "nothing is left of what was refused");
    assert_eq!(post(&server, "/admin/clients", body).await.status, StatusCode::CREATED);
    let described = json!({ "name": "films.read", "description": "films.read", "claims": [] });
    assert!(get(&server, "/admin/scopes").await.json().as_array().unwrap().contains(&described));
    let auth = format!("films:{SECRET}");
    let answer = server.post("/token", Some(&auth), &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.json()["scope"], "films.read");

    let policy = json!({ "allowed_scopes": "films.read films.write" });
    assert_eq!(post(&server, "/admin/clients/films/policy", policy).await.status, StatusCode::OK);
    assert!(names().await.contains(&"films.write".to_owned()));
}

#[tokio::test]
async fn a_deleted_scope_does_not_come_back_by_another_member() {
    let server = Server::start().await;
    let photos = json!({ "name": "photos", "description": "See your photos", "claims": [] });
    post(&server, "/admin/scopes", photos).await;
    let scope = json!({ "scope": "email photos" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/job", scope).await.status, StatusCode::OK);
    call(&server, Method::DELETE, "/admin/scopes/photos", Value::Null).await;
    for (path, policy) in [
        ("/admin/clients/job/policy", json!({ "allowed_scopes": "email photos" })),
        ("/admin/clients/job/policy", json!({ "allowed_scopes": "email photos", "default_scopes": "photos" })),
    ] {
        assert_eq!(post(&server, path, policy.clone()).await.status, StatusCode::OK, "{policy}");
        assert!(!get(&server, "/admin/scopes").await.body.contains("photos"), "{policy}");
    }
}

#[tokio::test]
async fn what_another_node_said_of_a_scope_stays() {
    let server = Server::start().await;
    let other = server.open_node().await;
    // This node knows the scopes as they were.
    get(&server, "/admin/scopes").await;
    let [there, here] = ["album", "place"].map(|claim| oauth::scope::ScopeDraft {
        name: "photos".to_owned(),
        description: "Photos".to_owned(),
        claims: claim.to_owned(),
    });
    other.create_scope(&idp::Actor::admin(), &there).await.unwrap();
    post(&server, "/admin/scopes", json!({ "name": "photos", "description": "See your photos" })).await;
    let expected = json!({ "name": "photos", "description": "See your photos", "claims": ["album"] });
    assert!(get(&server, "/admin/scopes").await.json().as_array().unwrap().contains(&expected));
    other.save_scope(&idp::Actor::admin(), &here, None).await.unwrap();
    post(&server, "/admin/scopes", json!({ "name": " photos", "description": "Your photos" })).await;
    let expected = json!({ "name": "photos", "description": "Your photos", "claims": ["place"] });
    assert!(get(&server, "/admin/scopes").await.json().as_array().unwrap().contains(&expected));
}

#[tokio::test]
async fn claims_that_are_long_when_they_are_indented_stay_when_another_one_is_set() {
    let server = Server::start().await;
    let groups: Vec<u32> = (0..2_500).collect();
    let body = json!({ "username": "dora", "password": PASSWORD, "claims": { "groups": groups } });
    let created = post(&server, "/admin/users", body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let path = format!("/admin/users/{}", text(&created.json(), "id"));
    for body in [json!({ "claims": { "nickname": "Do" } }), json!({ "email": "dora@example.com" })] {
        let changed = call(&server, Method::PATCH, &path, body).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    }
    let user = get(&server, &path).await.json();
    assert_eq!((&user["claims"]["groups"], &user["claims"]["nickname"]), (&json!(groups), &json!("Do")));
    let shown = server.idp.get_user(&oauth::id::Subject::new(text(&user, "id"))).await.unwrap().user;
    let shown = oauth::user::UserDraft::from(&shown).extra_claims;
    let form = [("username", "dora"), ("enabled", "on"), ("extra_claims", shown.as_str())];
    let saved = server.console().await.post(&path.replace("/admin/users", "/admin/ui/users"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(get(&server, &path).await.json()["claims"]["groups"], json!(groups));
}

#[tokio::test]
async fn a_client_may_be_registered_before_its_redirect_uris() {
    let server = Server::start().await;
    let answer =
        post(&server, "/admin/clients", json!({ "client_id": "early", "token_endpoint_auth_method": "none" })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let client = get(&server, "/admin/clients/early").await.json();
    assert_eq!((text(&client, "redirect_uris"), text(&client, "grant_types")), ("", "authorization_code"));
    let asks = format!("/authorize?response_type=code&client_id=early&redirect_uri={CALLBACK}");
    assert_eq!(server.browser().get(&asks).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        server.browser().get("/authorize?response_type=code&client_id=early").await.status,
        StatusCode::BAD_REQUEST
    );
    // What it is was guessed, and is guessed again once more is known.
    let uris = json!({ "redirect_uris": "com.example.app:/callback" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/early", uris).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/early").await.json()["kind"], "native");
    let said = json!({ "client_id": "said", "kind": "native", "token_endpoint_auth_method": "none" });
    assert_eq!(post(&server, "/admin/clients", said).await.status, StatusCode::CREATED);
    let loopback = json!({ "redirect_uris": "http://127.0.0.1/callback" });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/said", loopback).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/said").await.json()["kind"], "native", "what was said is not guessed");
    let web = call(&server, Method::PATCH, "/admin/clients/early", json!({ "redirect_uris": CALLBACK })).await;
    assert_eq!(web.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/early").await.json()["kind"], "native", "it stays what it is");
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
        assert_eq!(
            call(&server, Method::DELETE, "/admin/scopes/profile", Value::Null).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
}
