//! Whatever is sent, the server answers, and never with its own failure.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::browser::Browser;
use crate::server::{CALLBACK, SECRET, SESSION_COOKIE, Server};

crate::concurrency::on_every_database!(
    what_no_form_field_should_hold_is_refused,
    nothing_is_too_long_for_the_database,
    a_client_id_is_compared_to_the_letter,
    anything_at_all_gets_an_answer,
);

/// Texts that databases, parsers and headers trip over.
const ODD: [&str; 14] = [
    "\0",
    "a\0b",
    "\u{feff}",
    "\u{10ffff}",
    "\u{202e}gnp.exe",
    "'; DROP TABLE client; --",
    "%",
    "\\",
    "\r\nset-cookie: a=b",
    "web ",
    "WEB",
    "../../etc/passwd",
    "{\"$ne\":null}",
    "\u{e9}\u{301}",
];

async fn what_no_form_field_should_hold_is_refused(server: Server) {
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let mut console = server.console().await;
    for odd in ODD {
        let query = oauth::form::Form::default().with("q", odd).with("next", odd).with("client_id", odd).encode();
        let name = query.split('&').next().unwrap()[2..].replace('+', "%20");
        let sent = [
            browser.get(&Browser::request(&[("client_id", odd)])).await,
            browser.get(&Browser::request(&[("redirect_uri", odd)])).await,
            browser.get(&Browser::request(&[("nonce", odd)])).await,
            browser.get(&Browser::request(&[("state", odd)])).await,
            browser.get(&Browser::request(&[("scope", odd)])).await,
            browser
                .get(&Browser::request(&[("claims", &serde_json::json!({ "userinfo": { odd: null } }).to_string())]))
                .await,
            browser.get(&Browser::request(&[("id_token_hint", odd)])).await,
            browser.get(&format!("/login?{query}")).await,
            browser.get(&format!("/end_session?{query}")).await,
            server.browser().post("/login", &[("username", odd), ("password", odd)]).await,
            server.browser().post("/admin/login", &[("token", odd)]).await,
            server.token(&[("grant_type", odd)]).await,
            server.token(&[("grant_type", "authorization_code"), ("code", odd), ("redirect_uri", CALLBACK)]).await,
            server.token(&[("grant_type", "refresh_token"), ("refresh_token", odd), ("scope", odd)]).await,
            server.post("/token", None, &[("client_id", odd), ("grant_type", "client_credentials")]).await,
            server.post("/introspect", Some(&format!("web:{SECRET}")), &[("token", odd)]).await,
            server.post("/userinfo", None, &[("access_token", odd)]).await,
            console.get(&format!("/admin/ui/clients?{query}")).await,
            console.get(&format!("/admin/ui/users?{query}")).await,
            console.get(&format!("/admin/ui/clients/{name}")).await,
            console.get(&format!("/admin/ui/users/{name}")).await,
            console.get(&format!("/admin/ui/scopes/edit?name={name}")).await,
            console.post("/admin/ui/scopes/new", &[("name", odd), ("description", odd), ("claims", odd)]).await,
            console.post("/admin/ui/users/new", &[("username", odd), ("name", odd), ("password", "long enough")]).await,
            console.post("/admin/ui/clients/new", &[("client_name", odd), ("client_id", odd)]).await,
            console.post("/admin/ui/clients/web/credentials", &[("name", odd)]).await,
            console.post("/admin/ui/clients/web/credentials/revoke", &[("id", odd)]).await,
        ];
        for (index, answer) in sent.iter().enumerate() {
            assert!(!answer.status.is_server_error(), "{odd:?} in request {index}: {} {}", answer.status, answer.body);
            assert!(!answer.headers.get_all("set-cookie").iter().any(|cookie| cookie == "a=b"));
        }
    }
}

