//! Clients whose keys cannot be had, or do not fit: they are told so before anything is spent.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::site::{Authority, Reply, TestSite};
use serde_json::{Value, json};

use super::{Reader, Readers, change};
use crate::assertion::Key;
use crate::browser::Browser;
use crate::concurrency::on_every_database;
use crate::server::{CALLBACK, Server, text};

on_every_database!(a_code_is_not_spent_for_an_answer_that_cannot_be_encrypted);

/// The client `web` with keys at an address.
struct World {
    server: Server,
    site: TestSite,
    reply: Arc<Mutex<Reply>>,
}

impl World {
    async fn of(server: Server, messages: &[&str]) -> Self {
        let authority = Authority::default();
        let reply = Arc::new(Mutex::new(Reply::with("HTTP/1.1 500 Oops", "")));
        let shown = reply.clone();
        let site = TestSite::start(&authority, move |_| shown.lock().unwrap().clone()).await;
        let server = server.asking(site.options(&authority)).await;
        change(&server, "web", json!({ "jwks_uri": site.url("/jwks") })).await;
        for message in messages {
            super::encrypt(&server, message, "ECDH-ES", "A128GCM").await;
        }
        Self { server, site, reply }
    }

    /// Puts something at the address, from now on, which is looked at again.
    fn publish(&self, keys: &[Value]) {
        self.publish_within(keys, 60);
    }

    fn publish_within(&self, keys: &[Value], seconds: i64) {
        *self.reply.lock().unwrap() = Reply::json(&json!({ "keys": keys }));
        self.server.clock.advance(seconds);
    }
}

async fn a_code_is_not_spent_for_an_answer_that_cannot_be_encrypted(server: Server) {
    let world = World::of(server, &["id_token"]).await;
    let (server, readers) = (&world.server, Readers::new());
    let mut browser = server.signed_in().await;
    let refused = async |code: &str, said: &str| {
        let answer = server.redeem(code).await;
        assert_eq!(answer.error(), (503, "temporarily_unavailable".to_owned()), "{}", answer.body);
        assert!(answer.body.contains(said), "{}", answer.body);
    };
    refused(&browser.authorize(&[]).await, "jwks_uri").await;
    // Keys that do not fit: one that signs, and one of another kind.
    world.publish(&[readers.ec.public_for("sig"), readers.rsa.public()]);
    refused(&browser.authorize(&[]).await, "no key for the algorithm").await;
    server.clock.advance(1);
    let code = browser.authorize(&[]).await;
    refused(&code, "no key for the algorithm").await;
    world.publish_within(&[readers.rsa.public(), readers.ec.public()], 59);
    let tokens = server.redeem(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "the code was not spent: {}", tokens.body);
    readers.nested(text(&tokens.json(), "id_token"), "ECDH-ES", "A128GCM");
    // Nor is a refresh token.
    let tokens = server.tokens("openid offline_access").await;
    world.publish(&[readers.rsa.public()]);
    server.clock.advance(4_000);
    let answer = server.refresh(&tokens).await;
    assert_eq!(answer.error(), (503, "temporarily_unavailable".to_owned()), "{}", answer.body);
    world.publish(&[readers.ec.public()]);
    let again = server.refresh(&tokens).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_ne!(again.json()["refresh_token"], tokens["refresh_token"], "that was its first use");
    // A client that asks for no ID token needs no key.
    world.publish(&[readers.rsa.public()]);
    server.clock.advance(90_000);
    let tokens = server.tokens("email").await;
    assert!(tokens.get("id_token").is_none());
}

#[tokio::test]
async fn an_authorization_that_cannot_be_answered_is_explained_to_the_person() {
    let world = World::of(Server::start().await, &["authorization"]).await;
    let server = &world.server;
    let mut browser = server.signed_in().await;
    browser.authorize(&[]).await;
    let ec = Reader::ec("a");
    world.publish(&[ec.public_for("sig")]);
    for prompt in ["", "none login"] {
        let page = browser.get(&Browser::request(&[("response_mode", "jwt"), ("prompt", prompt)])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.location());
        assert!(page.body.contains("The application cannot be answered"), "{}", page.body);
    }
    // A pushed request is not spent.
    let auth = format!("web:{}", crate::server::SECRET);
    let request =
        [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid"), ("response_mode", "jwt")];
    let pushed = server.post("/par", Some(&auth), &request).await.json();
    let address = format!(
        "/authorize?{}",
        crate::server::encode(&[("client_id", "web"), ("request_uri", text(&pushed, "request_uri"))])
    );
    assert_eq!(browser.get(&address).await.status, StatusCode::BAD_REQUEST);
    world.publish(&[ec.public()]);
    let answer = browser.get(&address).await;
    let (_, jwt) = ec.open(&answer.query().text("response"));
    let claims = crate::server::claims(&jwt);
    assert_eq!(server.redeem(text(&claims, "code")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn userinfo_and_introspection_say_that_there_is_no_key() {
    let world = World::of(Server::start().await, &["userinfo", "introspection"]).await;
    let server = &world.server;
    let tokens = server.tokens("openid").await;
    let token = text(&tokens, "access_token");
    let refused = server.userinfo(token).await;
    assert_eq!(refused.error(), (503, "temporarily_unavailable".to_owned()), "{}", refused.body);
    let asked = super::answers::introspect(server, "application/token-introspection+jwt", token).await;
    assert_eq!(asked.error(), (503, "temporarily_unavailable".to_owned()), "{}", asked.body);
    assert_eq!(server.introspect(token).await["active"], true, "plain JSON needs no key");
    let ec = Reader::ec("a");
    world.publish(&[ec.public()]);
    ec.open(&server.userinfo(token).await.body);
}

#[tokio::test]
async fn a_set_at_an_address_is_looked_at_again_for_a_key_and_then_believed_for_an_hour() {
    let world = World::of(Server::start().await, &["userinfo"]).await;
    let server = &world.server;
    let (first, second) = (Reader::ec("first"), Reader::ec("second"));
    world.publish(&[first.public()]);
    let tokens = server.tokens("openid").await;
    first.open(&server.userinfo(text(&tokens, "access_token")).await.body);
    let hits = world.site.hits();
    world.publish_within(&[second.public()], 3_599);
    first.open(&server.userinfo(text(&tokens, "access_token")).await.body);
    assert_eq!(world.site.hits(), hits);
    server.clock.advance(1);
    let tokens = server.tokens("openid").await;
    second.open(&server.userinfo(text(&tokens, "access_token")).await.body);
    assert_eq!(world.site.hits(), hits + 1);
    // A key that is for nothing else goes before one that is for anything.
    world.publish_within(&[first.public(), second.public_for("enc"), Key::new("c").set()["keys"][0].clone()], 4_000);
    let tokens = server.tokens("openid").await;
    second.open(&server.userinfo(text(&tokens, "access_token")).await.body);
}
