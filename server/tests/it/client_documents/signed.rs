//! Agents that sign (`private_key_jwt`), with the keys that their document names.

use axum::http::StatusCode;
use idp::testing::Kind;
use idp::testing::site::Reply;
use oauth::client::ClientAuthMethod;
use serde_json::{Value, json};

use super::{PROGRAM, SITE, World};
use crate::assertion::{JWT_BEARER, Key};
use crate::browser::Answer;
use crate::server::{ISSUER, START, VERIFIER};

/// Seconds.
const HOUR: i64 = 3_600;

impl World {
    /// The document of an agent that signs with a key at `/jwks`.
    fn publish_signer(&self, key: &Key, change: impl FnOnce(&mut Value)) {
        *self.keys() = Reply::json(&key.set());
        self.publish(|document| {
            document["token_endpoint_auth_method"] = json!("private_key_jwt");
            document["jwks_uri"] = json!(self.site.url("/jwks"));
            change(document);
        });
    }

    /// A request of the agent at `/token`, signed; `client_id` is in the assertion only.
    async fn signed(&self, key: &Key, jti: &str, fields: &[(&str, &str)]) -> Answer {
        let (id, now) = (self.id(), self.server.idp.now().0);
        assert!(now >= START);
        let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": now + 300, "jti": jti });
        let assertion = key.sign(claims.as_object().unwrap().clone());
        let own = [("client_assertion_type", JWT_BEARER), ("client_assertion", &assertion)];
        self.server.post("/token", None, &[&own[..], fields].concat()).await
    }

