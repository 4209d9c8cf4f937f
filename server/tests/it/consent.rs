//! Consent: asked for by the rules of the client, remembered per user, client and scopes.

use axum::http::StatusCode;
use oauth::client::ClientKind;

use crate::browser::Browser;
use crate::server::{CALLBACK, Server};

/// True when a request of `client_id` makes the consent page appear.
async fn asks(browser: &mut Browser<'_>, client_id: &str, scope: &str) -> bool {
    let answer = browser.get(&Browser::request(&[("client_id", client_id), ("scope", scope)])).await;
    match answer.status {
        StatusCode::OK => answer.body.contains("name=\"confirm\" value=\"yes\""),
        _ => {
            assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
            false
        }
    }
}

async fn allow(browser: &mut Browser<'_>, client_id: &str, scope: &str) {
    browser.authorize(&[("client_id", client_id), ("scope", scope)]).await;
}

#[tokio::test]
async fn once_means_once_for_each_set_of_scopes() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    assert!(asks(&mut browser, "web", "openid email").await);
    // To look at the page is not to agree.
    assert!(asks(&mut browser, "web", "openid email").await);
    allow(&mut browser, "web", "openid email").await;
    assert!(!asks(&mut browser, "web", "openid email").await);
    assert!(!asks(&mut browser, "web", "openid").await);
    assert!(asks(&mut browser, "web", "openid phone").await);
    allow(&mut browser, "web", "openid phone").await;
    assert!(!asks(&mut browser, "web", "openid phone email").await);
}

#[tokio::test]
async fn what_is_allowed_to_one_client_by_one_user_is_allowed_to_no_other() {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "other", |_, _| {}).await;
    server.create_user("bob").await;
    let mut alice = server.signed_in().await;
    allow(&mut alice, "web", "openid").await;
    assert!(asks(&mut alice, "other", "openid").await);
    let mut bob = server.browser();
    bob.post("/login", &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    assert!(asks(&mut bob, "web", "openid").await);
    // In another browser it is still the same person.
    let mut again = server.signed_in().await;
    assert!(!asks(&mut again, "web", "openid").await);
}

#[tokio::test]
async fn always_asks_every_time_and_skip_never() {
    let server = Server::start().await;
    for policy in ["always", "skip"] {
        server.create_client(ClientKind::Web, policy, |_, draft| draft.consent_policy = policy.to_owned()).await;
    }
    let mut browser = server.signed_in().await;
    allow(&mut browser, "always", "openid").await;
    assert!(asks(&mut browser, "always", "openid").await);
    assert!(!asks(&mut browser, "skip", "openid").await);
    let page = browser.get(&Browser::request(&[("client_id", "skip"), ("prompt", "consent")])).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_who_is_asked() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let claims = "{\"userinfo\":{\"birthdate\":null}}";
    let page = browser.get(&Browser::request(&[("scope", "openid email"), ("claims", claims)])).await;
    for expected in ["The web app", "app.example", "Your email address", "birthdate", "alice"] {
        assert!(page.body.contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn who_declines_is_sent_back_and_asked_again_next_time() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let address = Browser::request(&[("state", "s-2")]);
    let page = browser.get(&address).await;
    let answer = browser.press(&page, "no").await;
    assert!(answer.location().starts_with(CALLBACK));
    let query = answer.query();
    assert_eq!((query.text("error"), query.text("state")), ("access_denied".to_owned(), "s-2".to_owned()));
    assert!(query.text("code").is_empty());
    assert!(asks(&mut browser, "web", "openid").await);
}

#[tokio::test]
async fn an_answer_without_a_session_leads_to_the_login() {
    let server = Server::start().await;
    for confirm in ["yes", "no"] {
        let answer = server.browser().post(&Browser::request(&[]), &[("confirm", confirm)]).await;
        assert!(answer.location().starts_with("/login?"), "{} {}", answer.status, answer.location());
    }
}

#[tokio::test]
async fn an_answer_that_is_neither_yes_nor_no_is_refused() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let answer = browser.post(&Browser::request(&[]), &[("confirm", "maybe")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.location().is_empty());
}

#[tokio::test]
async fn a_link_cannot_answer_for_the_user() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let answer = browser.get(&Browser::request(&[("confirm", "yes")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = browser.post(&Browser::request(&[("confirm", "yes")]), &[]).await;
    assert!(answer.location().starts_with("/authorize?"), "{}", answer.location());
    assert_eq!(browser.follow(&answer).await.status, StatusCode::OK);
    assert!(asks(&mut browser, "web", "openid").await);
}
