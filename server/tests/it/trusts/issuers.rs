//! The keys of an issuer, found by its metadata.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::testing::site::{Authority, Reply, TestSite};
use oauth::trust::TrustKind;
use serde_json::{Value, json};

use super::{World, add, refused};
use crate::assertion::Key;
use crate::server::Server;

/// An issuer that answers what the test says, by the path of a request.
struct Issuer {
    site: TestSite,
    answers: Arc<Mutex<Vec<(&'static str, Reply)>>>,
}

impl Issuer {
    async fn start(authority: &Authority) -> Self {
        let answers: Arc<Mutex<Vec<(&'static str, Reply)>>> = Arc::default();
        let given = answers.clone();
        let site = TestSite::start(authority, move |path| {
            let answers = given.lock().unwrap();
            let found = answers.iter().find(|(at, _)| *at == path).map(|(_, reply)| reply.clone());
            found.unwrap_or_else(|| Reply::with("HTTP/1.1 404 Not Found", ""))
        })
        .await;
        Self { site, answers }
    }

    fn answer(&self, path: &'static str, value: &Value) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(at, _)| *at != path);
        answers.push((path, Reply::json(value)));
    }

    fn silence(&self) {
        self.answers.lock().unwrap().clear();
    }

    fn metadata(&self, issuer: &str) -> Value {
        json!({ "issuer": issuer, "jwks_uri": self.site.url("/keys"), "other": "x".repeat(20_000) })
    }
}

const OPENID: &str = "/.well-known/openid-configuration";

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_found_by_the_metadata_of_the_issuer_and_roll() {
    let authority = Authority::default();
    let issuer = Issuer::start(&authority).await;
    let world = World::of(Server::start().await.asking(issuer.site.options(&authority)).await).await;
    let name = issuer.site.url("");
    let trust = add(&world.server, TrustKind::IdentityProvider, |draft| {
        draft.issuer.clone_from(&name);
        draft.accounts = "verified_email".into();
    })
    .await;
    let assertion = |jti: &str| world.identity(jti, "iss", json!(name));
    let unavailable = (503, "temporarily_unavailable".to_owned());
    assert_eq!(world.bring(&assertion("1"), &[]).await.error(), unavailable, "there is no metadata");
    let look = async || world.server.idp.look_for_keys(&trust).await.unwrap();
    assert!(look().await.unwrap_err().contains("404"));
    // Nobody speaks for another issuer.
    issuer.answer("/.well-known/oauth-authorization-server", &issuer.metadata("https://evil.example"));
    assert!(look().await.unwrap_err().contains("evil.example"));
    issuer.answer("/keys", &world.key.set());
    world.server.clock.advance(11);
    assert_eq!(world.bring(&assertion("1"), &[]).await.error(), unavailable);
    issuer.answer(OPENID, &issuer.metadata(&name));
    assert_eq!(look().await, Ok(1));
    world.server.clock.advance(11);
    let before = issuer.site.hits();
    assert_eq!(world.bring(&assertion("1"), &[]).await.status, StatusCode::OK, "nothing was spent before");
    assert_eq!(world.bring(&assertion("2"), &[]).await.status, StatusCode::OK);
    assert_eq!(issuer.site.hits() - before, 2, "the metadata and the keys, once");
    // Another key takes over.
    let new = Key::new("new");
    let rolled = |jti: &str| {
        let claims = crate::server::claims(&assertion(jti)).as_object().unwrap().clone();
        new.sign_as(Some(super::ID_JAG), claims)
    };
    refused(&world.bring(&rolled("3"), &[]).await, "no key");
    issuer.answer("/keys", &new.set());
    world.server.clock.advance(61);
    assert_eq!(world.bring(&rolled("3"), &[]).await.status, StatusCode::OK);
    // The issuer is away for a while.
    issuer.silence();
    world.server.clock.advance(2 * 3_600);
    assert_eq!(world.bring(&rolled("4"), &[]).await.status, StatusCode::OK, "what was found last serves");
    world.server.clock.advance(2 * 86_400);
    assert_eq!(world.bring(&rolled("5"), &[]).await.error(), unavailable);
}

#[tokio::test]
async fn nothing_is_asked_of_an_issuer_that_nobody_trusts() {
    let authority = Authority::default();
    let issuer = Issuer::start(&authority).await;
    let world = World::of(Server::start().await.asking(issuer.site.options(&authority)).await).await;
    let name = issuer.site.url("");
    refused(&world.bring(&world.identity("1", "iss", json!(name)), &[]).await, "not trusted");
    refused(&world.say(&world.workload("1", "iss", json!(name)), &[]).await, "does not take it");
    assert_eq!(issuer.site.hits(), 0);
    // An assertion that could never count makes nobody look, either.
    add(&world.server, TrustKind::IdentityProvider, |draft| draft.issuer.clone_from(&name)).await;
    let late = world.key.sign_as(Some(super::ID_JAG), {
        let claims = json!({ "iss": name, "sub": "a", "aud": "https://elsewhere.example" });
        claims.as_object().unwrap().clone()
    });
    refused(&world.bring(&late, &[]).await, "aud");
    assert_eq!(issuer.site.hits(), 0);
}
