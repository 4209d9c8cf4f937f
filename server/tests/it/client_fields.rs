//! One rule for each field of a client, whichever door it comes through.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use idp::testing::{Kind, execute};
use oauth::client::ClientKind;
use serde_json::{Value, json};

use crate::admin_api::{call, get, post};
use crate::server::{SECRET, Server, text};

/// A field, what it must not be, and a part of the reason.
const REFUSED: &[(&str, &str, &str)] = &[
    ("client_id", "new", "a page of the console"),
    ("client_id", "wizard", "a page of the console"),
    ("client_id", "42", "a user’s"),
    ("client_id", "019ab0c4-2f6e-7d11-9c52-6f1d2f0f8a11", "a user’s"),
    ("client_id", "café", "letters, digits"),
    ("client_name", "Bank\u{200b}", "U+200B"),
    ("client_name", "\u{202e}knaB", "U+202E"),
    ("client_name", "Ba\u{ad}nk", "U+00AD"),
    ("redirect_uris", "https://app.example/cb?code=1", "parameter code"),
    ("redirect_uris", "https://app.example/cb?a=b&st%61te=1", "parameter state"),
    ("redirect_uris", "https://app.example/cb?iss=https://evil.example", "parameter iss"),
    ("redirect_uris", "https://app.example/cb?error=x", "parameter error"),
    ("redirect_uris", "https://app.example/cb?response=x", "parameter response"),
    ("redirect_uris", "https://app.example/cb?id_token=x", "parameter id_token"),
    ("redirect_uris", "https://app.example/cb?access_token=x", "parameter access_token"),
    ("allowed_origins", "https://*.example.com", "Wildcards"),
    ("allowed_origins", "null", "anybody"),
    ("allowed_origins", "https://app.example.com/app", "no path"),
    ("allowed_origins", "https://me:secret@app.example.com", "no user name"),
    ("allowed_origins", "https://app.example.com:99999", "port"),
    ("allowed_origins", "file://localhost", "scheme"),
    ("logo_uri", "http://app.example/logo.png", "over https only"),
    ("client_uri", "https://bank.example@evil.example/", "user name"),
    ("tos_uri", "app.example/terms", "http or https URL"),
];

