//! The consent page about authorization details, and what is remembered of the answer.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{accounts, payment};
use crate::admin_api::call;
use crate::concurrency::on_every_database;
use crate::server::Server;

on_every_database!(
    what_was_allowed_is_not_asked_for_again_and_nothing_else_is_covered,
    details_in_other_words_are_asked_for_again,
    what_was_allowed_is_shown_and_withdrawn,
);

async fn what_was_allowed_is_not_asked_for_again_and_nothing_else_is_covered(server: Server) {
    server.with_details().await;
    let mut browser = server.signed_in().await;
    assert_eq!(browser.silently_details(&json!([payment("1")])).await, "consent_required");
    browser.allow_details(&[("scope", "")], &json!([payment("1"), accounts()])).await;
    let mut shorter = payment("1");
    shorter["actions"] = json!(["status"]);
    for covered in [json!([payment("1")]), json!([accounts(), payment("1")]), json!([shorter])] {
        assert_eq!(browser.silently_details(&covered).await, "", "{covered}");
    }
    let mut longer = payment("1");
    longer["actions"] = json!(["initiate", "status", "cancel"]);
    let mut without = payment("1");
    without.as_object_mut().unwrap().remove("locations");
    for other in [json!([payment("2")]), json!([longer]), json!([without]), json!([accounts(), payment("1.0")])] {
        assert_eq!(browser.silently_details(&other).await, "consent_required", "{other}");
    }
    // Neither does a scope of the resource stand for them, nor they for it.
    assert_eq!(browser.silently(&[("scope", "accounts"), ("resource", super::BANK)]).await, "consent_required");
    // The last answers are remembered beside each other.
    browser.allow_details(&[("scope", "")], &json!([payment("2")])).await;
    for covered in [json!([payment("1")]), json!([payment("2"), accounts()])] {
        assert_eq!(browser.silently_details(&covered).await, "", "{covered}");
    }
}

/// An answer counts for what was shown.
async fn details_in_other_words_are_asked_for_again(server: Server) {
    let (bank, _) = server.with_details().await;
    let mut browser = server.signed_in().await;
    let page = browser.ask_details(&[], &json!([accounts()])).await;
    let types = json!({ "authorization_details_types": [{ "type": "account_information", "description": "Empty your accounts", "fields": ["actions"] }] });
    server.change_resource(&bank, &types).await;
    let again = browser.press(&page, "yes").await;
    assert_eq!(again.status, StatusCode::OK, "the page comes again");
    assert!(again.body.contains("Empty your accounts"), "{}", again.body);
    assert_eq!(browser.press(&again, "yes").await.status, StatusCode::SEE_OTHER);
    // No is no.
    let page = browser.ask_details(&[("prompt", "consent")], &json!([accounts()])).await;
    assert_eq!(browser.press(&page, "no").await.query().text("error"), "access_denied");
}

async fn what_was_allowed_is_shown_and_withdrawn(server: Server) {
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let tokens = server.tokens_for(&mut browser, &[], &json!([payment("123.50")])).await;
    let page = browser.get("/account").await;
    for words in ["Make a payment", "123.50", "Merchant A", "Example Bank"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let of_client = call(&server, Method::GET, "/admin/clients/web/consents", json!(null)).await.json();
    assert_eq!(of_client[0]["authorization_details"], json!([payment("123.50")]));
    let path = format!("/admin/users/{}/consents", of_client[0]["user"].as_str().unwrap());
    let of_user = call(&server, Method::GET, &path, json!(null)).await.json();
    assert_eq!(of_user[0]["authorization_details"], json!([payment("123.50")]));
    let shown = server.console().await.get("/admin/ui/clients/web/consents").await;
    assert!(shown.body.contains("Make a payment") && shown.body.contains("123.50"), "{}", shown.body);
    let withdrawn = browser.post("/account", &[("client_id", "web"), ("shown", &page.field("shown"))]).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER, "{}", withdrawn.body);
    assert_eq!(browser.silently_details(&json!([payment("123.50")])).await, "consent_required");
    let again = server.refresh_details(&tokens, &[], &json!(null)).await;
    assert_eq!(again.error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn the_page_says_each_object_in_words() {
    let server = Server::start().await;
    server.with_details().await;
    let mut browser = server.signed_in().await;
    let mut object = payment("123.50");
    object["creditorName"] = json!("<b>Merchant</b> & \"Sons\"");
    let page = browser.ask_details(&[], &json!([object, accounts()])).await;
    for words in [
        "Make a payment",
        "<dt>Actions</dt>",
        "<dd><bdi>initiate</bdi></dd>",
        "<dt>Instructed amount, currency</dt>",
        "<bdi>EUR</bdi>",
        "<dt>Instructed amount, amount</dt>",
        "<bdi>123.50</bdi>",
        "<dt>Creditor name</dt>",
        "&lt;b&gt;Merchant&lt;/b&gt; &amp; ",
        "<dt>Urgent</dt>",
        "<bdi>yes</bdi>",
        "https://bank.example/payments",
        "See what is on your accounts",
        "Acts for you at",
        "Example Bank",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("<b>Merchant"), "{}", page.body);
    assert_eq!(page.body.matches(">new</span>").count(), 0);
    browser.press(&page, "yes").await;
    let page = browser.ask_details(&[], &json!([object, payment("1")])).await;
    assert_eq!(page.body.matches(">new</span>").count(), 1, "{}", page.body);
}

#[tokio::test]
async fn a_client_that_nobody_is_asked_about_gets_them_silently() {
    let server = Server::start().await;
    server.with_details().await;
    server.set_policy("web", &json!({ "consent_policy": "skip" })).await;
    let mut browser = server.signed_in().await;
    assert_eq!(browser.silently_details(&json!([payment("1")])).await, "");
    server.set_policy("web", &json!({ "consent_policy": "always" })).await;
    browser.allow_details(&[], &json!([payment("1")])).await;
    browser.allow_details(&[], &json!([payment("1")])).await;
}
