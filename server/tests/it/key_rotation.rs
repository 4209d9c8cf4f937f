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
    twelve_rotations_at_once_make_one_key,
    nodes_that_start_at_once_make_one_key_of_each_algorithm,
    a_withdrawn_key_verifies_nothing_and_never_comes_back,
    a_next_key_that_is_withdrawn_is_made_again,
    of_rotations_and_withdrawals_at_once_one_key_is_left_to_sign,
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
    let rotate = async || {
        let replaced = server.idp.signing_kid(ES256).unwrap();
        server.idp.rotate_key(&Actor::admin(), ES256, &replaced).await.unwrap()
    };
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
    let first = signing(&server.idp);
    let nodes = [&server.idp, &other];
    let rotations = nodes.map(async |node| node.rotate_key(&Actor::admin(), ES256, &first).await.unwrap());
    assert_eq!(join_all(rotations).await, [next.clone(), next.clone()]);
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

async fn twelve_rotations_at_once_make_one_key(server: Server) {
    let other = server.open_node().await;
    let all = async |nodes: [&idp::Idp; 2]| {
        let (actor, replaced) = (Actor::admin(), signing(nodes[0]));
        let rotations = (0..12).map(|number| nodes[number % 2].rotate_key(&actor, ES256, &replaced));
        let mut kids: Vec<String> = join_all(rotations).await.into_iter().map(Result::unwrap).collect();
        kids.dedup();
        assert_eq!(kids.len(), 1, "{kids:?}");
        for node in nodes {
            node.reload_keyring().await.unwrap();
            assert_eq!(signing(node), kids[0]);
        }
    };
    all([&server.idp, &other]).await;
    assert_eq!(published(&server).await.len(), 2);
    // The next one, too, is taken once.
    pass(&server, 84).await;
    all([&server.idp, &other]).await;
    assert_eq!(count(&server.idp, KeyState::Active), 3);
}

async fn nodes_that_start_at_once_make_one_key_of_each_algorithm(server: Server) {
    // What a fresh database looks like to those who start.
    idp::testing::execute(server.database.url(), "DELETE FROM signing_key").await;
    idp::testing::execute(server.database.url(), "DELETE FROM setting WHERE name = 'signing_keys_lock'").await;
    let nodes = join_all((0..5).map(|_| server.open_node())).await;
    for node in &nodes {
        node.reload_keyring().await.unwrap();
        assert_eq!(node.keyring().keys().len(), 3);
        assert_eq!(count(node, KeyState::Active), 3);
        assert_eq!(signing(node), signing(&nodes[0]));
    }
}

async fn a_withdrawn_key_verifies_nothing_and_never_comes_back(server: Server) {
    let other = server.open_node().await;
    pass(&server, 84).await;
    let (first, next) = (signing(&server.idp), published(&server).await[1].clone());
    let jwt = server.idp.keyring().sign(ES256, None, b"{}").unwrap();
    let nodes = [&server.idp, &other];
    let withdrawn = join_all(nodes.map(async |node| node.withdraw_key(&Actor::admin(), &first).await)).await;
    assert!(withdrawn.iter().all(Result::is_ok), "{withdrawn:?}");
    for node in [&server.idp, &other] {
        node.reload_keyring().await.unwrap();
        assert_eq!(node.keyring().verify(&jwt), None);
        let signs = signing(node);
        assert!(signs != first && signs != next, "a new key signs");
        assert_eq!(count(node, KeyState::Active), 3);
    }
    assert!(!published(&server).await.contains(&first));
    assert!(published(&server).await.contains(&next));
    let state = || server.idp.keyring().keys().iter().find(|key| key.kid == first).map(|key| key.state);
    pass(&server, 800).await;
    server.idp.reload_keyring().await.unwrap();
    assert_eq!(state(), Some(KeyState::Withdrawn), "it is remembered for ever");
    assert_eq!(
        server.idp.withdraw_key(&Actor::admin(), "nobody's").await.unwrap_err().to_string(),
        "there is nothing under that name"
    );
}

