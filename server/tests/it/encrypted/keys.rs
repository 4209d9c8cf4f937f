//! The key to which clients encrypt their requests: made once, replaced by the calendar or by hand, and deleted.

use axum::http::StatusCode;
use futures::future::join_all;
use idp::ENCRYPTION_KEY_RETIRING;
use idp::testing::site::{Authority, TestSite};
use serde_json::{Map, Value, json};

use super::requests::{Sealing, published};
use crate::admin_api::{get, post};
use crate::assertion::Key;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, ISSUER, Server, encode, text};

on_every_database!(
    nodes_that_start_at_once_make_one_key,
    a_key_is_replaced_when_its_time_has_come_and_decrypts_a_little_longer,
    a_key_that_became_known_is_deleted,
);

/// A server with the client `signer`, and a request of it at any time.
async fn sign(server: &Server, key: &Key) -> String {
    let now = server.clock.now().0;
    let claims = json!({
        "iss": "signer", "aud": ISSUER, "exp": now + 300, "client_id": "signer", "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid", "state": "s-1",
    });
    let claims: Map<String, Value> = claims.as_object().unwrap().clone();
    key.sign(claims)
}

async fn create_signer(server: &Server, key: &Key) {
    server.create_client(oauth::client::ClientKind::Web, "signer", |draft, _| draft.jwks = key.set().to_string()).await;
}

/// The answer to a request that was encrypted so: the name of its error, or nothing.
async fn asked(server: &Server, object: &str) -> String {
    let fields = [("client_id", "signer"), ("request", object), ("redirect_uri", CALLBACK)];
    let answer = server.browser().get(&format!("/authorize?{}", encode(&fields))).await;
    if answer.location().starts_with("/login") { String::new() } else { answer.query().text("error") }
}

async fn kept(server: &Server) -> usize {
    let listed = get(server, "/admin/keys").await.json();
    listed.as_array().unwrap().iter().filter(|key| key["use"] == "enc").count()
}

async fn nodes_that_start_at_once_make_one_key(server: Server) {
    for sql in ["DELETE FROM encryption_key", "DELETE FROM setting WHERE name = 'encryption_keys_lock'"] {
        idp::testing::execute(server.database.url(), sql).await;
    }
    let nodes = join_all((0..6).map(|_| server.open_node())).await;
    let first = nodes[0].keyring().encryption_key().cloned().unwrap();
    for node in &nodes {
        node.reload_keyring().await.unwrap();
        assert_eq!(node.keyring().encryption_keys(), std::slice::from_ref(&first));
    }
    let public = published(&server.on(&nodes[1])).await;
    assert_eq!(public["kid"], first.kid);
    let mut names: Vec<_> = public.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["crv", "kid", "kty", "use", "x", "y"], "nothing private, and no one algorithm");
}

async fn a_key_is_replaced_when_its_time_has_come_and_decrypts_a_little_longer(server: Server) {
    let key = Key::new("a");
    create_signer(&server, &key).await;
    let old = Sealing::to(&server).await;
    let period = 90 * 86_400;
    server.clock.advance(period - 1);
    server.idp.advance_keys().await.unwrap();
    assert_eq!(published(&server).await["kid"], old.key["kid"]);
    server.clock.advance(1);
    let nodes = join_all((0..3).map(|_| server.open_node())).await;
    join_all(nodes.iter().map(idp::Idp::advance_keys)).await.into_iter().for_each(Result::unwrap);
    server.idp.reload_keyring().await.unwrap();
    let new = Sealing::to(&server).await;
    assert_ne!(new.key["kid"], old.key["kid"]);
    assert_eq!(kept(&server).await, 2);
    for sealing in [&old, &new] {
        assert_eq!(asked(&server, &sealing.seal(&sign(&server, &key).await)).await, "");
    }
    server.clock.advance(ENCRYPTION_KEY_RETIRING);
    assert_eq!(asked(&server, &old.seal(&sign(&server, &key).await)).await, "invalid_request_object");
    assert_eq!(asked(&server, &new.seal(&sign(&server, &key).await)).await, "");
    server.idp.advance_keys().await.unwrap();
    assert_eq!(kept(&server).await, 1, "its private half is gone");
    let restarted = server.restart().await;
    assert_eq!(published(&restarted).await, new.key);
    assert_eq!(asked(&restarted, &new.seal(&sign(&restarted, &key).await)).await, "");
}

async fn a_key_that_became_known_is_deleted(server: Server) {
    let key = Key::new("a");
    create_signer(&server, &key).await;
    let first = Sealing::to(&server).await;
    let rotate =
        async |kid: &Value| post(&server, &format!("/admin/keys/{}/rotate", kid.as_str().unwrap()), json!({})).await;
    let rotated = rotate(&first.key["kid"]).await;
    assert_eq!((rotated.status, &rotated.json()["rotated"]), (StatusCode::OK, &json!(true)), "{}", rotated.body);
    let second = Sealing::to(&server).await;
    assert_eq!(rotated.json()["kid"], second.key["kid"]);
    // Once more names a key that is not published any more.
    let again = rotate(&first.key["kid"]).await.json();
    assert_eq!((&again["rotated"], &again["kid"]), (&json!(true), &second.key["kid"]));
    assert_eq!(kept(&server).await, 2);
    let mut console = server.console().await;
    for (sealing, left) in [(&first, 1), (&second, 1)] {
        let kid = text(&sealing.key, "kid");
        let page = console.get(&format!("/admin/ui/keys/withdraw?kid={kid}")).await;
        assert!(page.body.contains("encrypted to it"), "{}", page.body);
        let done = console.post("/admin/ui/keys/withdraw", &[("kid", kid)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert_eq!(kept(&server).await, left);
        let gone = post(&server, &format!("/admin/keys/{kid}/withdraw"), json!({})).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert_eq!(asked(&server, &sealing.seal(&sign(&server, &key).await)).await, "invalid_request_object");
    }
    let third = Sealing::to(&server).await;
    assert_eq!(asked(&server, &third.seal(&sign(&server, &key).await)).await, "");
    let history = console.get("/admin/ui/keys/history").await.body;
    assert!(history.contains(text(&second.key, "kid")), "{history}");
}

#[tokio::test]
async fn the_private_half_never_leaves_the_server() {
    let server = Server::start().await;
    let (authority, _) = (Authority::default(), ());
    let site = TestSite::start(&authority, |_| idp::testing::site::Reply::json(&json!({}))).await;
    let server = server.asking(site.options(&authority)).await;
    let bytes = server.database_bytes();
    let public = published(&server).await;
    let kid = text(&public, "kid").as_bytes();
    assert!(bytes.windows(kid.len()).any(|window| window == kid));
    assert!(!bytes.windows(5).any(|window| window == b"\"d\":\""), "it is sealed");
    let listed = get(&server, "/admin/keys").await;
    assert!(!listed.body.contains("\"d\"") && listed.body.contains("\"enc\""), "{}", listed.body);
}