    async fn redeem_signed(&self, key: &Key, jti: &str, answer: &Answer, redirect_uri: &str) -> Answer {
        let code = answer.query().text("code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.signed(key, jti, &fields).await
    }

    async fn refresh_signed(&self, key: &Key, jti: &str, tokens: &Value) -> Answer {
        let token = tokens["refresh_token"].as_str().unwrap();
        self.signed(key, jti, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

fn refused(answer: &Answer) {
    assert_eq!(answer.error(), (401, "invalid_client".to_owned()), "{}", answer.body);
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.error(), (503, "temporarily_unavailable".to_owned()), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_prefers_to_sign_signs_and_nobody_takes_its_place() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let key = Key::new("a");
        // As ChatGPT does: it prefers to sign, and could do without.
        world.publish_signer(&key, |document| {
            document["token_endpoint_auth_methods_supported"] = json!(["none", "private_key_jwt"]);
            document["token_endpoint_auth_signing_alg"] = json!("ES256");
        });
        let mut browser = world.server.signed_in().await;
        let answer = world.allow(&mut browser, SITE).await;
        refused(&world.redeem(&answer, SITE).await);
        refused(&world.redeem_signed(&Key::new("a"), "0", &answer, SITE).await);
        let tokens = world.redeem_signed(&key, "1", &answer, SITE).await;
        assert_eq!(tokens.status, StatusCode::OK, "{kind:?}: {}", tokens.body);
        let tokens = tokens.json();
        refused(&world.refresh(&tokens).await);
        refused(&world.refresh_signed(&key, "1", &tokens).await);
        let refreshed = world.refresh_signed(&key, "2", &tokens).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{kind:?}: {}", refreshed.body);
        let record = world.server.idp.get_client(&world.client_id()).await.unwrap();
        assert_eq!(record.client.token_endpoint_auth_method, ClientAuthMethod::PrivateKeyJwt, "{kind:?}");
        // Another client has the same jti.
        let another = world.server.another_node().await;
        assert!(another.idp.find_client(&world.client_id()).await.unwrap().is_some(), "{kind:?}");
    }
}

#[tokio::test]
async fn an_agent_that_proves_itself_is_asked_about_once_even_on_the_computer() {
    let world = World::start().await;
    world.publish_signer(&Key::new("a"), |document| document["redirect_uris"] = json!(["http://localhost/callback"]));
    let mut browser = world.server.signed_in().await;
    world.allow(&mut browser, PROGRAM).await;
    let again = browser.get(&world.request(PROGRAM, &[])).await;
    assert!(!again.query().text("code").is_empty(), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_way_to_prove_itself_ends_all_that_was_allowed() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let key = Key::new("a");
        let mut browser = world.server.signed_in().await;
        let (mut jti, mut held) = (0, Vec::new());
        for signs in [false, true, false] {
            if signs {
                world.publish_signer(&key, |_| {});
            } else {
                world.publish(|_| {});
            }
            world.server.clock.advance(2 * HOUR);
            // A code and a refresh token of before, which nobody redeems.
            let page = browser.get(&world.request(SITE, &[])).await;
            assert_eq!(page.status, StatusCode::OK, "{kind:?} {signs}: {}", page.location());
            let answer = browser.press(&page, "yes").await;
            for (before, tokens) in &held {
                jti += 1;
                let signed = [
                    world.redeem_signed(&key, &format!("{jti} code"), before, SITE).await,
                    world.refresh_signed(&key, &format!("{jti} token"), tokens).await,
                ];
                let unsigned = [world.redeem(before, SITE).await, world.refresh(tokens).await];
                for attempt in signed.iter().chain(&unsigned) {
                    assert!(attempt.status.is_client_error(), "{kind:?} {signs}: {}", attempt.body);
                }
                let right = if signs { signed } else { unsigned };
                assert_eq!(right.map(|answer| answer.error().1), ["invalid_grant", "invalid_grant"], "{kind:?}");
            }
            jti += 1;
            let tokens = if signs {
                world.redeem_signed(&key, &jti.to_string(), &answer, SITE).await
            } else {
                world.redeem(&answer, SITE).await
            };
            assert_eq!(tokens.status, StatusCode::OK, "{kind:?} {signs}: {}", tokens.body);
            // It proves itself as before, so nobody is asked.
            let unspent = browser.get(&world.request(SITE, &[])).await;
            assert!(!unspent.query().text("code").is_empty(), "{kind:?} {signs}: {}", unspent.body);
            held.push((unspent, tokens.json()));
        }
    }
}

#[tokio::test]
async fn keys_roll_at_their_address_and_in_the_document_and_nobody_is_asked() {
    let world = World::start().await;
    let (first, second, third) = (Key::new("a"), Key::new("b"), Key::new("c"));
    world.publish_signer(&first, |_| {});
    let mut browser = world.server.signed_in().await;
    let answer = world.allow(&mut browser, SITE).await;
    let tokens = world.redeem_signed(&first, "1", &answer, SITE).await.json();
    // Another set at the same address.
    world.publish_signer(&second, |_| {});
    world.server.clock.advance(61);
    let tokens = world.refresh_signed(&second, "2", &tokens).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    // The keys move into the document, whose row is that of the first code.
    world.publish(|document| {
        document["token_endpoint_auth_method"] = json!("private_key_jwt");
        document["jwks"] = third.set();
    });
    world.server.clock.advance(61);
    let tokens = world.refresh_signed(&third, "3", &tokens.json()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let hits = world.site.hits();
    refused(&world.refresh_signed(&Key::new("d"), "4", &tokens.json()).await);
    assert_eq!(world.site.hits(), hits, "both places are asked once a minute");
    let again = browser.get(&world.request(SITE, &[])).await;
    assert!(!again.query().text("code").is_empty(), "keys that roll are no reason to ask: {}", again.body);
}

#[tokio::test]
async fn keys_that_cannot_be_had_end_nothing() {
    let world = World::start().await;
    let key = Key::new("a");
    world.publish_signer(&key, |_| {});
    let mut browser = world.server.signed_in().await;
    let answer = world.allow(&mut browser, SITE).await;
    for broken in [
        Reply::with("HTTP/1.1 503 Service Unavailable", ""),
        Reply::json(&json!({ "keys": [] })),
        Reply::ok("application/json", "x".repeat(65 << 10)),
    ] {
        *world.keys() = broken;
        unavailable(&world.redeem_signed(&key, "kept", &answer, SITE).await);
        world.server.clock.advance(61);
    }
    *world.keys() = Reply::json(&key.set());
    let answer = world.allow_again(&mut browser).await;
    let tokens = world.redeem_signed(&key, "kept", &answer, SITE).await;
    assert_eq!(tokens.status, StatusCode::OK, "nothing was spent: {}", tokens.body);
    // Nobody knows it yet, and its document is away.
    let world = World::start().await;
    world.break_down();
    unavailable(&world.signed(&key, "1", &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await);
}

impl World {
    /// Another code, for which nobody is asked.
    async fn allow_again(&self, browser: &mut crate::browser::Browser<'_>) -> Answer {
        let answer = browser.get(&self.request(SITE, &[])).await;
        assert!(!answer.query().text("code").is_empty(), "{}", answer.body);
        answer
    }
}

#[tokio::test]
async fn documents_that_cannot_be_believed_are_refused_for_their_reason() {
    let world = World::start().await;
    let mut browser = world.server.signed_in().await;
    let mut private = Key::new("a").set();
    private["keys"][0]["d"] = json!("AAAA");
    for (members, reason) in [
        (json!({}), "jwks"),
        (json!({ "jwks": private }), "a private key"),
        (json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } }), "a private key"),
        (json!({ "jwks_uri": "http://agent.example/jwks" }), "jwks_uri"),
        (json!({ "jwks_uri": "https://agent.example/jwks", "token_endpoint_auth_signing_alg": "HS256" }), "ES256"),
    ] {
        world.publish(|document| {
            document["token_endpoint_auth_method"] = json!("private_key_jwt");
            document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        });
        world.server.clock.advance(2 * HOUR);
        let page = browser.get(&world.request(SITE, &[])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{members}");
        assert!(page.body.contains(reason), "{members}: {}", page.body);
    }
}

#[tokio::test]
async fn an_agent_gets_no_tokens_for_itself() {
    let world = World::start().await;
    let key = Key::new("a");
    world.publish_signer(&key, |document| {
        document["grant_types"] = json!(["authorization_code", "client_credentials"]);
    });
    let answer = world.signed(&key, "1", &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.error(), (400, "unauthorized_client".to_owned()), "{}", answer.body);
    assert!(answer.body.contains("client_credentials"), "{}", answer.body);
}

#[tokio::test]
async fn the_console_shows_how_an_agent_proves_itself_and_how_old_its_keys_are() {
    let world = World::start().await;
    let key = Key::new("a");
    world.publish_signer(&key, |_| {});
    let mut browser = world.server.signed_in().await;
    let answer = world.allow(&mut browser, SITE).await;
    let address = format!("/admin/ui/clients/{}", world.id().replace(':', "%3A").replace('/', "%2F"));
    let mut console = world.server.console().await;
    let overview = console.get(&address).await;
    assert!(
        overview.body.contains("private_key_jwt") && overview.body.contains("not fetched yet"),
        "{}",
        overview.body
    );
    world.redeem_signed(&key, "1", &answer, SITE).await;
    let overview = console.get(&address).await;
    assert!(
        overview.body.contains(&world.site.url("/jwks")) && overview.body.contains("fetched "),
        "{}",
        overview.body
    );
    assert!(!overview.body.contains("not fetched yet"));
}
