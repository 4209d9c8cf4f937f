//! Session Management 1.0, where the operator wants it. The script is tried in a browser (`end2end/tests`).

use axum::http::StatusCode;
use oauth::form::Form;
use oauth::id::ClientId;
use oauth::session_state::session_state;

use crate::browser::{Answer, Browser};
use crate::server::{ISSUER, PASSWORD, Server};

const STATE_COOKIE: &str = "signet_state_8000";

/// True when a page of the client `web` that watches the answer hears `unchanged` in the browser.
fn is_unchanged(answer: &Answer, browser: &Browser<'_>) -> bool {
    let sent = answer.query().text("session_state");
    let (_, salt) = sent.split_once('.').unwrap_or_else(|| panic!("{}", answer.location()));
    let known = browser.cookie(STATE_COOKIE).unwrap_or_default();
    sent == session_state(&ClientId::new("web"), "https://app.example", known, salt)
}

#[tokio::test]
async fn oidcc_session_management_discovery_endpoint_verification() {
    let server = Server::start().await;
    let document = async |server: &Server| server.browser().get("/.well-known/openid-configuration").await.json();
    assert!(document(&server).await.get("check_session_iframe").is_none());
    assert_eq!(server.browser().get("/check_session").await.status, StatusCode::NOT_FOUND);
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    assert!(browser.cookie(STATE_COOKIE).is_none());
    assert!(!browser.get(&Browser::request(&[])).await.location().contains("session_state"));

    let server = server.with_session_management();
    assert_eq!(document(&server).await["check_session_iframe"], format!("{ISSUER}/check_session"));
    let page = server.browser().get("/check_session").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors *") && policy.contains("script-src 'nonce-"), "{policy}");
    assert_eq!(page.header("x-frame-options"), "", "there is no value that allows it to all");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.body.contains(&format!("data-cookie=\"{STATE_COOKIE}\"")));
    let other = server.browser().get("/").await;
    assert_eq!(other.header("x-frame-options"), "DENY", "no other page is framed");
}

#[tokio::test]
async fn oidcc_session_management_rp_initiated_logout() {
    let server = Server::start().await.with_session_management();
    server.create_user("bob").await;
    let ask = Browser::request(&[]);
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let answer = browser.get(&ask).await;
    assert!(is_unchanged(&answer, &browser));
    let again = browser.get(&Browser::request(&[("prompt", "none")])).await;
    assert!(is_unchanged(&again, &browser) && is_unchanged(&answer, &browser));
    assert_ne!(again.location(), answer.location(), "each has a salt of its own");

    // Another login of the same person, and one of somebody else, are another state.
    for name in ["alice", "bob"] {
        browser.post("/login", &[("username", name), ("password", PASSWORD)]).await;
        assert!(!is_unchanged(&answer, &browser), "{name}");
        browser.authorize(&[]).await;
        assert!(!is_unchanged(&answer, &browser), "{name}");
        assert!(is_unchanged(&browser.get(&ask).await, &browser), "{name}");
    }
    let last = browser.get(&ask).await;
    browser.get("/logout").await;
    assert!(browser.cookie(STATE_COOKIE).is_none());
    assert!(!is_unchanged(&last, &browser));
    assert_eq!(browser.silently(&[]).await, "login_required");
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_is_seen_at_the_next_request() {
    let server = Server::start().await.with_session_management();
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let answer = browser.get(&Browser::request(&[])).await;
    assert!(is_unchanged(&answer, &browser));
    server.idp.end_chosen_sessions(&idp::Actor::admin(), &idp::ChosenSessions::Everybody).await.unwrap();
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert!(!is_unchanged(&answer, &browser));
}

#[tokio::test]
async fn a_script_may_read_the_state_and_nothing_else() {
    let server = Server::start_https().await.with_session_management();
    let mut browser = server.signed_in().await;
    let address = Browser::request(&[]);
    let page = browser.get(&address).await;
    let set: Vec<&str> = page.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let [set] = set.try_into().unwrap();
    assert!(set.starts_with("__Host-signet_state="), "{set}");
    assert!(set.contains("; SameSite=None; ") && set.ends_with("; Secure") && !set.contains("HttpOnly"), "{set}");
    let value = set.split_once('=').unwrap().1.split_once(';').unwrap().0;
    let session = browser.cookie("__Host-signet_session").unwrap().to_owned();
    assert_ne!(value, session);
    let opens = server.browser().with_cookie("__Host-signet_session", value).get(&address).await;
    assert!(opens.location().starts_with("/login?"), "it opens nothing");
}

#[tokio::test]
async fn an_app_has_no_origin_and_so_no_state() {
    let server = Server::start().await.with_session_management();
    let app = "com.example.app:/cb";
    server
        .create_client(oauth::client::ClientKind::Native, "app", |draft, _| draft.redirect_uris = app.to_owned())
        .await;
    let mut browser = server.signed_in().await;
    let challenge = ("code_challenge", crate::server::CHALLENGE);
    let address =
        Browser::request(&[("client_id", "app"), ("redirect_uri", app), challenge, ("code_challenge_method", "S256")]);
    let page = browser.get(&address).await;
    let answer = browser.press(&page, "yes").await;
    let query = Form::parse(answer.location().split_once('?').unwrap().1.as_bytes()).unwrap();
    assert!(query.is_set("code") && !query.is_set("session_state"), "{}", answer.location());
}
