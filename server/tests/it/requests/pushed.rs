//! Pushed authorization requests (RFC 9126).

use axum::http::StatusCode;
use idp::testing::Kind;
use oauth::client::ClientKind;
use serde_json::json;

use super::{address, agree};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, CHALLENGE, ISSUER, SECRET, START, Server, text};

const REQUEST: [(&str, &str); 4] =
    [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid email"), ("state", "s-1")];

async fn push_as(server: &Server, auth: Option<&str>, more: &[(&str, &str)]) -> Answer {
    server.post("/par", auth, &[&REQUEST[..], more].concat()).await
}

/// Pushes the request of the client `web`; its `request_uri`.
async fn push(server: &Server, more: &[(&str, &str)]) -> String {
    let answer = push_as(server, Some(&format!("web:{SECRET}")), more).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let pushed = answer.json();
    assert_eq!(pushed["expires_in"], 60);
    let uri = text(&pushed, "request_uri").to_owned();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && uri.len() > 34 + 40, "{uri}");
    uri
}

fn gone(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains("used before, or its time is over"), "{}", answer.body);
}

#[tokio::test]
async fn a_pushed_request_is_good_for_one_authorization_on_any_node() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let other = server.another_node().await;
        let uri = push(&server, &[("nonce", "n-1"), ("resource", "")]).await;
        let mut browser = other.signed_in().await;
        // Twice before anything is decided: a page that is loaded again.
        for _ in 0..2 {
            let page = browser.get(&address("request_uri", &uri)).await;
            assert_eq!(page.status, StatusCode::OK, "{kind:?} {}", page.body);
        }
        let answer = agree(&mut browser, "request_uri", &uri).await;
        let query = answer.query();
        assert_eq!((query.text("state"), query.text("iss")), ("s-1".to_owned(), ISSUER.to_owned()), "{kind:?}");
        let tokens = server.redeem(&query.text("code")).await.json();
        assert_eq!(tokens["scope"], "openid email", "{kind:?}");
        assert_eq!(crate::server::claims(text(&tokens, "id_token"))["nonce"], "n-1");
        gone(&browser.get(&address("request_uri", &uri)).await);
    }
}

#[tokio::test]
async fn whatever_stands_beside_the_reference_says_nothing() {
    let server = Server::start().await;
    let uri = push(&server, &[]).await;
    let mut browser = server.signed_in().await;
    let beside = [
        ("client_id", "web"),
        ("request_uri", &uri),
        ("scope", "openid offline_access"),
        ("state", "other"),
        ("redirect_uri", "https://evil.example/cb"),
    ];
    let page = browser.get(&format!("/authorize?{}", crate::server::encode(&beside))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let answer = browser.press(&page, "yes").await;
    assert!(answer.location().starts_with(CALLBACK), "{}", answer.location());
    assert_eq!(answer.query().text("state"), "s-1");
    assert_eq!(server.redeem(&answer.query().text("code")).await.json()["scope"], "openid email");
}

#[tokio::test]
async fn somebody_has_a_minute_to_come_and_then_an_hour_to_sign_in() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let (late, kept) = (push(&server, &[]).await, push(&server, &[]).await);
        let mut browser = server.browser();
        let login = browser.get(&address("request_uri", &kept)).await;
        assert!(login.location().starts_with("/login"), "{kind:?} {}", login.location());
        server.clock.advance(60);
        gone(&browser.get(&address("request_uri", &late)).await);
        server.clock.advance(1_800);
        let page = browser.sign_in_at(&login).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?} {}", page.body);
        let answer = browser.press(&page, "yes").await;
        assert!(!answer.query().text("code").is_empty(), "{kind:?} {}", answer.location());
        server.idp.sweep().await.unwrap();
        let third = push(&server, &[]).await;
        browser.get(&address("request_uri", &third)).await;
        server.clock.advance(3_600);
        gone(&browser.get(&address("request_uri", &third)).await);
    }
}

#[tokio::test]
async fn a_reference_is_its_client_s() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    let uri = push(&server, &[]).await;
    let mut browser = server.signed_in().await;
    let stolen = crate::server::encode(&[("client_id", "other"), ("request_uri", &uri)]);
    gone(&browser.get(&format!("/authorize?{stolen}")).await);
    let made_up = format!("{uri}x");
    gone(&browser.get(&address("request_uri", &made_up)).await);
    let without = crate::server::encode(&[("request_uri", &uri)]);
    assert_eq!(browser.get(&format!("/authorize?{without}")).await.status, StatusCode::BAD_REQUEST);
    assert!(!agree(&mut browser, "request_uri", &uri).await.query().text("code").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_authorizations_by_one_reference_one_succeeds() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        server.set_policy("web", &json!({ "consent_policy": "skip" })).await;
        let other = server.another_node().await;
        let uri = push(&server, &[]).await;
        let (mut one, mut two, mut three) =
            (server.signed_in().await, other.signed_in().await, other.signed_in().await);
        let asked = address("request_uri", &uri);
        let (a, b, c) = tokio::join!(one.get(&asked), two.get(&asked), three.get(&asked));
        let won = [&a, &b, &c].into_iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
        assert_eq!(won, 1, "{kind:?}");
        for lost in [a, b, c].iter().filter(|answer| answer.status != StatusCode::SEE_OTHER) {
            gone(lost);
        }
    }
}

