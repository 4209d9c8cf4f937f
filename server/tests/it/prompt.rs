//! When the user is disturbed, and when they must not be.

use axum::http::StatusCode;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::server::{START, Server, claims, text};

/// The ID token at the end of a request that led to a redirect with a code.
async fn id_token(server: &Server, answer: &Answer) -> Value {
    let tokens = server.redeem(&answer.query().text("code")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{} {}", answer.location(), tokens.body);
    claims(text(&tokens.json(), "id_token"))
}

/// A browser in which alice is signed in and has allowed `web` what it asks for.
async fn consented(server: &Server) -> Browser<'_> {
    let mut browser = server.signed_in().await;
    browser.authorize(&[("scope", "openid email")]).await;
    browser
}

#[tokio::test]
async fn login_shows_the_form_again_and_tells_the_new_time() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    server.clock.advance(100);
    for prompt in ["login", "login consent"] {
        let before = server.clock.now().0;
        server.clock.advance(2);
        let address = Browser::request(&[("prompt", prompt)]);
        let asked = browser.get(&address).await;
        let mut answer = browser.sign_in_at(&asked).await;
        if prompt.contains("consent") {
            assert_eq!(answer.status, StatusCode::OK);
            answer = browser.press(&answer, "yes").await;
        }
        // No second form: the login that was asked for has happened.
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(id_token(&server, &answer).await["auth_time"], before + 2);
    }
}

#[tokio::test]
async fn login_that_was_cancelled_does_not_pass() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    let asked = browser.get(&Browser::request(&[("prompt", "login")])).await;
    let page = browser.follow(&asked).await;
    assert_eq!(page.status, StatusCode::OK);
    // The address that the form leads to, without the login.
    let query = oauth::form::Form::parse(asked.location().split_once('?').unwrap().1.as_bytes()).unwrap();
    let answer = browser.get(&query.text("next")).await;
    assert!(answer.location().starts_with("/login?"), "{}", answer.location());
}

#[tokio::test]
async fn none_without_a_session_is_login_required() {
    let server = Server::start().await;
    let state = "x".repeat(128);
    let address = Browser::request(&[("prompt", "none"), ("state", &state)]);
    let answer = server.browser().get(&address).await;
    assert_eq!((answer.query().text("error"), answer.query().text("state")), ("login_required".to_owned(), state));
}

#[tokio::test]
async fn none_before_consent_is_consent_required() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    assert_eq!(browser.silently(&[]).await, "consent_required");
    browser.authorize(&[]).await;
    assert_eq!(browser.silently(&[]).await, "");
    assert_eq!(browser.silently(&[("scope", "openid phone")]).await, "consent_required");
}

#[tokio::test]
async fn none_after_consent_gives_the_same_subject_and_time() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let first = claims(text(&server.tokens_in(&mut browser, &[]).await, "id_token"));
    server.clock.advance(300);
    let answer = browser.get(&Browser::request(&[("prompt", "none")])).await;
    let second = id_token(&server, &answer).await;
    for name in ["sub", "auth_time"] {
        assert_eq!(first[name], second[name], "{name}");
    }
}

#[tokio::test]
async fn none_answers_in_the_response_mode_asked_for() {
    let server = Server::start().await;
    let address = Browser::request(&[("prompt", "none"), ("response_mode", "form_post")]);
    let answer = server.browser().get(&address).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.field("error"), "login_required");
    assert_eq!(answer.field("state"), "s-1");
}

#[tokio::test]
async fn consent_shows_the_page_though_the_answer_is_remembered() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    let address = Browser::request(&[("prompt", "consent"), ("scope", "openid offline_access email")]);
    let page = browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("name=\"confirm\""));
    let answer = browser.press(&page, "yes").await;
    assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
}

