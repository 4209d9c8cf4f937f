//! Front-channel logout: the page on which somebody signs out opens pages of the clients, unseen.

use axum::http::StatusCode;
use oauth::client::ClientKind;

use super::{AFTER, end_session, sid, sign_in, sign_in_to};
use crate::browser::Answer;
use crate::server::{CALLBACK, ISSUER, Server, encode};

async fn create_framed(server: &Server, id: &str, uri: &str, session_required: bool) {
    server
        .create_client(ClientKind::Web, id, |draft, policy| {
            draft.redirect_uris = format!("{CALLBACK}\nhttps://b.example/cb");
            draft.frontchannel_logout_uri = uri.to_owned();
            draft.frontchannel_logout_session_required = session_required;
            policy.post_logout_redirect_uris = AFTER.to_owned();
        })
        .await;
}

/// The addresses of the frames of a page.
fn frames(answer: &Answer) -> Vec<String> {
    let tags = answer.body.split("<iframe").skip(1);
    let source = |tag: &str| tag.split_once("src=\"").unwrap().1.split_once('"').unwrap().0.replace("&amp;", "&");
    tags.map(source).collect()
}

/// The directive `frame-src`, if there is one.
fn frame_src(answer: &Answer) -> Option<&str> {
    answer.header("content-security-policy").split("; ").find(|part| part.starts_with("frame-src"))
}

#[tokio::test]
async fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    let document = Server::start().await.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["frontchannel_logout_supported"], true);
    assert_eq!(document["frontchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let server = Server::start().await;
    create_framed(&server, "one", "https://app.example/bye?app=1", true).await;
    create_framed(&server, "two", "https://b.example/bye", false).await;
    create_framed(&server, "never", "https://b.example/never", false).await;
    let (mut browser, tokens) = sign_in(&server, "alice", "one").await;
    server.clock.advance(1);
    sign_in_to(&server, &mut browser, "two").await;
    sign_in_to(&server, &mut browser, "web").await;
    let answer = browser.get(&end_session(&tokens)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let query = encode(&[("iss", ISSUER), ("sid", &sid(&tokens))]);
    let told = ["https://b.example/bye".to_owned(), format!("https://app.example/bye?app=1&{query}")];
    assert_eq!(frames(&answer), told);
    assert_eq!(answer.header("refresh"), format!("2; url={AFTER}&state=s+1"));
    assert!(answer.body.contains(&format!("href=\"{}\"", format!("{AFTER}&state=s+1").replace('&', "&amp;"))));
    assert_eq!(frame_src(&answer), Some("frame-src https://app.example https://b.example"));
    assert!(answer.header("content-security-policy").contains("script-src 'none'"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.silently(&[("client_id", "one")]).await, "login_required");
    // Nobody is signed in there any more, so nobody is told again.
    let again = browser.get(&end_session(&tokens)).await;
    assert_eq!((again.status, frame_src(&again)), (StatusCode::SEE_OTHER, None));
}

#[tokio::test]
async fn without_somewhere_to_go_the_frames_are_on_the_last_page() {
    let server = Server::start().await;
    create_framed(&server, "one", "https://app.example/bye", false).await;
    let (mut browser, _) = sign_in(&server, "alice", "one").await;
    let answer = browser.get("/logout").await;
    assert_eq!((answer.status, answer.header("refresh")), (StatusCode::OK, ""));
    assert_eq!(frames(&answer), ["https://app.example/bye"]);
    assert!(answer.body.contains("You are signed out"));
    // A client that is disabled since is no place to go.
    let (mut browser, _) = sign_in(&server, "alice", "one").await;
    crate::races::change_client(&server.idp, &oauth::id::ClientId::new("one"), |draft| draft.enabled = false).await;
    let answer = browser.get("/logout").await;
    assert!(frames(&answer).is_empty() && frame_src(&answer).is_none());
}

#[tokio::test]
async fn a_client_that_is_only_framed_gets_no_message() {
    let server = Server::start().await;
    create_framed(&server, "one", "https://app.example/bye", false).await;
    let (mut browser, _) = sign_in(&server, "alice", "one").await;
    browser.get("/logout").await;
    server.idp.deliver_logouts().await.unwrap();
    assert!(super::messages(&server, "one").await.is_empty());
}