#[tokio::test]
async fn what_is_pushed_is_judged_at_once_as_if_it_came_from_a_browser() {
    let server = Server::start().await;
    server.create_client(ClientKind::Spa, "page", |_, _| {}).await;
    let web = format!("web:{SECRET}");
    for (more, error) in [
        (("scope", "twice"), "invalid_request"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request", "a.b.c"), "invalid_request_object"),
        (("prompt", "dance"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("resource", "https://nobody.example/"), "invalid_target"),
        (("code_challenge", "short"), "invalid_request"),
        (("claims", "[]"), "invalid_request"),
        (("client_id", "other"), "invalid_request"),
    ] {
        let answer = push_as(&server, Some(&web), &[more]).await;
        assert_eq!(answer.error(), (400, error.to_owned()), "{more:?} {}", answer.body);
    }
    let unregistered = [("response_type", "code"), ("redirect_uri", "https://evil.example/cb"), ("scope", "openid")];
    let answer = server.post("/par", Some(&web), &unregistered).await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{}", answer.body);
    let scope = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "admin")];
    assert_eq!(server.post("/par", Some(&web), &scope).await.error(), (400, "invalid_scope".to_owned()));
    let token = [("response_type", "token"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    assert_eq!(server.post("/par", Some(&web), &token).await.error(), (400, "unsupported_response_type".to_owned()));
    // A public client asks with PKCE here as well.
    let page = push_as(&server, None, &[("client_id", "page")]).await;
    assert_eq!(page.error(), (400, "invalid_request".to_owned()), "{}", page.body);
    let pkce = [("client_id", "page"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    assert_eq!(push_as(&server, None, &pkce).await.status, StatusCode::CREATED);
    assert_eq!(push_as(&server, Some("web:wrong"), &[]).await.error(), (401, "invalid_client".to_owned()));
    assert_eq!(server.browser().get("/par").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_proves_the_client_is_not_kept() {
    let server = Server::start().await;
    let body = [("client_id", "web"), ("client_secret", SECRET)];
    assert_eq!(push_as(&server, None, &body).await.status, StatusCode::CREATED);
    let key = Key::new("a");
    server
        .create_client(ClientKind::Web, "signer", |draft, _| {
            draft.token_endpoint_auth_method = "private_key_jwt".to_owned();
            draft.jwks = key.set().to_string();
        })
        .await;
    // Each of the audiences of RFC 9126 section 2.
    for audience in ["", "/token", "/par"] {
        let claims = json!({
            "iss": "signer", "sub": "signer", "aud": format!("{ISSUER}{audience}"), "exp": START + 60, "jti": format!("j{audience}"),
        });
        let assertion = key.sign(claims.as_object().unwrap().clone());
        let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
        assert_eq!(push_as(&server, None, &proof).await.status, StatusCode::CREATED, "{audience}");
        let bytes = server.database_bytes();
        for secret in [SECRET, &assertion] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{audience}");
        }
    }
}

#[tokio::test]
async fn a_client_that_must_push_is_refused_without() {
    let server = Server::start().await;
    server
        .create_client(ClientKind::Web, "strict", |draft, _| draft.require_pushed_authorization_requests = true)
        .await;
    let mut browser = server.signed_in().await;
    let plain = browser.get(&Browser::request(&[("client_id", "strict")])).await;
    assert_eq!(plain.query().text("error"), "invalid_request");
    assert!(plain.query().text("error_description").contains("push"), "{}", plain.location());
    let answer = push_as(&server, Some(&format!("strict:{SECRET}")), &[]).await;
    let uri = text(&answer.json(), "request_uri").to_owned();
    let asked = crate::server::encode(&[("client_id", "strict"), ("request_uri", &uri)]);
    assert_eq!(browser.get(&format!("/authorize?{asked}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_of_no_spends_the_reference_too() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        let uri = push(&server, &[]).await;
        let mut browser = server.signed_in().await;
        let page = browser.get(&address("request_uri", &uri)).await;
        let answer = browser.press(&page, "no").await;
        assert_eq!(answer.query().text("error"), "access_denied", "{kind:?} {}", answer.body);
        gone(&browser.press(&page, "yes").await);
    }
}

/// Anybody can be a client that registers itself, and a row waits an hour.
#[tokio::test]
async fn a_client_that_came_by_itself_pushes_no_more_than_may_wait() {
    let server = Server::start().await;
    crate::registration::set_policy(&server, "open").await;
    let client = crate::registration::register(&server, &crate::registration::native("Agent")).await;
    let id = text(&client, "client_id");
    let ask = async || {
        let fields = [
            ("client_id", id),
            ("response_type", "code"),
            ("redirect_uri", "http://localhost:4000/callback"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        server.post("/par", None, &fields).await
    };
    assert_eq!(ask().await.status, StatusCode::CREATED);
    let more = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
        INSERT INTO pushed_request (digest, client_id, parameters, is_signed, expires_at)
        SELECT randomblob(32), client_id, '', 0, expires_at FROM pushed_request, n";
    idp::testing::execute(server.database.url(), more).await;
    assert_eq!(ask().await.status, StatusCode::CREATED);
    let full = ask().await;
    assert_eq!((full.error(), full.header("retry-after")), ((429, "temporarily_unavailable".to_owned()), "5"));
    push(&server, &[]).await;
    server.clock.advance(61);
    assert_eq!(ask().await.status, StatusCode::CREATED);
}
