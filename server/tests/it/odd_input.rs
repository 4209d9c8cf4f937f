//! Whatever is sent, the server answers, and never with its own failure.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::browser::Browser;
use crate::server::{CALLBACK, SECRET, Server};

crate::concurrency::on_every_database!(what_no_form_field_should_hold_is_refused, anything_at_all_gets_an_answer);

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
        "signet.reauthenticated",
        "signet.selected",
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
    let cookie = server.signed_in().await.cookie("signet_session").unwrap().to_owned();
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
                .header("cookie", format!("signet_session={cookie}"))
                .body(Body::from(bytes.clone()))
                .unwrap();
            answered(&server, request, path, &bytes).await;
        }
        for path in ["/authorize", "/login", "/end_session"] {
            let request = Request::get(format!("{path}?{query}")).header("cookie", format!("signet_session={cookie}"));
            answered(&server, request.body(Body::empty()).unwrap(), path, query.as_bytes()).await;
        }
    }
    assert_eq!(server.browser().get("/health").await.status, StatusCode::OK);
}

async fn answered(server: &Server, request: Request<Body>, path: &str, sent: &[u8]) {
    let answer = server.send(request).await;
    assert!(!answer.status.is_server_error(), "{path} {}: {}", String::from_utf8_lossy(sent), answer.body);
}