#[tokio::test]
async fn select_account_lets_the_user_go_on_or_sign_in_as_another() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let mut browser = consented(&server).await;
    let page = browser.get(&Browser::request(&[("prompt", "select_account")])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Continue as") && page.body.contains("alice"));
    let links: Vec<String> = page
        .body
        .split("href=\"")
        .filter_map(|rest| rest.split_once('"').map(|(href, _)| href.replace("&amp;", "&")))
        .filter(|href| href.starts_with("/authorize?") || href.starts_with("/login?"))
        .collect();
    let [go_on, another] = links.as_slice() else { panic!("{links:?}") };
    let same = browser.get(go_on).await;
    let same = id_token(&server, &same).await;

    let answer = browser.post(another, &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    let consent = browser.follow(&answer).await;
    assert!(consent.status == StatusCode::OK && consent.body.contains("bob"), "{}", consent.location());
    let answer = browser.press(&consent, "yes").await;
    assert_ne!(id_token(&server, &answer).await["sub"], same["sub"]);
}

#[tokio::test]
async fn max_age_asks_for_a_new_login_when_the_last_is_too_long_ago() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    server.clock.advance(2);
    assert_eq!(browser.silently(&[("max_age", "1")]).await, "login_required");
    let asked = browser.get(&Browser::request(&[("max_age", "1")])).await;
    // The person takes their time.
    server.clock.advance(30);
    let answer = browser.sign_in_at(&asked).await;
    assert_eq!(id_token(&server, &answer).await["auth_time"], START + 32);
}

#[tokio::test]
async fn max_age_leaves_a_recent_login_alone() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    server.clock.advance(9_000);
    let answer = browser.get(&Browser::request(&[("max_age", "10000")])).await;
    assert_eq!(id_token(&server, &answer).await["auth_time"], START);
    let again = browser.get(&Browser::request(&[("max_age", "0")])).await;
    assert!(again.location().starts_with("/login?"));
}

#[tokio::test]
async fn an_id_token_hint_names_the_one_who_must_be_signed_in() {
    let server = Server::start().await;
    server.create_user("bob").await;
    let mut browser = consented(&server).await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    let hint = text(&tokens, "id_token");
    let answer = browser.get(&Browser::request(&[("prompt", "none"), ("id_token_hint", hint)])).await;
    assert_eq!(id_token(&server, &answer).await["sub"], claims(hint)["sub"]);
    // It is only a hint of who, so it may have expired.
    server.clock.advance(7_200);
    assert_eq!(browser.silently(&[("id_token_hint", hint)]).await, "");

    let mut other = server.browser();
    other.post("/login", &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    other.authorize(&[]).await;
    assert_eq!(other.silently(&[("id_token_hint", hint)]).await, "login_required");
    let asked = other.get(&Browser::request(&[("id_token_hint", hint)])).await;
    let answer = other.sign_in_at(&asked).await;
    assert_eq!(id_token(&server, &answer).await["sub"], claims(hint)["sub"]);
}

#[tokio::test]
async fn a_hint_that_is_no_id_token_of_this_server_is_an_error() {
    let server = Server::start().await;
    let mut browser = consented(&server).await;
    let tokens = server.tokens_in(&mut browser, &[]).await;
    let hint = text(&tokens, "id_token");
    let changed = format!("{}x", &hint[..hint.len() - 6]);
    for garbage in ["x", "a.b.c", &changed, text(&tokens, "access_token")] {
        assert_eq!(browser.silently(&[("id_token_hint", garbage)]).await, "invalid_request", "{garbage}");
    }
}

#[tokio::test]
async fn a_login_hint_stands_in_the_form() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let asked = browser.get(&Browser::request(&[("login_hint", "buffy\"><b>@id.example")])).await;
    let page = browser.follow(&asked).await;
    assert!(page.body.contains("value=\"buffy&quot;&gt;&lt;b&gt;@id.example\""), "{}", page.body);
    assert!(page.body.contains("The web app"));
}

#[tokio::test]
async fn the_acr_is_one_of_those_supported() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("acr_values", "2 1")]).await;
    assert_eq!(claims(text(&tokens, "id_token"))["acr"], "1");
}