async fn nothing_is_too_long_for_the_database(server: Server) {
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let mut console = server.console().await;
    let long = "\u{e9}".repeat(9_000);
    let uris: Vec<String> =
        (0..30).map(|number| format!("https://app.example/{number}/{}", "a".repeat(1_900))).collect();
    let uris = uris.join("\n");
    let claims = serde_json::json!({ "userinfo": { &long: null } }).to_string();
    let extra = serde_json::json!({ "department": "\u{1}".repeat(2_000) }).to_string();
    let words = (0..3_000).map(|number| format!("claim{number}")).collect::<Vec<_>>().join(" ");
    let client = [
        ("client_name", "Long"),
        ("client_id", "long"),
        ("kind", "web"),
        ("enabled", "on"),
        ("redirect_uris", &uris),
        ("grant_types", "authorization_code"),
        ("scope", "openid"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
    ];
    let policy = [
        ("consent_policy", "once"),
        ("token_format", "opaque"),
        ("access_token_lifetime", "60"),
        ("refresh_token_ttl_days", "1"),
        ("post_logout_redirect_uris", uris.as_str()),
    ];
    let user = [("username", "long"), ("password", "long enough"), ("enabled", "on")];
    let mut sent = Vec::new();
    for parameter in
        [("nonce", long.as_str()), ("state", &long), ("claims", &claims), ("login_hint", &long), ("scope", &long)]
    {
        sent.push(browser.get(&Browser::request(&[parameter])).await);
    }
    sent.push(server.browser().post("/login", &[("username", &long), ("password", &long)]).await);
    sent.push(console.post("/admin/ui/clients/new", &client).await);
    sent.push(console.post("/admin/ui/clients/long/policy", &policy).await);
    sent.push(console.post("/admin/ui/clients/web/policy", &policy).await);
    for field in [("extra_claims", extra.as_str()), ("street_address", &long), ("name", &long), ("email", &long)] {
        sent.push(console.post("/admin/ui/users/new", &[&user[..], &[field]].concat()).await);
    }
    for (name, description) in [("long1", long.as_str()), ("long2", "Long")] {
        let scope = [("name", name), ("description", description), ("claims", &words)];
        sent.push(console.post("/admin/ui/scopes/new", &scope).await);
    }
    sent.push(console.post("/admin/ui/clients/web/credentials", &[("name", &long)]).await);
    let q = oauth::form::Form::default().with("q", &long).encode();
    sent.push(console.get(&format!("/admin/ui/clients?{q}")).await);
    sent.push(console.get(&format!("/admin/ui/users?{q}")).await);
    sent.push(console.search(&long).await);
    for (index, answer) in sent.iter().enumerate() {
        assert!(!answer.status.is_server_error(), "request {index}: {} {}", answer.status, answer.body);
    }
}

async fn a_client_id_is_compared_to_the_letter(server: Server) {
    for other in ["WEB", "web ", " web", "w\u{e9}b", "web\u{200b}"] {
        let answer = server.browser().get(&Browser::request(&[("client_id", other)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other:?}");
        let auth = oauth::form::Form::default().with(other, SECRET).encode().replace('=', ":");
        let answer = server.post("/token", Some(&auth), &[("grant_type", "refresh_token")]).await;
        assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{other:?}");
    }
}

/// Pairs of what is expected and what is not.
fn form() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = prop::sample::select(vec![
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "claims",
        "response_mode",
        "code_challenge",
        "code_challenge_method",
        "id_token_hint",
        "acr_values",
        "login_hint",
        "grant_type",
        "code",
        "code_verifier",
        "refresh_token",
        "client_secret",
        "token",
        "username",
        "password",
        "next",
        "confirm",
        "signet.notes",
        "post_logout_redirect_uri",
        "request",
    ]);
    let values = prop_oneof![
        prop::sample::select(vec![
            "web",
            "spa",
            "job",
            CALLBACK,
            "code",
            "openid",
            "openid email",
            "none",
            "login",
            "consent",
            "select_account",
            "form_post",
            "fragment",
            "S256",
            "authorization_code",
            "refresh_token",
            "client_credentials",
            SECRET,
            "yes",
            "0",
            "-1",
            "9223372036854775807",
            "99999999999999999999",
            "{}",
            "{\"id_token\":{\"sub\":{\"value\":1}}}",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        "[ -~]{0,40}",
    ];
    prop::collection::vec((names.prop_map(str::to_owned), values), 0..8)
}

/// A form, well encoded, or bytes that look a little like one.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => form().prop_map(|pairs| oauth::form::Form::from_pairs(pairs).encode().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => "[a-z_]{0,10}(=(%[0-9a-g]{0,2}|[a-z&=+%;]){0,20}&?){0,4}".prop_map(String::into_bytes),
    ]
}

async fn anything_at_all_gets_an_answer(server: Server) {
    let cookie = server.signed_in().await.cookie(SESSION_COOKIE).unwrap().to_owned();
    let mut runner = TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..200 {
        let bytes = body().new_tree(&mut runner).unwrap().current();
        let query: String = bytes
            .iter()
            .filter(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(byte))
            .map(|byte| char::from(*byte))
            .collect();
        for path in ["/authorize", "/token", "/introspect", "/revoke", "/userinfo", "/end_session", "/logout"] {
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("cookie", format!("{SESSION_COOKIE}={cookie}"))
                .body(Body::from(bytes.clone()))
                .unwrap();
            answered(&server, request, path, &bytes).await;
        }
        for path in ["/authorize", "/login", "/end_session"] {
            let request =
                Request::get(format!("{path}?{query}")).header("cookie", format!("{SESSION_COOKIE}={cookie}"));
            answered(&server, request.body(Body::empty()).unwrap(), path, query.as_bytes()).await;
        }
    }
    assert_eq!(server.browser().get("/health").await.status, StatusCode::OK);
}

async fn answered(server: &Server, request: Request<Body>, path: &str, sent: &[u8]) {
    let answer = server.send(request).await;
    assert!(!answer.status.is_server_error(), "{path} {}: {}", String::from_utf8_lossy(sent), answer.body);
}

#[tokio::test]
async fn what_is_not_utf8_in_a_path_of_the_admin_api_is_not_found_in_json() {
    let server = Server::start().await;
    for (method, path) in [
        ("GET", "/admin/users/%ff"),
        ("DELETE", "/admin/users/%c3%28"),
        ("GET", "/admin/clients/%ff"),
        ("PUT", "/admin/clients/%ff"),
        ("GET", "/admin/clients/%ff/policy"),
        ("DELETE", "/admin/scopes/%ff"),
    ] {
        let request = || Request::builder().method(method).uri(path);
        let answer = server.send(request().body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.error(), (401, "unauthorized".to_owned()), "{method} {path}");
        let request = request().header("x-admin-token", crate::server::ADMIN_TOKEN).body(Body::from("{}")).unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.error(), (404, "not_found".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_json_where_clients_ask() {
    let server = Server::start().await;
    for path in ["/token", "/revoke", "/introspect", "/userinfo"] {
        let request = |length: usize| {
            Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from("a".repeat(length)))
                .unwrap()
        };
        let answer = server.send(request(64 * 1024 + 1)).await;
        assert_eq!(answer.error(), (413, "invalid_request".to_owned()), "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
        assert_ne!(server.send(request(64 * 1024)).await.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let answer = server.browser().post("/login", &[("username", &"a".repeat(70_000))]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.body, "The form cannot be read: the body is larger than 64 KiB.\n");
}
