//! Scopes in the console.

use axum::http::StatusCode;

use super::{done, refused};
use crate::server::{Server, text};

const INVOICES: [(&str, &str); 3] =
    [("name", "invoices:read"), ("description", "Your invoices"), ("claims", "department\ncost_centre")];

#[tokio::test]
async fn a_scope_is_created_changed_and_deleted() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/scopes/new", &INVOICES).await;
    let list = done(&mut console, &answer, "Created.").await;
    assert!(list.body.contains("invoices:read") && list.body.contains("cost_centre"));
    let address = "/admin/ui/scopes/edit?name=invoices%3Aread";
    assert_eq!(console.get(address).await.field("description"), "Your invoices");
    let changed = [("name", "invoices:read"), ("description", "All your invoices"), ("claims", "department")];
    let answer = console.post(address, &changed).await;
    done(&mut console, &answer, "All your invoices").await;
    let wrong = console.post("/admin/ui/scopes/delete", &[("name", "invoices:read"), ("confirm", "invoices")]).await;
    refused(&wrong, "confirm", "What you typed is not the same.");
    let right = [("name", "invoices:read"), ("confirm", "invoices:read")];
    let answer = console.post("/admin/ui/scopes/delete", &right).await;
    let list = done(&mut console, &answer, "Deleted.").await;
    assert!(!list.body.contains("invoices:read"));
    assert_eq!(console.post("/admin/ui/scopes/delete", &right).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_is_not_right_comes_back_as_it_was_typed() {
    let server = Server::start().await;
    let mut console = server.console().await;
    for (field, value, sentence) in [
        ("name", "two words", "A scope is visible ASCII characters"),
        ("name", "", "A scope is visible ASCII characters"),
        ("name", "email", "already taken"),
        ("description", "", "This is needed."),
        ("claims", "fine\nnot=fine", "Line 2: Use letters, digits and"),
    ] {
        let form: Vec<(&str, &str)> =
            INVOICES.iter().filter(|(name, _)| *name != field).chain(&[(field, value)]).copied().collect();
        let answer = console.post("/admin/ui/scopes/new", &form).await;
        refused(&answer, field, sentence);
        assert!(field == "claims" || answer.body.contains("cost_centre"));
    }
}

#[tokio::test]
async fn openid_stays() {
    let server = Server::start().await;
    let mut console = server.console().await;
    let answer = console.post("/admin/ui/scopes/delete", &[("name", "openid"), ("confirm", "openid")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let list = console.get("/admin/ui/scopes").await;
    assert!(list.body.contains("Know who you are"));
}

#[tokio::test]
async fn what_a_scope_opens_no_longer_is_closed_at_once_and_what_it_opens_now_is_asked_for() {
    let server = Server::start().await;
    let tokens = server.tokens("openid email").await;
    let mut console = server.console().await;
    let form = [("name", "email"), ("description", "Your email address"), ("claims", "email\nnickname")];
    let answer = console.post("/admin/ui/scopes/edit?name=email", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert!(userinfo.get("email_verified").is_none() && userinfo.get("nickname").is_none(), "{userinfo}");
    let tokens = server.tokens("openid email").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.json()["nickname"], "Al");
}
