//! Authorization details of a client that asks for somebody by name (CIBA with RFC 9396).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{INVALID, accounts, payment};
use crate::ciba::{ask_as, create_asking, poll_as};
use crate::concurrency::on_every_database;
use crate::server::Server;

on_every_database!(a_client_gets_the_details_that_the_person_was_shown);

async fn a_client_gets_the_details_that_the_person_was_shown(server: Server) {
    let (bank, _) = server.with_details().await;
    create_asking(&server, "teller", |draft| {
        draft.authorization_details_types = "payment_initiation account_information".to_owned();
    })
    .await;
    let ask = async |details: &Value| {
        let details = details.to_string();
        let fields = [("scope", "openid"), ("login_hint", "alice"), ("authorization_details", &details)];
        ask_as(&server, "teller", &fields).await
    };
    for wrong in
        [json!([{ "type": "note_share" }]), json!([{ "type": "account_information", "made_up": 1 }]), json!({})]
    {
        assert_eq!(ask(&wrong).await.error(), (400, INVALID.to_owned()), "{wrong}");
    }
    let all = json!([payment("123.50"), accounts()]);
    let asked = ask(&all).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let mut browser = server.signed_in().await;
    let page = browser.get("/approve").await;
    for words in ["Make a payment", "123.50", "Merchant A", "See what is on your accounts", "Example Bank"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(browser.press(&page, "yes").await.location(), "/approve?done=allowed");
    let more = json!([payment("1")]).to_string();
    let refused = poll_as(&server, "teller", &asked.json(), &[("authorization_details", &more)]).await;
    assert_eq!(refused.error(), (400, INVALID.to_owned()));
    let part = json!([accounts()]).to_string();
    let tokens = poll_as(&server, "teller", &asked.json(), &[("authorization_details", &part)]).await;
    assert_eq!(tokens.status, StatusCode::OK, "nothing was spent: {}", tokens.body);
    assert_eq!(tokens.json()["authorization_details"], json!([accounts()]));
    // A type that is gone before anybody answered: nobody can be shown what it was.
    let asked = ask(&all).await.json();
    let types = json!({ "authorization_details_types": [{ "type": "account_information", "fields": ["actions"] }] });
    server.change_resource(&bank, &types).await;
    assert!(!browser.get("/approve").await.body.contains("Make a payment"));
    let waiting = poll_as(&server, "teller", &asked, &[]).await;
    assert_eq!(waiting.error(), (400, "authorization_pending".to_owned()));
}
