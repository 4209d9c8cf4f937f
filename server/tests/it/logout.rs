//! `/logout` and `/end_session` (OpenID Connect RP-Initiated Logout 1.0).

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::client::ClientKind;
use oauth::form::Form;

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, SECRET, SESSION_COOKIE, Server, text};

const AFTER: &str = "https://app.example/after?from=logout";

/// A server with `bye`, which has registered where to go after logout.
async fn server() -> Server {
    let server = Server::start().await;
    server.create_client(ClientKind::Web, "bye", |_, policy| policy.post_logout_redirect_uris = AFTER.to_owned()).await;
    server
}

/// A browser in which alice signed in to `bye`, and the ID token of that.
async fn signed_in(server: &Server) -> (Browser<'_>, String) {
    let mut browser = server.signed_in().await;
    let code = browser.authorize(&[("client_id", "bye")]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let tokens = server.post("/token", Some(&format!("bye:{SECRET}")), &fields).await.json();
    (browser, text(&tokens, "id_token").to_owned())
}

fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let form = parameters.iter().fold(Form::default(), |form, (name, value)| form.with(name, value));
    format!("{path}?{}", form.encode())
}

/// True while the session is there.
async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.silently(&[("client_id", "bye")]).await.is_empty()
}

fn is_confirm_page(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.body.contains("name=\"confirm\"")
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == StatusCode::BAD_REQUEST && answer.location().is_empty()
}

#[tokio::test]
async fn with_a_hint_and_a_registered_uri_the_user_is_sent_there_with_the_state() {
    let server = server().await;
    for path in ["/end_session", "/logout"] {
        let (mut browser, hint) = signed_in(&server).await;
        let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "a b&c")];
        let answer = browser.get(&address(path, &parameters)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), format!("{AFTER}&state=a+b%26c"));
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        assert!(browser.cookie(SESSION_COOKIE).is_none());
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn the_cookie_is_dead_after_the_logout_wherever_it_was_copied_to() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let copy = browser.cookie(SESSION_COOKIE).unwrap().to_owned();
    browser.get("/logout").await;
    assert!(!is_signed_in(&mut server.browser().with_cookie(SESSION_COOKIE, &copy)).await);
}

#[tokio::test]
async fn without_a_state_none_comes_back() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.get(&address("/end_session", &parameters)).await.location(), AFTER);
}

#[tokio::test]
async fn an_expired_hint_is_as_good_as_a_fresh_one() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    server.clock.advance(86_400);
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.get(&address("/end_session", &parameters)).await.location(), AFTER);
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_uri_that_is_not_registered_is_never_followed() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    let added = format!("{AFTER}&foo=bar");
    for uri in ["https://evil.example/", "https://app.example/after", &added, CALLBACK, "javascript:alert(1)"] {
        for path in ["/end_session", "/logout"] {
            let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", uri), ("state", "s")];
            let answer = browser.get(&address(path, &parameters)).await;
            assert!(is_refused(&answer), "{uri}: {} {}", answer.status, answer.location());
        }
    }
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_hint_that_is_not_ours_is_refused() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    let parts: Vec<&str> = hint.split('.').collect();
    let header = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
    let claims = URL_SAFE_NO_PAD.encode("{\"iss\":\"http://127.0.0.1:8000\",\"sub\":\"x\",\"aud\":\"bye\"}");
    for forged in [
        format!("{header}.{}.", parts[1]),
        format!("{header}.{claims}."),
        format!("{}.{claims}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][4..]),
        "garbage".to_owned(),
    ] {
        let parameters = [("id_token_hint", forged.as_str()), ("post_logout_redirect_uri", AFTER)];
        let answer = browser.get(&address("/end_session", &parameters)).await;
        assert!(is_refused(&answer), "{forged}: {} {}", answer.status, answer.location());
    }
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_hint_for_another_client_than_the_one_named_is_refused() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    let parameters = [("id_token_hint", hint.as_str()), ("client_id", "web"), ("post_logout_redirect_uri", CALLBACK)];
    assert!(is_refused(&browser.get(&address("/end_session", &parameters)).await));
}

