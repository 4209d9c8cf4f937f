//! Request objects (RFC 9101, OpenID Connect Core §6).

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::client::ClientKind;
use serde_json::{Map, Value, json};

use super::address;
use crate::assertion::Key;
use crate::browser::Answer;
use crate::server::{CALLBACK, ISSUER, SECRET, START, Server, encode};

/// The request of the client `web`, with one claim changed; null takes it away.
fn claims(name: &str, value: Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": "web", "aud": ISSUER, "exp": START + 300, "iat": START, "client_id": "web", "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid email", "state": "s-1", "nonce": "n-1",
    });
    claims[name] = value;
    let members = claims.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

async fn register(server: &Server, jwks: &str, jwks_uri: &str, request_uris: &str) {
    server
        .create_client(ClientKind::Web, "signer", |draft, _| {
            draft.jwks = jwks.to_owned();
            draft.jwks_uri = jwks_uri.to_owned();
            draft.request_uris = request_uris.to_owned();
        })
        .await;
}

/// The same request of the client `signer`.
fn signers(mut claims: Map<String, Value>) -> Map<String, Value> {
    for name in ["iss", "client_id"] {
        if claims.get(name).is_some_and(|value| value == "web") {
            claims.insert(name.to_owned(), json!("signer"));
        }
    }
    claims
}

fn asked(name: &str, value: &str) -> String {
    address(name, value).replace("client_id=web", "client_id=signer")
}

/// The error that comes back to the client, or is shown to the person.
fn error(answer: &Answer) -> String {
    if answer.status == StatusCode::BAD_REQUEST {
        answer.body.clone()
    } else {
        answer.query().text("error_description")
    }
}

