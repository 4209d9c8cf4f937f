//! The life of signing keys by the calendar, on each database.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::{Actor, KeyState};
use oauth::jose::SigningAlg;
use serde_json::Value;

use crate::server::{Server, jwt_header, text};

crate::concurrency::on_every_database!(
    a_key_is_next_then_active_then_retiring_then_gone,
    of_several_nodes_one_takes_each_step,
    a_rotation_by_hand_takes_the_next_key_once_clients_know_it,
    two_rotations_at_once_replace_the_key_and_the_calendar_goes_on,
    a_next_key_that_came_late_waits_its_time,
    keys_of_an_older_schema_go_on,
);

const DAY: i64 = 86_400;
const ES256: SigningAlg = SigningAlg::ES256;

/// The IDs of the published keys of ES256, as clients see them.
async fn published(server: &Server) -> Vec<String> {
    let jwks = server.browser().get("/.well-known/jwks.json").await.json();
    let keys = jwks["keys"].as_array().unwrap().iter().filter(|key| key["alg"] == "ES256");
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The key that signs with ES256.
fn signing(idp: &idp::Idp) -> String {
    let jwt = idp.keyring().sign(ES256, None, b"{}").unwrap();
    jwt_header(&jwt)["kid"].as_str().unwrap().to_owned()
}

/// Lets `days` pass, and the minute come in which the calendar is looked at.
async fn pass(server: &Server, days: i64) {
    server.clock.advance(days * DAY);
    server.idp.advance_keys().await.unwrap();
}

/// Keys by state, all of them: each algorithm has the same life.
fn count(idp: &idp::Idp, state: KeyState) -> usize {
    idp.keyring().keys().iter().filter(|key| key.state == state).count()
}

async fn a_key_is_next_then_active_then_retiring_then_gone(server: Server) {
    let first = signing(&server.idp);
    pass(&server, 82).await;
    assert_eq!(published(&server).await, std::slice::from_ref(&first));
    pass(&server, 1).await;
    // A week before it signs, everybody can see it.
    let both = published(&server).await;
    assert_eq!((both.len(), &both[0]), (2, &first));
    let second = both[1].clone();
    let next = server.idp.keyring().find_key(ES256, KeyState::Next).unwrap().clone();
    assert_eq!(server.idp.next_step(&next), Some(server.clock.now().plus(7 * DAY)));
    let page = server.console().await.get("/admin/ui/keys").await;
    assert!(page.body.contains("becomes active") && page.body.contains("in 7 d"), "{}", page.body);
    pass(&server, 6).await;
    assert_eq!((signing(&server.idp), published(&server).await), (first.clone(), both));
    let signed = server.idp.keyring().sign(ES256, None, b"{}").unwrap();
    pass(&server, 1).await;
    assert_eq!(signing(&server.idp), second);
    assert_eq!(published(&server).await, [second.clone(), first.clone()]);
    let page = server.console().await.get("/admin/ui/keys").await;
    assert!(page.body.contains("safe to remove"), "{}", page.body);
    // What the first key signed is believed for 31 days.
    pass(&server, 30).await;
    assert!(server.idp.keyring().verify(&signed).is_some());
    assert_eq!(count(&server.idp, KeyState::Retiring), 3);
    pass(&server, 1).await;
    assert_eq!((published(&server).await, server.idp.keyring().verify(&signed)), (vec![second], None));
    assert_eq!(count(&server.idp, KeyState::Retired), 3);
    // It is remembered for a year, and replaced by others meanwhile.
    pass(&server, 365).await;
    assert!(!server.idp.keyring().keys().iter().any(|key| key.kid == first));
}

async fn of_several_nodes_one_takes_each_step(server: Server) {
    let mut nodes = vec![server.idp.clone()];
    for _ in 0..3 {
        nodes.push(server.open_node().await);
    }
    let everyone = async || {
        join_all(nodes.iter().map(idp::Idp::advance_keys)).await.into_iter().for_each(Result::unwrap);
        join_all(nodes.iter().map(idp::Idp::reload_keyring)).await.into_iter().for_each(Result::unwrap);
    };
    server.clock.advance(83 * DAY);
    everyone().await;
    for (state, keys) in [(KeyState::Active, 3), (KeyState::Next, 3), (KeyState::Retiring, 0)] {
        assert_eq!(nodes.iter().map(|node| count(node, state)).collect::<Vec<_>>(), [keys; 4], "{state:?}");
    }
    let next = server.idp.keyring().find_key(ES256, KeyState::Next).unwrap().kid.clone();
    server.clock.advance(7 * DAY);
    everyone().await;
    for (state, keys) in [(KeyState::Active, 3), (KeyState::Next, 0), (KeyState::Retiring, 3)] {
        assert_eq!(nodes.iter().map(|node| count(node, state)).collect::<Vec<_>>(), [keys; 4], "{state:?}");
    }
    assert!(nodes.iter().all(|node| signing(node) == next));
}

async fn a_rotation_by_hand_takes_the_next_key_once_clients_know_it(server: Server) {
    let rotate = async || server.idp.rotate_key(&Actor::admin(), ES256).await.unwrap();
    pass(&server, 83).await;
    let next = published(&server).await[1].clone();
    // It was made a moment ago: a key that nobody has seen might as well be one that nobody else had in hand.
    let made = rotate().await;
    assert_eq!(signing(&server.idp), made);
    assert_ne!(made, next);
    assert_eq!(count(&server.idp, KeyState::Next), 3);
    server.clock.advance(DAY);
    assert_eq!((rotate().await, signing(&server.idp)), (next.clone(), next.clone()));
    let again = rotate().await;
    assert_ne!(again, next);
    assert_eq!(published(&server).await.len(), 4, "all that signed are still published");
    // The calendar counts from the rotation by hand.
    pass(&server, 82).await;
    assert_eq!(server.idp.keyring().find_key(ES256, KeyState::Next), None);
    pass(&server, 1).await;
    assert!(server.idp.keyring().find_key(ES256, KeyState::Next).is_some());
    pass(&server, 7).await;
    assert_ne!(signing(&server.idp), again);
}

async fn two_rotations_at_once_replace_the_key_and_the_calendar_goes_on(server: Server) {
    let other = server.open_node().await;
    pass(&server, 84).await;
    server.clock.advance(DAY);
    let next = server.idp.keyring().find_key(ES256, KeyState::Next).unwrap().kid.clone();
    let rotations = [&server.idp, &other].map(async |node| node.rotate_key(&Actor::admin(), ES256).await.unwrap());
    assert_eq!(join_all(rotations).await.len(), 2);
    server.idp.reload_keyring().await.unwrap();
    let keyring = server.idp.keyring();
    let active = keyring.keys().iter().filter(|key| key.alg == ES256 && key.state == KeyState::Active);
    assert_eq!(active.count(), 1);
    assert!(published(&server).await.contains(&next));
    // A next key is published, and comes to sign.
    pass(&server, 83).await;
    let next = server.idp.keyring().find_key(ES256, KeyState::Next).unwrap().kid.clone();
    pass(&server, 7).await;
    assert_eq!(signing(&server.idp), next);
}

async fn a_next_key_that_came_late_waits_its_time(server: Server) {
    let first = signing(&server.idp);
    // The server was down for a year.
    pass(&server, 365).await;
    assert_eq!(published(&server).await.len(), 2);
    pass(&server, 6).await;
    assert_eq!(signing(&server.idp), first);
    pass(&server, 1).await;
    assert_ne!(signing(&server.idp), first);
}

/// The database as the first version left it.
async fn keys_of_an_older_schema_go_on(server: Server) {
    let tokens = server.tokens("openid").await;
    let first = signing(&server.idp);
    for sql in [
        "ALTER TABLE signing_key DROP COLUMN activated_at",
        "ALTER TABLE signing_key DROP COLUMN successor",
        "DELETE FROM seaql_migrations WHERE version = 'm20261123_000002_key_schedule'",
    ] {
        idp::testing::execute(server.database.url(), sql).await;
    }
    let upgraded = server.open_node().await;
    assert_eq!(signing(&upgraded), first);
    assert!(upgraded.keyring().verify(text(&tokens, "id_token")).is_some());
    server.clock.advance(83 * DAY);
    upgraded.advance_keys().await.unwrap();
    server.clock.advance(7 * DAY);
    upgraded.advance_keys().await.unwrap();
    assert_ne!(signing(&upgraded), first);
    assert!(upgraded.keyring().verify(text(&tokens, "id_token")).is_some());
}

#[tokio::test]
async fn the_admin_api_names_the_key_that_signs() {
    let server = Server::start().await;
    pass(&server, 83).await;
    server.clock.advance(2 * DAY);
    let next = server.idp.keyring().find_key(SigningAlg::RS256, KeyState::Next).unwrap().kid.clone();
    let request = axum::http::Request::post("/admin/rotate_jwk").header("x-admin-token", crate::server::ADMIN_TOKEN);
    let answer = server.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["kid"], Value::from(next));
}
