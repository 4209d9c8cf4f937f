//! RP-initiated logout, module by module of the conformance suite. More of it is in `logout.rs`.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::client::ClientKind;
use oauth::form::Form;
use serde_json::Value;

use super::{AFTER, sign_in};
use crate::browser::{Answer, Browser};
use crate::server::{ISSUER, Server, text};

/// A server with the client `bye`, which registered where to go after a logout.
async fn server() -> Server {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "bye", |_, policy| policy.post_logout_redirect_uris = AFTER.to_owned()).await;
    server
}

/// Signs in and asks for the logout that `parameters` make of the ID token.
async fn ask<'a>(
    server: &'a Server,
    parameters: impl FnOnce(&str) -> Vec<(&'static str, String)>,
) -> (Browser<'a>, Answer) {
    let (mut browser, tokens): (Browser<'a>, Value) = sign_in(server, "alice", "bye").await;
    let parameters = parameters(text(&tokens, "id_token"));
    let query = parameters.iter().fold(Form::default(), |form, (name, value)| form.with(name, value)).encode();
    let answer = browser.get(&format!("/end_session?{query}")).await;
    (browser, answer)
}

/// The parameters that the suite sends.
fn all(hint: &str, uri: &str, state: &str) -> Vec<(&'static str, String)> {
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", uri), ("state", state)];
    let sent = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    sent.map(|(name, value)| (name, value.to_owned())).collect()
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.silently(&[("client_id", "bye")]).await.is_empty()
}

/// The answer leads nowhere, and nobody is signed out.
async fn assert_refused((mut browser, answer): (Browser<'_>, Answer)) {
    assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""));
    assert!(is_signed_in(&mut browser).await);
}

/// The answer asks; whoever says yes is signed out, and stays here.
async fn assert_asked((mut browser, answer): (Browser<'_>, Answer)) {
    assert_eq!((answer.status, answer.location()), (StatusCode::OK, ""));
    assert!(is_signed_in(&mut browser).await);
    let done = browser.press(&answer, "yes").await;
    assert!(done.status == StatusCode::OK && done.body.contains("You are signed out"));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let document = server().await.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["end_session_endpoint"], format!("{ISSUER}/end_session"));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let server = server().await;
    let (mut browser, answer) = ask(&server, |hint| all(hint, AFTER, "a b&c")).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*format!("{AFTER}&state=a+b%26c")));
    assert_eq!(browser.silently(&[("client_id", "bye")]).await, "login_required");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let server = server().await;
    let (mut browser, answer) = ask(&server, |hint| all(hint, AFTER, "")).await;
    assert_eq!(answer.location(), AFTER);
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let server = server().await;
    assert_refused(ask(&server, |hint| all(hint, "https://app.example/other", "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let server = server().await;
    assert_refused(ask(&server, |hint| all(hint, &format!("{AFTER}&foo=bar"), "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let server = server().await;
    let unsigned = |hint: &str| {
        let header = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
        format!("{header}.{}.", hint.split('.').nth(1).unwrap())
    };
    assert_refused(ask(&server, |hint| all(&unsigned(hint), AFTER, "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let server = server().await;
    // The same claims, signed by the keys of somebody else.
    let other = self::server().await;
    let (_, tokens) = sign_in(&other, "alice", "bye").await;
    let foreign = text(&tokens, "id_token").to_owned();
    assert_refused(ask(&server, |_| all(&foreign, AFTER, "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let server = server().await;
    assert_asked(ask(&server, |_| all("", AFTER, "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let server = server().await;
    assert_asked(ask(&server, |_| Vec::new()).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let server = server().await;
    assert_asked(ask(&server, |_| all("", "", "s")).await).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let server = server().await;
    let (mut browser, answer) = ask(&server, |hint| all(hint, "", "s")).await;
    assert!(answer.status == StatusCode::OK && answer.body.contains("You are signed out"));
    assert!(!is_signed_in(&mut browser).await);
}
