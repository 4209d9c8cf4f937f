//! Users in the console.

use axum::http::StatusCode;

use super::{done, refused};
use crate::browser::Browser;
use crate::server::{PASSWORD, Server, claims, text};

const BOB: [(&str, &str); 6] = [
    ("username", "bob"),
    ("password", "a fine password"),
    ("enabled", "on"),
    ("email", "bob@example.com"),
    ("email_verified", "on"),
    ("name", "Bob Brown"),
];

/// Creates bob and gives the address of his page.
async fn create_bob(console: &mut Browser<'_>) -> String {
    let answer = console.post("/admin/ui/users/new", &BOB).await;
    let address = answer.location().split('?').next().unwrap().to_owned();
    done(console, &answer, "Created.").await;
    address
}

#[tokio::test]
async fn a_new_user_can_sign_in_and_has_the_claims_that_were_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let address = create_bob(&mut console).await;
    let page = console.get(&address).await;
    assert_eq!((page.field("username"), page.field("name")), ("bob".to_owned(), "Bob Brown".to_owned()));
    assert!(!page.body.contains("a fine password"));
    let mut browser = server.browser();
    let answer = browser.post("/login", &[("username", "bob"), ("password", "a fine password")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid email profile")]).await;
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!((&userinfo["name"], &userinfo["email_verified"]), (&"Bob Brown".into(), &true.into()));
    assert_eq!(address, format!("/admin/ui/users/{}", text(&userinfo, "sub")));
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (field, value, sentence) in [
        ("username", " ", "This is needed."),
        ("username", "ALICE", "already taken"),
        ("password", "", "This is needed."),
        ("password", "short", "shorter than 8 characters"),
        ("email", "nobody", "This is not an email address."),
        ("birthdate", "28.2.1990", "YYYY-MM-DD"),
        ("website", "javascript:alert(1)", "not an http or https URL"),
        ("extra_claims", "[1]", "Write a JSON object"),
        ("extra_claims", "{\"sub\":\"x\"}", "“sub” is a standard claim"),
    ] {
        let form: Vec<(&str, &str)> =
            BOB.iter().filter(|(name, _)| *name != field).chain(&[(field, value)]).copied().collect();
        let answer = console.post("/admin/ui/users/new", &form).await;
        refused(&answer, field, sentence);
        assert!(field == "email" || answer.body.contains("bob@example.com"));
        assert!(!answer.body.contains("a fine password"), "a password was sent back");
    }
    assert_eq!(server.idp.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_kept_is_shown_as_text_in_every_kind_of_field() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let evil = "</textarea>\"><script>alert(1)</script>&amp;";
    let extra = serde_json::json!({ "department": evil }).to_string();
    let form = [&BOB[..], &[("nickname", evil), ("street_address", evil), ("extra_claims", &extra)]].concat();
    let answer = console.post("/admin/ui/users/new", &form).await;
    let page = console.follow(&answer).await;
    assert!(!page.body.contains("<script>alert"));
    assert_eq!(page.body.matches("</textarea>").count(), page.body.matches("<textarea").count());
    assert!(page.body.matches("&amp;amp;").count() >= 3, "{}", page.body);
}

#[tokio::test]
async fn of_two_who_edit_the_same_user_the_second_is_told() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let address = create_bob(&mut console).await;
    let version = console.get(&address).await.field("version");
    let form = |name| [("username", "bob"), ("enabled", "on"), ("name", name), ("version", version.as_str())];
    let answer = console.post(&address, &form("First")).await;
    done(&mut console, &answer, "Saved.").await;
    let answer = console.post(&address, &form("Second")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.field("name"), "Second");
    assert_eq!(console.get(&address).await.field("name"), "First");
    refused(&console.post(&address, &[("username", "alice"), ("enabled", "on")]).await, "username", "already taken");
}

#[tokio::test]
async fn a_change_is_in_userinfo_at_once() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let address = format!("/admin/ui/users/{}", text(&claims(text(&tokens, "id_token")), "sub"));
    let mut console = server.console().await;
    let answer =
        console.post(&address, &[("username", "alice"), ("enabled", "on"), ("email", "new@example.com")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!((&userinfo["email"], &userinfo["email_verified"]), (&"new@example.com".into(), &false.into()));
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_token() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let address = format!("/admin/ui/users/{}", text(&claims(text(&tokens, "id_token")), "sub"));
    let mut console = server.console().await;
    refused(&console.post(&format!("{address}/password"), &[("password", "short")]).await, "password", "shorter");
    assert_eq!(browser.silently(&[]).await, "");
    let answer = console.post(&format!("{address}/password"), &[("password", "another password")]).await;
    done(&mut console, &answer, "The new password is set; 1 session ended.").await;
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    let old = browser.post("/login", &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = browser.post("/login", &[("username", "alice"), ("password", "another password")]).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn revoking_signs_out_everywhere_and_nothing_more() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let address = format!("/admin/ui/users/{}", text(&claims(text(&tokens, "id_token")), "sub"));
    let mut console = server.console().await;
    let answer = console.post(&format!("{address}/revoke"), &[]).await;
    done(&mut console, &answer, "All sessions are ended and all tokens revoked.").await;
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    let mut again = server.signed_in().await;
    assert_eq!(again.silently(&[]).await, "", "consent is still remembered");
}

#[tokio::test]
async fn deleting_takes_the_right_word_and_takes_everything_along() {
    let server = Server::start().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_in(&mut browser, &[("scope", "openid offline_access")]).await;
    let code = browser.authorize(&[]).await;
    let address = format!("/admin/ui/users/{}", text(&claims(text(&tokens, "id_token")), "sub"));
    let mut console = server.console().await;
    let wrong = console.post(&format!("{address}/delete"), &[("confirm", "bob")]).await;
    refused(&wrong, "confirm", "What you typed is not the same.");
    let answer = console.post(&format!("{address}/delete"), &[("confirm", "alice")]).await;
    done(&mut console, &answer, "Deleted.").await;
    assert_eq!(console.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.silently(&[]).await, "login_required");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.redeem(&code).await.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(server.refresh(&tokens).await.error(), (400, "invalid_grant".to_owned()));
    // A namesake is somebody else.
    server.create_user("alice").await;
    let new = server.tokens("openid").await;
    assert_ne!(claims(text(&new, "id_token"))["sub"], claims(text(&tokens, "id_token"))["sub"]);
}

#[tokio::test]
async fn the_list_is_searched_by_name_and_address() {
    let server = Server::start().await;
    let mut console = server.console().await;
    create_bob(&mut console).await;
    let all = console.get("/admin/ui/users").await;
    assert!(all.body.contains("alice") && all.body.contains("bob") && all.body.contains("1–2 of 2"));
    let found = console.get("/admin/ui/users?q=BOB%40example").await;
    assert!(found.body.contains("bob@example.com") && !found.body.contains("alice@example.com"));
    assert!(!console.get("/admin/ui/users?q=%25").await.body.contains("bob@example.com"));
}

#[tokio::test]
async fn an_administrator_sees_what_a_user_allowed_and_withdraws_it() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let mut console = server.console().await;
    let address = format!("/admin/ui/users/{}/consents", text(&claims(text(&tokens, "id_token")), "sub"));
    let page = console.get(&address).await;
    assert!(page.body.contains("/admin/ui/clients/web"));
    // One scope, and its tokens go on without it. It is asked about first.
    let take_back = format!("{address}/withdraw?client_id=web&scope=email");
    assert!(page.body.replace("&amp;", "&").contains(&format!("href=\"{take_back}")), "{}", page.body);
    let question = console.get(&take_back).await;
    for said in ["Take back a scope", "Your email address", "open no more of that here"] {
        assert!(question.body.contains(said), "{said}: {}", question.body);
    }
    let userinfo = server.userinfo(text(&tokens, "access_token")).await;
    assert!(userinfo.json().get("email").is_some(), "it only asks");
    let answer = super::questions::press(&mut console, &question).await;
    let page = done(&mut console, &answer, "Its tokens for this user open no more of that here").await;
    let userinfo = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!((userinfo.status, userinfo.json().get("email").is_some()), (StatusCode::OK, false));
    // Without a scope it is no form of the page: all of it is asked about.
    for nothing in [&[("client_id", "web")][..], &[("client_id", "web"), ("scope", "")]] {
        let answer = console.post(&address, nothing).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    }
    assert!(console.get(&address).await.body.contains("/admin/ui/clients/web"), "it is still allowed");
    let question = format!("{address}/withdraw?client_id=web");
    assert!(page.body.contains(&format!("href=\"{question}\"")), "{}", page.body);
    let page = console.get(&question).await;
    assert!(page.body.contains("The codes and tokens that the client has of this user end"), "{}", page.body);
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::OK, "it only asks");
    for nothing in ["", "?client_id=nobody"] {
        assert_eq!(console.get(&format!("{address}/withdraw{nothing}")).await.status, StatusCode::NOT_FOUND);
    }
    let answer = console.post(&format!("{address}/withdraw"), &[("client_id", &page.field("client_id"))]).await;
    done(&mut console, &answer, "Its codes and tokens for this user have ended.").await;
    assert!(!console.get(&address).await.body.contains("/admin/ui/clients/web"));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
}
