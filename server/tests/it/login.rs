//! Signing in, and the cookie that stands for it.

use axum::http::{Request, StatusCode};

use crate::browser::Browser;
use crate::server::{PASSWORD, SESSION_COOKIE as COOKIE, Server};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_page() {
    let server = Server::start().await;
    let wrong = server.browser().post("/login", &[("username", "alice"), ("password", "wrong")]).await;
    let unknown = server.browser().post("/login", &[("username", "zelda"), ("password", PASSWORD)]).await;
    let empty = server.browser().post("/login", &[]).await;
    for answer in [&wrong, &unknown, &empty] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("set-cookie").is_empty());
        assert!(answer.body.contains("The username or password is not right."));
        assert!(!answer.body.contains(PASSWORD));
    }
    assert_eq!(wrong.body_of_any().replace("alice", "zelda"), unknown.body_of_any());
}

#[tokio::test]
async fn a_user_name_is_known_in_any_case_and_by_its_address() {
    let server = Server::start().await;
    for username in ["alice", "Alice", " ALICE ", "alice@example.com", "Alice@Example.com"] {
        let answer = server.browser().post("/login", &[("username", username), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{username}");
    }
    let answer = server.browser().post("/login", &[("username", "alice"), ("password", "Correct horse battery")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn after_the_login_it_goes_on_within_this_server_only() {
    let server = Server::start().await;
    for (next, leads_to) in [
        ("/authorize?client_id=web&state=a%20b", "/authorize?client_id=web&state=a%20b"),
        ("/admin/ui", "/admin/ui"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
    ] {
        let query = oauth::form::Form::default().with("next", next).encode();
        let fields = [("username", "alice"), ("password", PASSWORD)];
        let answer = server.browser().post(&format!("/login?{query}"), &fields).await;
        assert_eq!(answer.location(), leads_to, "{next:?}");
        let in_body = [&fields[..], &[("next", next)]].concat();
        assert_eq!(server.browser().post("/login", &in_body).await.location(), leads_to, "{next:?} in the body");
    }
}

#[tokio::test]
async fn every_login_opens_a_new_session_and_ends_the_old_one() {
    let server = Server::start().await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let mut browser = server.browser().with_cookie(COOKIE, "planted-by-somebody-else");
    browser.post("/login", &fields).await;
    let first = browser.cookie(COOKIE).unwrap().to_owned();
    assert_ne!(first, "planted-by-somebody-else");
    assert!(first.len() >= 43);
    browser.post("/login", &fields).await;
    let second = browser.cookie(COOKIE).unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(server.browser().with_cookie(COOKIE, &first).silently(&[]).await, "login_required");
    assert_eq!(server.browser().with_cookie(COOKIE, &second).silently(&[]).await, "consent_required");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let server = Server::start().await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let answer = server.browser().post("/login", &fields).await;
    let (pair, flags) = answer.header("set-cookie").split_once("; ").unwrap();
    assert!(pair.starts_with(&format!("{COOKIE}=")));
    assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000");

    let server = Server::start_https().await;
    let answer = server.browser().post("/login", &fields).await;
    let (pair, flags) = answer.header("set-cookie").split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-signet_session="));
    assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure");
    // Under https nothing but the `__Host-` cookie counts: a neighbouring host could have set the other.
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(server.browser().with_cookie(name, value).silently(&[]).await, "consent_required");
    assert_eq!(server.browser().with_cookie(COOKIE, value).silently(&[]).await, "login_required");
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    server.clock.advance(30 * 86_400 - 1);
    assert_eq!(browser.silently(&[]).await, "consent_required");
    server.clock.advance(1);
    assert_eq!(browser.silently(&[]).await, "login_required");
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_cannot_come_back() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let subject = crate::server::claims(crate::server::text(&tokens, "id_token"))["sub"].as_str().unwrap().to_owned();
    let mut console = server.console().await;
    // The box `enabled` is not ticked.
    let saved = console.post(&format!("/admin/ui/users/{subject}"), &[("username", "alice")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(server.userinfo(crate::server::text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    let answer = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// Checking a password takes a while. Whichever of the two is done first, nobody is signed in by the old one afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_replaced_while_it_is_checked_lets_nobody_in() {
    let server = Server::start().await;
    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap();
    let (alice, actor) = (alice.subject, idp::Actor::admin());
    let mut password = PASSWORD.to_owned();
    for round in 0..10 {
        let next = format!("the-next-password-{round}");
        let (entry, replaced) = tokio::join!(
            server.idp.sign_in("alice", &password, None, None, None),
            server.idp.set_password(&actor, &alice, &next)
        );
        entry.unwrap();
        replaced.unwrap();
        assert_eq!(server.idp.count_sessions().await.unwrap(), 0, "{round}");
        password = next;
    }
}

#[tokio::test]
async fn the_home_page_knows_who_is_signed_in() {
    let server = Server::start().await;
    assert!(server.browser().get("/").await.body.contains("href=\"/login\""));
    let mut browser = server.signed_in().await;
    let page = browser.get("/").await;
    assert!(page.body.contains("Signed in as") && page.body.contains("alice"));
}

#[tokio::test]
async fn the_home_page_of_a_user_leaves_out_what_is_for_administrators() {
    let server = Server::start().await;
    let links = ["/admin/ui", "/.well-known/openid-configuration", "/.well-known/jwks.json"];
    let shown = |page: &crate::browser::Answer| links.map(|link| page.body.contains(&format!("href=\"{link}\"")));
    assert_eq!(shown(&server.browser().get("/").await), [true; 3]);
    let mut alice = server.signed_in().await;
    let page = alice.get("/").await;
    assert_eq!(shown(&page), [false; 3]);
    assert!(page.body.contains("href=\"/account\"") && page.body.contains("href=\"/docs\""));
    let console = server.console().await;
    let open = console.cookie("signet_admin_8000").unwrap();
    let mut both = alice.with_cookie("signet_admin_8000", open);
    assert_eq!(shown(&both.get("/").await), [true; 3], "an administrator who is signed in, too");
    let mut closed = server.signed_in().await.with_cookie("signet_admin_8000", "made-up");
    assert_eq!(shown(&closed.get("/").await), [false; 3]);
}

#[tokio::test]
async fn whoever_is_signed_in_and_comes_by_themselves_is_asked_before_the_form() {
    let server = Server::start().await;
    let is_form = |page: &crate::browser::Answer| page.body.contains("name=\"password\"");
    let page = server.browser().get("/login").await;
    assert!(is_form(&page) && page.body.contains("Username or email"));
    let mut browser = server.signed_in().await;
    let page = browser.get("/login").await;
    assert!(!is_form(&page) && page.body.contains("You are signed in as") && page.body.contains("alice"));
    assert!(page.body.contains("href=\"/\"") && page.body.contains("href=\"/login?next=%2F\""));
    assert!(is_form(&browser.get("/login?next=%2F").await), "to sign in as somebody else");
    assert!(is_form(&browser.get("/login?next=%2Fauthorize%3Fa%3Db&reason=prompted").await), "for an application");
}

#[tokio::test]
async fn a_plain_client_without_browser_headers_may_post_the_form() {
    let server = Server::start().await;
    let body = crate::server::encode(&[("username", "alice"), ("password", PASSWORD), ("next", "/")]);
    let request = Request::post("/login")
        .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
        .body(axum::body::Body::from(body))
        .unwrap();
    let answer = server.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(Browser::new(&server).get("/login").await.status == StatusCode::OK);
}