#[tokio::test]
async fn a_signed_request_is_answered_and_nothing_beside_it_counts() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let key = Key::new("a");
        register(&server, &key.set().to_string(), "", "").await;
        let mut browser = server.browser();
        let object = key.sign_as(Some("oauth-authz-req+jwt"), signers(claims("max_age", json!(600))));
        let beside = [
            ("client_id", "signer"),
            ("request", object.as_str()),
            ("state", "other"),
            ("scope", "openid offline_access"),
            ("redirect_uri", "https://evil.example/cb"),
        ];
        let login = browser.get(&format!("/authorize?{}", encode(&beside))).await;
        assert!(login.location().starts_with("/login"), "{kind:?} {}", login.body);
        // It expires while somebody looks for their password.
        server.clock.advance(500);
        let page = browser.sign_in_at(&login).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?} {}", page.body);
        let answer = browser.press(&page, "yes").await;
        assert!(answer.location().starts_with(CALLBACK), "{kind:?} {}", answer.location());
        assert_eq!(answer.query().text("state"), "s-1");
        let fields =
            [("grant_type", "authorization_code"), ("code", &answer.query().text("code")), ("redirect_uri", CALLBACK)];
        let tokens = server.post("/token", Some(&format!("signer:{SECRET}")), &fields).await.json();
        assert_eq!(tokens["scope"], "openid email", "{kind:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_believed_is_refused_where_the_answer_may_go() {
    let server = Server::start().await;
    let key = Key::new("a");
    register(&server, &key.set().to_string(), "", "").await;
    let mut browser = server.signed_in().await;
    let none = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";
    for (object, said) in [
        (none.to_owned(), "not signed"),
        ("nonsense".to_owned(), "not a signed JWT"),
        ("x".repeat(9_000), "longer than 8 KiB"),
        (Key::new("a").sign(signers(claims("nonce", json!("n")))), "no key of the client"),
        (key.sign(signers(claims("aud", json!("https://evil.example")))), "aud"),
        (key.sign(signers(claims("iss", json!("other")))), "iss"),
        (key.sign(signers(claims("client_id", json!("other")))), "client_id"),
        (key.sign(signers(claims("sub", json!("signer")))), "sub"),
        (key.sign(signers(claims("exp", json!(START - 61)))), "expired"),
        (key.sign(signers(claims("request_uri", json!("https://a.example")))), "another request object"),
        (key.sign_as(Some("at+jwt"), signers(claims("nonce", json!("n")))), "typ"),
    ] {
        // Without a redirect URI beside it, the person is told.
        let answer = browser.get(&asked("request", &object)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{said}: {}", answer.location());
        assert!(error(&answer).contains(said), "{said}: {}", answer.body);
        // With one, the client.
        let beside = [("client_id", "signer"), ("request", &object), ("redirect_uri", CALLBACK), ("state", "b")];
        let answer = browser.get(&format!("/authorize?{}", encode(&beside))).await;
        assert_eq!(answer.query().text("error"), "invalid_request_object", "{said}: {}", answer.location());
        assert_eq!(answer.query().text("state"), "b");
        let pushed = server.post("/par", Some(&format!("signer:{SECRET}")), &[("request", &object)]).await;
        assert_eq!(pushed.error(), (400, "invalid_request_object".to_owned()), "{said}: {}", pushed.body);
    }
    let both = [("client_id", "signer"), ("request", none), ("request_uri", "https://a.example/r")];
    assert_eq!(browser.get(&format!("/authorize?{}", encode(&both))).await.status, StatusCode::BAD_REQUEST);
    // What is signed is judged as everything is.
    let wrong = key.sign(signers(claims("response_type", json!("token"))));
    let answer = browser.get(&asked("request", &wrong)).await;
    assert_eq!(answer.query().text("error"), "unsupported_response_type", "{}", answer.body);
    let elsewhere = key.sign(signers(claims("redirect_uri", json!("https://evil.example/cb"))));
    assert_eq!(browser.get(&asked("request", &elsewhere)).await.status, StatusCode::BAD_REQUEST);
    // A client without keys.
    let keyless = browser.get(&address("request", &key.sign(claims("nonce", json!("n"))))).await;
    assert!(error(&keyless).contains("no keys"), "{}", keyless.body);
}

#[tokio::test]
async fn a_request_is_fetched_from_a_registered_address_and_stays_what_it_was() {
    let key = Key::new("a");
    let authority = Authority::default();
    let shown = Arc::new(Mutex::new(Reply::ok("application/oauth-authz-req+jwt", "")));
    let reply = shown.clone();
    let keys = key.set();
    let site =
        TestSite::start(
            &authority,
            move |path| {
                if path == "/jwks" { Reply::json(&keys) } else { reply.lock().unwrap().clone() }
            },
        )
        .await;
    let server = Server::start().await.asking(site.options(&authority)).await;
    let uri = site.url("/request");
    register(&server, "", &site.url("/jwks"), &uri).await;
    let publish = |claims| *shown.lock().unwrap() = Reply::ok("text/plain", key.sign(signers(claims)));
    publish(claims("nonce", json!("n")));
    let mut browser = server.browser();
    let login = browser.get(&asked("request_uri", &format!("{uri}#v1"))).await;
    assert!(login.location().starts_with("/login"), "{}", login.body);
    publish(claims("scope", json!("openid email offline_access")));
    let changed = browser.sign_in_at(&login).await;
    assert_eq!(changed.status, StatusCode::BAD_REQUEST, "{}", changed.location());
    assert!(changed.body.contains("became another one"), "{}", changed.body);
    let page = browser.get(&asked("request_uri", &uri)).await;
    let answer = browser.press(&page, "yes").await;
    assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);

    let hits = site.hits();
    for other in [site.url("/elsewhere"), "https://evil.example/r".to_owned(), "http://127.0.0.1/".to_owned()] {
        let answer = browser.get(&asked("request_uri", &other)).await;
        assert!(error(&answer).contains("not registered"), "{other}: {}", answer.body);
    }
    assert_eq!(site.hits(), hits, "nothing is fetched that nobody registered");
    for (reply, said) in [
        (Reply::with("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/", ""), "nothing that helps"),
        (Reply::with("HTTP/1.1 500 Oops", ""), "nothing that helps"),
        (Reply::ok("application/jwt", "x".repeat(20_000)), "nothing that helps"),
        (Reply::ok("application/jwt", "eyJhbGciOiJub25lIn0.e30."), "not signed"),
    ] {
        *shown.lock().unwrap() = reply;
        let answer = browser.get(&asked("request_uri", &uri)).await;
        assert!(error(&answer).contains(said), "{said}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_client_that_must_sign_is_refused_without() {
    let server = Server::start().await;
    let key = Key::new("a");
    server
        .create_client(ClientKind::Web, "signer", |draft, policy| {
            draft.jwks = key.set().to_string();
            draft.require_signed_request_object = true;
            draft.request_object_signing_alg = "ES256".to_owned();
            policy.consent_policy = "skip".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    let plain = browser.get(&crate::browser::Browser::request(&[("client_id", "signer")])).await;
    assert_eq!(plain.query().text("error"), "invalid_request");
    assert!(plain.query().text("error_description").contains("sign"), "{}", plain.location());
    let auth = format!("signer:{SECRET}");
    let unsigned = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    assert_eq!(server.post("/par", Some(&auth), &unsigned).await.error(), (400, "invalid_request".to_owned()));
    let object = key.sign(signers(claims("nonce", json!("n"))));
    let direct = browser.get(&asked("request", &object)).await;
    assert!(!direct.query().text("code").is_empty(), "{} {}", direct.location(), direct.body);
    // Pushed and signed at once.
    let pushed = server.post("/par", Some(&auth), &[("request", &object)]).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let answer = browser.get(&asked("request_uri", &uri)).await;
    assert_eq!(answer.query().text("state"), "s-1", "{}", answer.body);
    // An algorithm that is not the registered one.
    server
        .create_client(ClientKind::Web, "other", |draft, _| {
            draft.jwks = key.set().to_string();
            draft.request_object_signing_alg = "RS256".to_owned();
        })
        .await;
    let mut of_other = claims("iss", json!("other"));
    of_other.insert("client_id".to_owned(), json!("other"));
    let asked = encode(&[("client_id", "other"), ("request", &key.sign(of_other))]);
    let answer = browser.get(&format!("/authorize?{asked}")).await;
    assert!(answer.body.contains("another algorithm"), "{}", answer.body);
}
