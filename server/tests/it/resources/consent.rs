//! The consent page about resources, and what is remembered of the answer.

use axum::http::StatusCode;
use serde_json::json;

use super::{MAPS, NOTES, NOTES_TOO};
use crate::concurrency::on_every_database;
use crate::server::{Server, text};

on_every_database!(
    what_is_allowed_at_one_resource_is_not_at_another,
    a_step_up_marks_what_is_new_and_ends_nothing,
    what_is_taken_back_at_one_resource_stays_at_another,
);

async fn what_is_allowed_at_one_resource_is_not_at_another(server: Server) {
    server.with_notes().await;
    let maps = server.with_maps().await;
    let mut browser = server.signed_in().await;
    let page = browser.ask_at(&[("scope", "read")], &[NOTES_TOO]).await;
    assert_eq!(page.status, StatusCode::OK);
    for sentence in ["Notes", "notes.example", "Read your notes"] {
        assert!(page.body.contains(sentence), "{sentence}");
    }
    assert!(!page.body.contains("Write notes") && !page.body.contains("See your maps"));
    browser.press(&page, "yes").await;
    let silently = async |browser: &mut crate::browser::Browser<'_>, scope: &str, resource: &str| {
        browser.silently(&[("scope", scope), ("resource", resource)]).await
    };
    assert_eq!(silently(&mut browser, "read", NOTES).await, "");
    assert_eq!(silently(&mut browser, "write", NOTES).await, "consent_required");
    assert_eq!(silently(&mut browser, "read", MAPS).await, "consent_required", "the same word, another scope");
    assert_eq!(silently(&mut browser, "openid", "").await, "consent_required");
    server.tokens_at(&mut browser, "read", &[MAPS]).await;
    assert_eq!(silently(&mut browser, "read", NOTES).await, "", "neither answer took the place of the other");
    // A place that was never named is asked for even when there is no scope of its own in the request.
    server.tokens_in(&mut browser, &[("scope", "openid")]).await;
    server.change_resource(&maps, &json!({ "scopes": [] })).await;
    server.create_resource(&json!({ "identifier": "https://bare.example" })).await;
    assert_eq!(silently(&mut browser, "openid", "https://bare.example").await, "consent_required");
    server.tokens_at(&mut browser, "openid", &["https://bare.example"]).await;
    assert_eq!(silently(&mut browser, "openid", "https://bare.example").await, "");
}

async fn a_step_up_marks_what_is_new_and_ends_nothing(server: Server) {
    server.with_notes().await;
    let mut browser = server.signed_in().await;
    let first = server.tokens_at(&mut browser, "read", &[NOTES]).await;
    let page = browser.ask_at(&[("scope", "read write")], &[NOTES]).await;
    assert_eq!((page.status, page.body.matches(">new</span>").count()), (StatusCode::OK, 1), "{}", page.body);
    let second = server.tokens_at(&mut browser, "read write", &[NOTES]).await;
    assert_eq!(second["scope"], "read write");
    assert_eq!(server.introspect(text(&first, "access_token")).await["active"], true);
    assert_eq!(server.refresh_at(&first, &[NOTES]).await.json()["scope"], "read", "a refresh never widens");
    let page = browser.ask_at(&[("scope", "read write"), ("prompt", "consent")], &[NOTES]).await;
    assert_eq!(page.body.matches(">new</span>").count(), 0);
}

async fn what_is_taken_back_at_one_resource_stays_at_another(server: Server) {
    let (notes, _) = (server.with_notes().await, server.with_maps().await);
    let mut browser = server.signed_in().await;
    let at_notes = server.tokens_at(&mut browser, "read write", &[NOTES]).await;
    let at_maps = server.tokens_at(&mut browser, "read", &[MAPS]).await;
    let id = notes["id"].as_str().unwrap();
    let users = server.admin("GET", "/admin/users", &json!(null)).await.json();
    let alice = users[0]["sub"].as_str().or_else(|| users[0]["id"].as_str()).unwrap();
    let address = format!("/admin/users/{alice}/consents/web?scope=read&resource={id}");
    let answer = server.admin("DELETE", &address, &json!(null)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(server.introspect(text(&at_notes, "access_token")).await["scope"], "write");
    assert_eq!(server.refresh_at(&at_notes, &[NOTES]).await.json()["scope"], "write");
    assert_eq!(server.introspect(text(&at_maps, "access_token")).await["scope"], "read");
    assert_eq!(server.refresh_at(&at_maps, &[MAPS]).await.json()["scope"], "read");
    let page = browser.get("/account").await;
    assert!(page.body.contains("Write notes") && page.body.contains("See your maps"), "{}", page.body);
    assert!(!page.body.contains("Read your notes"));
}

/// An answer counts for the resource that was shown.
#[tokio::test]
async fn an_answer_counts_for_what_was_shown() {
    let server = Server::start().await;
    let notes = server.with_notes().await;
    let mut browser = server.signed_in().await;
    let page = browser.ask_at(&[("scope", "read")], &[NOTES]).await;
    server.change_resource(&notes, &json!({ "name": "Everybody’s notes" })).await;
    let again = browser.press(&page, "yes").await;
    assert_eq!(again.status, StatusCode::OK, "the page comes again");
    assert!(again.body.contains("Everybody’s notes"));
    assert_eq!(browser.press(&again, "yes").await.status, StatusCode::SEE_OTHER);
    let account = browser.get("/account").await;
    assert!(account.body.contains("Read your notes"), "{}", account.body);
}
