//! Tokens about people whom clients know by pairwise subjects are exchanged within a sector.

use axum::http::{Method, StatusCode};
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use super::exchange::{exchange, let_notes_call_maps, token};
use super::given::{ask, login, with_audience};
use super::{MAPS, World};
use crate::admin_api::call;
use crate::server::{CALLBACK, SECRET, Server, claims, text};

async fn patch(server: &Server, client: &str, body: Value) {
    let answer = call(server, Method::PATCH, &format!("/admin/clients/{client}"), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_exchanged_within_its_sector_and_no_further() {
    let authority = Authority::default();
    let site = TestSite::start(&authority, |_| Reply::json(&json!([CALLBACK]))).await;
    let world = World::of(Server::start().await.asking(site.options(&authority)).await).await;
    let_notes_call_maps(&world.server).await;
    let public = text(&token(&world).await, "access_token").to_owned();
    let sector = json!({ "subject_type": "pairwise", "sector_identifier_uri": site.url("/sector") });
    let to_maps = [("resource", MAPS), ("scope", "see")];
    let exchanged = async |shown: &str| exchange(&world.server, "deploy", shown, &to_maps).await;
    patch(&world.server, "app", json!({ "subject_type": "pairwise" })).await;
    let pairwise = text(&token(&world).await, "access_token").to_owned();
    assert_ne!(claims(&pairwise)["sub"], claims(&public)["sub"]);
    let refused = exchanged(&pairwise).await;
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
    assert!(refused.body.contains("another sector"), "{}", refused.body);
    // Nor does one with names of its own learn the public ones of a client's people.
    patch(&world.server, "deploy", sector.clone()).await;
    patch(&world.server, "app", json!({ "subject_type": "public" })).await;
    // What was given under other names has ended.
    assert_eq!(exchanged(&public).await.error(), (400, "invalid_grant".to_owned()));
    let public = text(&token(&world).await, "access_token").to_owned();
    assert!(exchanged(&public).await.body.contains("another sector"));
    patch(&world.server, "app", sector).await;
    let shown = text(&token(&world).await, "access_token").to_owned();
    let given = exchanged(&shown).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let given = claims(text(&given.json(), "access_token"));
    assert_eq!((&given["sub"], &given["client_id"]), (&claims(&shown)["sub"], &json!("deploy")));
    // A client narrows its own.
    let own = exchange(&world.server, "app", &shown, &[("scope", "read")]).await.json();
    assert_eq!(claims(text(&own, "access_token"))["sub"], claims(&shown)["sub"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_with_such_a_subject_is_understood_and_asserted_by_it() {
    let world = World::start().await;
    with_audience(&world, "").await;
    let before = login(&world, "openid").await;
    patch(&world.server, "app", json!({ "subject_type": "pairwise" })).await;
    let tokens = login(&world, "openid").await;
    let sub = claims(text(&tokens, "id_token"))["sub"].clone();
    assert_ne!(sub, claims(text(&before, "id_token"))["sub"]);
    let given = ask(&world, text(&tokens, "id_token"), &[]).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    assert_eq!(claims(text(&given.json(), "access_token"))["sub"], sub);
    // One that was given under other names has ended with what came with it.
    assert_eq!(ask(&world, text(&before, "id_token"), &[]).await.error(), (400, "invalid_grant".to_owned()));
    let client = format!("app:{SECRET}");
    world.server.post("/revoke", Some(&client), &[("token", text(&tokens, "refresh_token"))]).await;
    assert_eq!(ask(&world, text(&tokens, "id_token"), &[]).await.error(), (400, "invalid_grant".to_owned()));
}