#[tokio::test]
async fn both_doors_refuse_the_same_for_the_same_reason() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let before = server.idp.count_clients().await.unwrap();
    for (field, value, reason) in REFUSED.iter().copied() {
        let mut body = json!({ "client_id": "good", "redirect_uris": "https://app.example/cb" });
        body[field] = json!(value);
        let answer = post(&server, "/admin/clients", body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{field} {value}: {}", answer.body);
        let said = text(&answer.json()["fields"], field).to_owned();
        assert!(said.contains(reason), "{field} {value}: {said}");

        let mut form =
            vec![("client_id", "good"), ("client_name", "Good"), ("redirect_uris", "https://app.example/cb")];
        form.retain(|(name, _)| *name != field);
        form.extend([("kind", "web"), ("enabled", "on"), ("grant_types", "authorization_code"), (field, value)]);
        form.push(("token_endpoint_auth_method", "client_secret_basic"));
        let answer = console.post("/admin/ui/clients/new", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        // The form of a new client does not show every field.
        if matches!(field, "client_id" | "client_name" | "redirect_uris") {
            assert!(answer.body.contains(reason), "{field} {value}: {}", answer.body);
        }
    }
    assert_eq!(server.idp.count_clients().await.unwrap(), before);
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let server = Server::start().await;
    let before = get(&server, "/admin/clients/web").await.json();
    for (field, value, _) in REFUSED.iter().copied().filter(|(field, ..)| *field != "client_id") {
        let mut body = json!({ "client_name": "Other", "client_secret": "x".repeat(40), "scope": "openid later" });
        body[field] = json!(value);
        let answer = call(&server, Method::PATCH, "/admin/clients/web", body).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{field} {value}");
    }
    assert_eq!(get(&server, "/admin/clients/web").await.json(), before);
    let known = server.post("/token", Some(&format!("web:{SECRET}")), &[("grant_type", "password")]).await;
    assert_eq!(known.error(), (400, "unsupported_grant_type".to_owned()), "the secret is the one before");
    assert!(!get(&server, "/admin/scopes").await.body.contains("later"));
}

#[tokio::test]
async fn a_secret_of_other_characters_is_refused_with_the_true_reason() {
    let server = Server::start().await;
    for secret in ["ü".repeat(20), "a\u{7}".repeat(20), "🔑".repeat(10)] {
        let body = json!({ "client_id": "c", "client_secret": secret });
        let answer = post(&server, "/admin/clients", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let said = answer.json()["fields"]["client_secret"].clone();
        assert!(said.as_str().unwrap().contains("ASCII"), "{said}");
    }
}

async fn allowed(server: &Server, origin: &str) -> bool {
    let request = Request::post("/token").header("origin", origin).body(Body::empty()).unwrap();
    let answer = server.send(request).await;
    let named = answer.header("access-control-allow-origin");
    assert!(named.is_empty() || named == origin, "{named}");
    !named.is_empty()
}

#[tokio::test]
async fn an_origin_is_kept_as_browsers_write_it_and_matches() {
    let server = Server::start().await;
    for (typed, kept, sent) in [
        ("https://app.example.com:443", "https://app.example.com", "https://app.example.com"),
        ("HTTPS://Shop.Example.com/", "https://shop.example.com", "https://shop.example.com"),
        ("http://localhost:80", "http://localhost", "http://localhost"),
        ("https://bücher.example", "https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://[2001:DB8:0::1]:3000", "http://[2001:db8::1]:3000", "http://[2001:db8::1]:3000"),
        ("capacitor://localhost", "capacitor://localhost", "capacitor://localhost"),
        ("ionic://localhost", "ionic://localhost", "ionic://localhost"),
        ("tauri://localhost", "tauri://localhost", "tauri://localhost"),
        (
            "chrome-extension://mfcplkpdgihmnoiepbhgplbinpllkcle",
            "chrome-extension://mfcplkpdgihmnoiepbhgplbinpllkcle",
            "chrome-extension://mfcplkpdgihmnoiepbhgplbinpllkcle",
        ),
        (
            "safari-web-extension://E1B2C3D4-0000-4000-8000-000000000000",
            "safari-web-extension://e1b2c3d4-0000-4000-8000-000000000000",
            "safari-web-extension://E1B2C3D4-0000-4000-8000-000000000000",
        ),
    ] {
        assert!(!allowed(&server, sent).await, "{sent}");
        let body = json!({ "allowed_origins": [typed] });
        let answer = call(&server, Method::PATCH, "/admin/clients/web", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{typed}: {}", answer.body);
        assert_eq!(get(&server, "/admin/clients/web").await.json()["allowed_origins"], kept, "{typed}");
        assert!(allowed(&server, sent).await, "{sent}");
    }
    for never in ["null", "https://*.example.com", "https://", "x", "https://evil.example"] {
        assert!(!allowed(&server, never).await, "{never}");
    }
}

#[tokio::test]
async fn a_redirect_uri_is_compared_as_it_was_written() {
    let server = Server::start().await;
    let written = ["https://App.example:443/cb", "HTTPS://app.example/Cb", "https://app.example/%7Eme"];
    let body = json!({ "redirect_uris": written });
    assert_eq!(call(&server, Method::PATCH, "/admin/clients/web", body).await.status, StatusCode::OK);
    assert_eq!(get(&server, "/admin/clients/web").await.json()["redirect_uris"], written.join(" "));
    let mut browser = server.signed_in().await;
    for (uri, expected) in [
        ("https://App.example:443/cb", StatusCode::OK),
        ("HTTPS://app.example/Cb", StatusCode::OK),
        ("https://app.example/%7Eme", StatusCode::OK),
        ("https://app.example/cb", StatusCode::BAD_REQUEST),
        ("https://App.example/cb", StatusCode::BAD_REQUEST),
        ("https://app.example/~me", StatusCode::BAD_REQUEST),
    ] {
        let request = crate::browser::Browser::request(&[("redirect_uri", uri)]);
        assert_eq!(browser.get(&request).await.status, expected, "{uri}");
    }
}

/// The row of a client as an earlier version left it.
async fn put_document(server: &Server, document: &Value) {
    let document = document.to_string();
    assert!(!document.contains('\''));
    execute(server.database.url(), &format!("UPDATE client SET document = '{document}' WHERE client_id = 'web'")).await;
}

#[tokio::test]
async fn clients_of_earlier_versions_work_on_and_can_be_changed() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let old = json!({
            "client_id": "web", "client_name": "Web\u{200b}", "kind": "web", "enabled": true,
            "redirect_uris": ["https://client.example/cb", "https://client.example/cb?state=1"],
            "allowed_origins": ["https://Shop.example:443", "nonsense"], "grant_types": ["authorization_code"],
            "scope": "openid email", "token_endpoint_auth_method": "client_secret_basic", "require_consent": false,
            "policy": {
                "allowed_scopes": "", "default_scopes": "", "post_logout_redirect_uris": [], "require_pkce": false,
                "consent_policy": "once", "access_token_lifetime": 600, "refresh_token_ttl_days": 30, "token_format": "opaque",
            },
        });
        put_document(&server, &old).await;
        let client = get(&server, "/admin/clients/web").await.json();
        assert_eq!(
            (&client["require_consent"], &client["policy"]["consent_policy"]),
            (&json!(false), &json!("skip")),
            "{kind:?}"
        );
        assert_eq!(
            (&client["may_introspect"], &client["policy"]["id_token_claims"]),
            (&json!(false), &json!("scopes"))
        );
        let server = server.restart().await;
        assert!(allowed(&server, "https://shop.example").await, "{kind:?}");
        let policy = json!({ "access_token_lifetime": 90 });
        assert_eq!(post(&server, "/admin/clients/web/policy", policy).await.status, StatusCode::OK, "{kind:?}");
        // The whole of it only once what is wrong by now is mended.
        let answer = call(&server, Method::PATCH, "/admin/clients/web", json!({ "scope": "openid" })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{kind:?}");
        let mended =
            json!({ "client_name": "Web", "redirect_uris": "https://client.example/cb", "allowed_origins": "" });
        assert_eq!(call(&server, Method::PATCH, "/admin/clients/web", mended).await.status, StatusCode::OK, "{kind:?}");
    }
}

#[tokio::test]
async fn a_number_is_an_id_only_of_a_client_that_has_it() {
    let server = Server::start().await;
    server.create_client(ClientKind::Spa, "temporary", |_, _| {}).await;
    let copy = "INSERT INTO client (client_id, client_name, kind, enabled, document, version, created_at, updated_at) \
                SELECT '42', client_name, kind, enabled, replace(document, '\"temporary\"', '\"42\"'), version, created_at, \
                updated_at FROM client WHERE client_id = 'temporary'";
    execute(server.database.url(), copy).await;
    let answer = call(&server, Method::PATCH, "/admin/clients/42", json!({ "client_name": "Number" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(post(&server, "/admin/clients", json!({ "client_id": "43" })).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_default_scope_is_one_that_the_client_may_ask_for() {
    let server = Server::start().await;
    let body = json!({ "client_id": "c", "scope": "openid email", "policy": { "default_scopes": "openid phone" } });
    let answer = post(&server, "/admin/clients", body).await;
    assert!(text(&answer.json()["fields"], "default_scopes").contains("phone"), "{}", answer.body);
    let body = json!({ "client_id": "c", "scope": "openid email", "policy": { "default_scopes": "openid email" } });
    assert_eq!(post(&server, "/admin/clients", body).await.status, StatusCode::CREATED);
    let change = async |body: Value| call(&server, Method::PATCH, "/admin/clients/c", body).await;
    let answer = change(json!({ "scope": "openid" })).await;
    assert!(text(&answer.json()["fields"], "scope").contains("default scope"), "{}", answer.body);
    let both = json!({ "scope": "openid", "policy": { "default_scopes": "openid" } });
    assert_eq!(change(both).await.status, StatusCode::OK);
    // A row from before: it may be changed otherwise, and gives no more than could be asked for by name.
    put_document(
        &server,
        &json!({
            "client_id": "web", "client_name": "Web", "kind": "web", "enabled": true, "redirect_uris": [],
            "grant_types": ["client_credentials"], "scope": "email", "token_endpoint_auth_method": "client_secret_basic",
            "policy": { "default_scopes": "email phone" },
        }),
    )
    .await;
    let answer = call(&server, Method::PATCH, "/admin/clients/web", json!({ "client_name": "Renamed" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let tokens = server.post("/token", Some(&format!("web:{SECRET}")), &[("grant_type", "client_credentials")]).await;
    assert_eq!(tokens.json()["scope"], "email");
}
