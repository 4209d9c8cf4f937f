//! Documents that change, and sites that go away.

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::{Actor, ClientChange};
use oauth::client::ClientDraft;
use serde_json::json;

use super::{PROGRAM, SITE, World};
use crate::pairs::stopped;
use crate::server::PASSWORD;

/// Seconds.
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[tokio::test]
async fn a_document_is_believed_for_an_hour() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    for (advance, hits) in [(0, 1), (HOUR - 1, 1), (1, 2), (HOUR, 3)] {
        world.server.clock.advance(advance);
        assert_eq!(browser.get(&world.request(SITE, &[])).await.status, StatusCode::OK);
        assert_eq!(world.site.hits(), hits);
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_in_the_copy_is_looked_for_once_a_minute() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let other = "https://agent.example/other";
    assert_eq!(browser.get(&world.request(other, &[])).await.status, StatusCode::BAD_REQUEST);
    for _ in 0..5 {
        assert_eq!(browser.get(&world.request(other, &[])).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(world.site.hits(), 2);
    world.publish(|document| document["redirect_uris"] = json!([SITE, other]));
    world.server.clock.advance(60);
    assert_eq!(browser.get(&world.request(other, &[])).await.status, StatusCode::OK);
    assert_eq!(world.site.hits(), 3);
}

#[tokio::test]
async fn the_last_good_copy_counts_for_a_week_and_from_the_row_too() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    world.allow(&mut browser, SITE).await;
    world.break_down();
    // As after a restart: only the row is left.
    let options = world.site.options(&world.authority);
    let world = World { server: world.server.asking(options).await, ..world };
    let mut browser = world.server.signed_in().await;
    world.server.clock.advance(7 * DAY - 60);
    let mut fresh = world.server.signed_in().await;
    let _ = &mut browser;
    let page = fresh.get(&world.request(PROGRAM, &[])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    world.server.clock.advance(120);
    let page = fresh.get(&world.request(PROGRAM, &[])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("503"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_asked_again_when_answers_go_elsewhere_and_not_for_a_new_name() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        world.server.create_user("bob").await;
        let mut alice = world.server.signed_in().await;
        let mut bob = world.server.browser();
        bob.post("/login", &[("username", "bob"), ("password", PASSWORD)]).await;
        for browser in [&mut alice, &mut bob] {
            let answer = world.allow(browser, SITE).await;
            assert_eq!(world.redeem(&answer, SITE).await.status, StatusCode::OK, "{kind:?}");
        }
        world.publish(|document| document["client_name"] = json!("Agent Jones"));
        world.server.clock.advance(2 * HOUR);
        let answer = alice.get(&world.request(SITE, &[])).await;
        assert!(!answer.query().text("code").is_empty(), "{kind:?}: {}", answer.body);
        let record = world.server.idp.get_client(&world.client_id()).await.unwrap();
        assert_eq!(record.client.client_name, "Agent Jones", "{kind:?}");
        // Both were asked about answers to agent.example.
        world.publish(|document| document["redirect_uris"] = json!([SITE, "https://evil.example/cb"]));
        world.server.clock.advance(2 * HOUR);
        let page = alice.get(&world.request(SITE, &[])).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?}: {}", page.location());
        let answer = alice.press(&page, "yes").await;
        assert!(!answer.query().text("code").is_empty(), "{kind:?}");
        let page = bob.get(&world.request(SITE, &[])).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?}: what alice allowed is not what bob allowed");
        let answer = alice.get(&world.request(SITE, &[])).await;
        assert!(!answer.query().text("code").is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn what_an_administrator_decided_outlives_a_change_of_the_document() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    world.allow(&mut browser, SITE).await;
    let mut console = world.server.console().await;
    let id = world.id().replace(':', "%3A").replace('/', "%2F");
    let overview = console.get(&format!("/admin/ui/clients/{id}")).await;
    assert_eq!(overview.status, StatusCode::OK, "{}", overview.body);
    assert!(overview.body.contains("its metadata document"));
    let disabled = console.post(&format!("/admin/ui/clients/{id}/enabled"), &[("enabled", "no")]).await;
    assert_eq!(disabled.status, StatusCode::SEE_OTHER, "{}", disabled.body);
    let page = browser.get(&world.request(SITE, &[])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a disabled client is not greeted anew");
    console.post(&format!("/admin/ui/clients/{id}/enabled"), &[("enabled", "yes")]).await;
    world.publish(|document| document["client_name"] = json!("Agent Jones"));
    world.server.clock.advance(2 * HOUR);
    let answer = browser.get(&world.request(SITE, &[])).await;
    assert!(!answer.query().text("code").is_empty(), "{}", answer.body);
}

/// Something that another node does to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forbids {
    HostBlocked,
    DocumentPut,
    Disabled,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_an_agent_meanwhile_is_minded() {
    for kind in Kind::ALL {
        for (forbids, is_known) in [
            (Forbids::HostBlocked, false),
            (Forbids::HostBlocked, true),
            (Forbids::DocumentPut, false),
            (Forbids::DocumentPut, true),
            (Forbids::Disabled, true),
        ] {
            let Some(world) = World::start_on(kind).await else { continue };
            let mut browser = world.server.signed_in().await;
            if is_known {
                world.allow(&mut browser, PROGRAM).await;
            }
            let page = browser.get(&world.request(PROGRAM, &[])).await;
            let (node, actor, id) = (world.server.open_node().await, Actor::admin(), world.client_id());
            let elsewhere = world.document(|document| document["redirect_uris"] = json!(["https://other.example/cb"]));
            let answer = stopped(&world.server.idp, browser.press(&page, "yes"), async {
                match forbids {
                    Forbids::HostBlocked => drop(node.list_host(&actor, "localhost", false).await.unwrap()),
                    Forbids::DocumentPut => {
                        node.put_document(&actor, &world.id(), &elsewhere.to_string()).await.unwrap()
                    }
                    Forbids::Disabled => {
                        let client = node.get_client(&id).await.unwrap().client;
                        let draft = ClientDraft { enabled: false, ..ClientDraft::from(&client) };
                        let change = ClientChange { client: Some(draft), ..ClientChange::default() };
                        node.update_client(&actor, &id, None, &change).await.unwrap();
                    }
                }
            });
            let answer = answer.await;
            assert_eq!(
                answer.status,
                StatusCode::BAD_REQUEST,
                "{kind:?} {forbids:?} {is_known}: {}",
                answer.location()
            );
            let kept = world.server.idp.list_documents().await.unwrap();
            let grants = u64::from(is_known && forbids != Forbids::HostBlocked);
            assert_eq!(kept.iter().map(|row| row.grants).sum::<u64>(), grants, "{kind:?} {forbids:?} {is_known}");
        }
    }
}
