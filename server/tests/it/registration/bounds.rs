//! Registrations in number, and in time.

use axum::http::{Method, StatusCode};
use idp::Actor;
use idp::testing::Kind;
use oauth::id::ClientId;
use serde_json::{Value, json};

use super::{call, native, open, refresh, register, request, set_policy, tokens};
use crate::browser::Browser;
use crate::server::Server;

const URI: &str = "http://localhost:4000/callback";
const DAY: i64 = 86_400;

async fn page(server: &Server, client: &Value) -> StatusCode {
    server.signed_in().await.get(&Browser::request(&request(client, URI, "openid"))).await.status
}

async fn sweep(server: &Server) {
    while server.idp.sweep().await.unwrap() > 0 {}
}

#[tokio::test]
async fn copies_of_a_program_are_one_client_on_every_database() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let mut copies = Vec::new();
        for port in 0..20 {
            let mut body = native("A");
            body["redirect_uris"] = json!([format!("http://localhost:{}/callback", 4_000 + port)]);
            copies.push(body);
        }
        let ids = futures::future::join_all(copies.iter().map(|body| register(&server, body))).await;
        for (client, body) in ids.iter().zip(&copies) {
            assert_eq!(client["client_id"], ids[0]["client_id"], "{kind:?}");
            assert_eq!(client["redirect_uris"], body["redirect_uris"], "{kind:?}");
        }
        // Of two first authorizations at once, both succeed, and there is one client.
        let (mut one, mut two) = (server.signed_in().await, server.signed_in().await);
        let asked = request(&ids[0], URI, "openid");
        let codes = futures::future::join(one.authorize(&asked), two.authorize(&asked)).await;
        assert_ne!(codes.0, codes.1, "{kind:?}");
        let again = register(&server, &native("A")).await;
        assert_eq!(again["client_id"], ids[0]["client_id"], "{kind:?}");
        assert_eq!(again["client_id_issued_at"], ids[0]["client_id_issued_at"], "{kind:?}");
    }
}

#[tokio::test]
async fn who_only_registers_leaves_nothing_among_the_clients() {
    let server = open().await;
    let before = server.console().await.get("/admin/ui/clients").await;
    let client = register(&server, &native("Nobody used this")).await;
    let after = server.console().await.get("/admin/ui/clients").await;
    assert!(!after.body.contains("Nobody used this"), "it waits");
    assert_eq!(before.body.matches("<tr>").count(), after.body.matches("<tr>").count());
    server.signed_in().await.authorize(&request(&client, URI, "openid")).await;
    let used = server.console().await.get("/admin/ui/clients").await;
    assert!(used.body.contains("Nobody used this"), "somebody allowed it something");
}

#[tokio::test]
async fn what_nobody_used_for_a_day_is_forgotten_and_comes_back_under_its_id() {
    let server = open().await;
    let client = register(&server, &native("A")).await;
    server.clock.advance(DAY - 1);
    assert_eq!(page(&server, &client).await, StatusCode::OK);
    // Whoever registers again renews it.
    assert_eq!(register(&server, &native("A")).await["client_id"], client["client_id"]);
    server.clock.advance(DAY - 1);
    sweep(&server).await;
    assert_eq!(page(&server, &client).await, StatusCode::OK);
    server.clock.advance(1);
    assert_eq!(page(&server, &client).await, StatusCode::BAD_REQUEST, "not swept yet, and over all the same");
    sweep(&server).await;
    assert_eq!(page(&server, &client).await, StatusCode::BAD_REQUEST);
    assert_eq!(register(&server, &native("A")).await["client_id"], client["client_id"]);
    assert_eq!(page(&server, &client).await, StatusCode::OK);
}

#[tokio::test]
async fn a_client_goes_a_month_after_its_last_token_and_never_with_a_live_grant() {
    for kind in Kind::ALL {
        let Some(server) = Server::start_on(kind).await else { continue };
        set_policy(&server, "open").await;
        let client = register(&server, &native("A")).await;
        let mut browser = server.signed_in().await;
        let mut held = tokens(&server, &mut browser, &client, URI, "openid offline_access").await;
        for _ in 0..5 {
            server.clock.advance(29 * DAY);
            sweep(&server).await;
            let next = refresh(&server, &client, &held).await;
            assert_eq!(next.status, StatusCode::OK, "{kind:?}: {}", next.body);
            held = next.json();
        }
        // The refresh token dies after 30 days, and the client 30 days later.
        server.clock.advance(60 * DAY - 1);
        sweep(&server).await;
        assert_eq!(refresh(&server, &client, &held).await.error(), (400, "invalid_grant".to_owned()), "{kind:?}");
        server.clock.advance(2 * DAY);
        sweep(&server).await;
        // Whatever is changed drops the caches.
        set_policy(&server, "off").await;
        assert_eq!(refresh(&server, &client, &held).await.error(), (401, "invalid_client".to_owned()), "{kind:?}");
    }
}

#[tokio::test]
async fn a_client_that_an_administrator_disabled_does_not_register_anew() {
    let server = open().await;
    let client = register(&server, &native("A")).await;
    server.signed_in().await.authorize(&request(&client, URI, "openid")).await;
    let id = ClientId::new(client["client_id"].as_str().unwrap());
    let mut draft = oauth::client::ClientDraft::from(&server.idp.get_client(&id).await.unwrap().client);
    draft.enabled = false;
    let change = idp::ClientChange { client: Some(draft), ..Default::default() };
    server.idp.update_client(&Actor::admin(), &id, None, &change).await.unwrap();
    let refused = call(&server, Method::POST, "/register", None, &native("A").to_string()).await;
    assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
    assert_eq!(page(&server, &client).await, StatusCode::BAD_REQUEST);
    // Deleted, it is as if it had never been.
    server.idp.delete_client(&Actor::admin(), &id).await.unwrap();
    assert_eq!(register(&server, &native("A")).await["client_id"], client["client_id"]);
}