async fn a_next_key_that_is_withdrawn_is_made_again(server: Server) {
    pass(&server, 84).await;
    let (first, next) = (signing(&server.idp), published(&server).await[1].clone());
    server.idp.withdraw_key(&Actor::admin(), &next).await.unwrap();
    assert_eq!(published(&server).await, std::slice::from_ref(&first));
    pass(&server, 0).await;
    let again = published(&server).await;
    assert_eq!((again.len(), &again[0]), (2, &first));
    assert_ne!(again[1], next);
    pass(&server, 7).await;
    assert_eq!(signing(&server.idp), again[1]);
}

async fn of_rotations_and_withdrawals_at_once_one_key_is_left_to_sign(server: Server) {
    let other = server.open_node().await;
    for _ in 0..3 {
        let first = signing(&server.idp);
        let acts = (0..8).map(async |number| {
            let node = if number % 2 == 0 { &server.idp } else { &other };
            match number % 4 {
                0 | 1 => node.rotate_key(&Actor::admin(), ES256, &first).await.map(drop),
                _ => node.withdraw_key(&Actor::admin(), &first).await,
            }
        });
        assert!(join_all(acts).await.iter().all(Result::is_ok));
        for node in [&server.idp, &other] {
            node.reload_keyring().await.unwrap();
            assert_eq!(count(node, KeyState::Active), 3);
            assert_ne!(signing(node), first);
        }
        assert!(!published(&server).await.contains(&first));
    }
}

/// Calls the admin API with the token.
async fn call(server: &Server, path: &str) -> crate::browser::Answer {
    let request = axum::http::Request::post(path).header("x-admin-token", crate::server::ADMIN_TOKEN);
    server.send(request.body(axum::body::Body::empty()).unwrap()).await
}

#[tokio::test]
async fn twelve_calls_of_the_admin_api_at_once_make_one_key() {
    let server = Server::start().await;
    let before = count(&server.idp, KeyState::Retiring);
    let answers = join_all((0..12).map(|_| call(&server, "/admin/rotate_jwk"))).await;
    let kids: Vec<Value> = answers.iter().map(|answer| answer.json()["kid"].clone()).collect();
    assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    assert_eq!(count(&server.idp, KeyState::Retiring), before + 1);
    let again = call(&server, "/admin/rotate_jwk").await.json();
    assert_ne!(again["kid"], kids[0], "the next call is another one");
}

#[tokio::test]
async fn tokens_of_a_withdrawn_key_are_refused_at_once() {
    let server = Server::start().await;
    let draft = |policy: &mut oauth::client::PolicyDraft| policy.token_format = "jwt".to_owned();
    server.create_client(oauth::client::ClientKind::Machine, "jwt", |_, policy| draft(policy)).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "email")];
    let auth = format!("jwt:{}", crate::server::SECRET);
    let ask = async || server.post("/token", Some(&auth), &fields).await.json();
    let introspect = async |token: &Value| {
        let fields = [("token", token["access_token"].as_str().unwrap())];
        server.post("/introspect", Some(&auth), &fields).await.json()["active"].clone()
    };
    let token = ask().await;
    let kid = jwt_header(text(&token, "access_token"))["kid"].as_str().unwrap().to_owned();
    assert_eq!(introspect(&token).await, true);
    let answer = call(&server, &format!("/admin/keys/{kid}/withdraw")).await;
    assert_eq!((answer.status, answer.json()["kid"].as_str()), (StatusCode::OK, Some(kid.as_str())));
    assert_eq!(introspect(&token).await, false);
    assert_eq!(introspect(&ask().await).await, true);
    assert_eq!(call(&server, "/admin/keys/nobody/withdraw").await.status, StatusCode::NOT_FOUND);
    assert_eq!(call(&server, "/admin/keys/%ff/withdraw").await.status, StatusCode::NOT_FOUND);
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
