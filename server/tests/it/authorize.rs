//! `/authorize`: where errors go, and what the answer carries.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::server::{CALLBACK, Server};

/// The error that comes back to the client for a request with these parameters.
async fn error(server: &Server, parameters: &[(&str, &str)]) -> String {
    let answer = server.browser().get(&Browser::request(parameters)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(answer.location().starts_with(CALLBACK), "{}", answer.location());
    let query = answer.query();
    assert_eq!(query.text("state"), "s-1");
    assert_eq!(query.text("iss"), crate::server::ISSUER);
    assert!(query.text("code").is_empty());
    query.text("error")
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_gets_a_page_that_names_it() {
    let server = Server::start().await;
    for (parameters, named) in [
        (&[("client_id", "nobody")], "nobody"),
        (&[("redirect_uri", "https://evil.example/cb")], "https://evil.example/cb"),
        (&[("redirect_uri", "https://app.example/cb/extra")], "https://app.example/cb/extra"),
        (&[("redirect_uri", "")], "redirect_uri"),
        (&[("client_id", "")], "client_id"),
    ] {
        let answer = server.browser().get(&Browser::request(parameters)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.location().is_empty());
        assert!(answer.body.contains(named), "{named} is not on the page");
    }
}

#[tokio::test]
async fn what_was_sent_is_shown_as_text_never_as_markup() {
    let server = Server::start().await;
    let answer = server.browser().get(&Browser::request(&[("client_id", "<script>alert(1)</script>")])).await;
    assert!(!answer.body.contains("<script>alert"));
    assert!(answer.body.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn every_other_error_goes_back_to_the_client() {
    let server = Server::start().await;
    for (parameters, code) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("scope", "admin")], "invalid_scope"),
        (vec![("request", "eyJhbGciOiJub25lIn0.e30.")], "invalid_request_object"),
        (vec![("request_uri", "https://app.example/r")], "invalid_request_uri"),
        (vec![("response_mode", "web_message")], "invalid_request"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("max_age", "soon")], "invalid_request"),
        (vec![("claims", "{")], "invalid_request"),
        (vec![("code_challenge", "x"), ("code_challenge_method", "plain")], "invalid_request"),
        (vec![("id_token_hint", "nonsense")], "invalid_request"),
        (vec![("prompt", "none")], "login_required"),
    ] {
        assert_eq!(error(&server, &parameters).await, code, "{parameters:?}");
    }
}

#[tokio::test]
async fn a_public_client_without_a_challenge_is_refused() {
    let server = Server::start().await;
    assert_eq!(error(&server, &[("client_id", "spa")]).await, "invalid_request");
}

#[tokio::test]
async fn a_parameter_sent_twice_is_an_error() {
    let server = Server::start().await;
    let twice = format!("{}&nonce=1&nonce=2", Browser::request(&[]));
    let answer = server.browser().get(&twice).await;
    assert_eq!(answer.query().text("error"), "invalid_request");
    let twice = format!("{}&client_id=web", Browser::request(&[]));
    assert_eq!(server.browser().get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_query_that_is_not_well_encoded_is_a_page() {
    let server = Server::start().await;
    for query in ["/authorize?client_id=%zz", "/authorize?client_id=%ff"] {
        assert_eq!(server.browser().get(query).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn the_code_comes_in_the_response_mode_asked_for() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let fragment = browser.get(&Browser::request(&[("response_mode", "fragment")])).await;
    assert!(fragment.location().starts_with("https://app.example/cb#code="));
    let post = browser.get(&Browser::request(&[("response_mode", "form_post")])).await;
    assert_eq!(post.status, StatusCode::OK);
    assert!(post.body.contains(&format!("action=\"{CALLBACK}\"")));
    assert!(
        post.body.contains("name=\"code\"")
            && post.body.contains("name=\"state\"")
            && post.body.contains("name=\"iss\"")
    );
    assert!(post.header("content-security-policy").contains("script-src 'nonce-"));
    let error = browser.get(&Browser::request(&[("response_mode", "form_post"), ("scope", "admin")])).await;
    assert!(error.body.contains("invalid_scope"));
}

#[tokio::test]
async fn a_request_may_come_in_a_body() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let address = Browser::request(&[]);
    let body = address.split_once('?').unwrap().1.to_owned();
    let request = axum::http::Request::post("/authorize")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://app.example")
        .body(axum::body::Body::from(body))
        .unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location = answer.location().to_owned();
    assert!(location.starts_with("/authorize?"));
    let answer = browser.get(&location).await;
    assert!(!answer.query().text("code").is_empty(), "{}", answer.location());
}

#[tokio::test]
async fn what_is_not_known_is_ignored() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let extra = [
        ("extra", "foobar"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("display", "popup"),
        ("login_hint", "buffy"),
        ("acr_values", "1 2"),
    ];
    browser.authorize(&extra).await;
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_query() {
    let server = Server::start().await;
    server
        .create_client(oauth::client::ClientKind::Web, "query", |draft, _| {
            draft.redirect_uris = "https://app.example/cb?a=1&b=2".to_owned();
        })
        .await;
    let mut browser = server.signed_in().await;
    let parameters = [("client_id", "query"), ("redirect_uri", "https://app.example/cb?a=1&b=2")];
    let address = Browser::request(&parameters);
    let page = browser.get(&address).await;
    let answer = browser.press(&page, "yes").await;
    assert!(answer.location().starts_with("https://app.example/cb?a=1&b=2&code="), "{}", answer.location());
}