#[tokio::test]
async fn without_a_hint_end_session_asks_and_the_answer_is_kept_to() {
    let server = server().await;
    for parameters in [&[][..], &[("state", "s")], &[("post_logout_redirect_uri", AFTER)]] {
        let (mut browser, _) = signed_in(&server).await;
        let address = address("/end_session", parameters);
        let page = browser.get(&address).await;
        assert!(is_confirm_page(&page), "{parameters:?}: {} {}", page.status, page.location());
        assert!(is_signed_in(&mut browser).await);
        let done = browser.press(&page, "yes").await;
        // Nobody vouches for the URI without a hint or a client.
        assert_eq!(done.status, StatusCode::OK);
        assert!(done.body.contains("You are signed out"));
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_client_that_names_itself_has_its_uri_followed_after_the_question() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let address = address("/end_session", &[("client_id", "bye"), ("post_logout_redirect_uri", AFTER), ("state", "s")]);
    let page = browser.get(&address).await;
    assert!(is_confirm_page(&page) && page.body.contains("The bye app"));
    let done = browser.press(&page, "yes").await;
    assert_eq!(done.location(), format!("{AFTER}&state=s"));
}

#[tokio::test]
async fn logout_signs_out_without_a_question() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let answer = browser.get("/logout").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("You are signed out"));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn at_the_client_that_asks_for_the_logout_all_tokens_of_the_user_end() {
    let server = server().await;
    let mut browser = server.signed_in().await;
    let here = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let parameters = [("client_id", "web"), ("post_logout_redirect_uri", CALLBACK)];
    assert_eq!(browser.get(&address("/logout", &parameters)).await.location(), CALLBACK);
    assert_eq!(server.userinfo(text(&here, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&here).await.error(), (400, "invalid_grant".to_owned()));
}

/// Anybody can make somebody's browser ask for a logout at a client, so that ends what began in that browser and no more.
#[tokio::test]
async fn what_was_granted_elsewhere_ends_when_the_client_or_the_user_means_it() {
    let server = server().await;
    let scope = [("scope", "openid offline_access")];
    let elsewhere = server.tokens_in(&mut server.signed_in().await, &scope).await;
    let mut browser = server.signed_in().await;
    let here = server.tokens_in(&mut browser, &scope).await;
    browser.get(&address("/logout", &[("client_id", "web")])).await;
    assert_eq!(server.refresh(&here).await.error(), (400, "invalid_grant".to_owned()));
    let elsewhere = server.refresh(&elsewhere).await;
    assert_eq!(elsewhere.status, StatusCode::OK, "{}", elsewhere.body);
    let mut browser = server.signed_in().await;
    let hint = server.tokens_in(&mut browser, &scope).await;
    browser.get(&address("/logout", &[("id_token_hint", text(&hint, "id_token"))])).await;
    assert_eq!(server.refresh(&elsewhere.json()).await.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn the_old_name_of_the_address_still_works_and_without_a_session_too() {
    let server = server().await;
    let parameters = [("client_id", "bye"), ("redirect_uri", AFTER), ("state", "s")];
    let answer = server.browser().get(&address("/logout", &parameters)).await;
    assert_eq!(answer.location(), format!("{AFTER}&state=s"));
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_ask() {
    let server = server().await;
    let (_, hint) = signed_in(&server).await;
    let mut stranger = server.browser();
    assert!(stranger.get("/end_session").await.body.contains("You are signed out"));
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "s")];
    assert_eq!(stranger.get(&address("/end_session", &parameters)).await.location(), format!("{AFTER}&state=s"));
}

#[tokio::test]
async fn a_hint_about_somebody_else_is_a_question() {
    let server = server().await;
    server.create_user("bob").await;
    let (_, hint) = signed_in(&server).await;
    let mut bob = server.browser();
    bob.post("/login", &[("username", "bob"), ("password", crate::server::PASSWORD)]).await;
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER)];
    assert!(is_confirm_page(&bob.get(&address("/end_session", &parameters)).await));
}

#[tokio::test]
async fn a_request_in_a_body_comes_back_with_get() {
    let server = server().await;
    let (mut browser, hint) = signed_in(&server).await;
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "s")];
    let answer = browser.post_cross_site("/end_session", &fields).await;
    assert!(answer.location().starts_with("/end_session?"), "{} {}", answer.status, answer.location());
    let answer = browser.follow(&answer).await;
    assert_eq!(answer.location(), format!("{AFTER}&state=s"));
}

#[tokio::test]
async fn a_parameter_sent_twice_is_refused() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    assert!(is_refused(&browser.get("/end_session?state=a&state=b").await));
    assert!(is_refused(&browser.get("/logout?state=%ff").await));
}
