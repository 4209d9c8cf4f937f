//! Programs that say who they are by an assertion of their platform.

use axum::http::StatusCode;
use idp::testing::Kind;
use serde_json::{Value, json};

use super::{JWT_BEARER, MAPS, NOTES, World, refused};
use crate::server::{ISSUER, SECRET, Server, claims, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_tokens_without_a_secret_and_without_naming_a_client() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let resource = [("resource", NOTES)];
        let assertion = world.workload("1", "", Value::Null);
        let answer = world.say(&assertion, &resource).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}: {}", answer.body);
        let tokens = answer.json();
        assert_eq!((text(&tokens, "scope"), tokens.get("refresh_token")), ("read", None), "{kind:?}");
        let token = claims(text(&tokens, "access_token"));
        assert_eq!(
            (&token["sub"], &token["client_id"], &token["aud"]),
            (&json!("deploy"), &json!("deploy"), &json!(NOTES))
        );
        refused(&world.say(&assertion, &resource).await, "used before");
        let other = world.server.another_node().await;
        let again = [JWT_BEARER, ("assertion", assertion.as_str())];
        refused(&other.post("/token", None, &again).await, "used before");
        // A client may name itself as well, and it is the one of the rule.
        let second = world.workload("2", "", Value::Null);
        let fields = [JWT_BEARER, ("assertion", second.as_str()), ("resource", NOTES), ("scope", "write")];
        let own = world.server.post("/token", Some(&format!("deploy:{SECRET}")), &fields).await;
        assert_eq!(text(&own.json(), "scope"), "write", "{kind:?}");
        refused(&world.bring(&world.workload("3", "", Value::Null), &resource).await, "does not take it");
    }
}

#[tokio::test]
async fn what_is_not_as_the_rule_says_is_refused_and_spends_nothing() {
    let world = World::start().await;
    let now = world.server.clock.now().0;
    for (name, value, why) in [
        ("iss", json!("https://evil.example"), "not trusted"),
        ("iss", json!("https://idp.example"), "not trusted"),
        ("aud", json!("https://evil.example"), "aud"),
        ("aud", json!([format!("{ISSUER}/token"), "https://evil.example"]), "aud"),
        ("exp", json!(now - 60), "expired"),
        ("exp", json!(now + 100_000), "too long"),
        ("exp", Value::Null, "exp"),
        ("jti", Value::Null, "jti"),
        ("sub", Value::Null, "sub"),
        ("repository", json!("acme/other"), "no rule"),
        ("repository", json!("acme/shop "), "no rule"),
        ("repository", json!(["acme/shop"]), "no rule"),
        ("environment", Value::Null, "no rule"),
    ] {
        let answer = world.say(&world.workload("kept", name, value.clone()), &[]).await;
        assert_eq!(answer.error(), (400, "invalid_grant".to_owned()), "{name} {value}: {}", answer.body);
        // Whoever asks may be anybody, and learns nothing of trusts and rules.
        assert!(answer.body.contains("does not take it"), "{name} {value}: {}", answer.body);
        assert!(world.reason(&answer).await.contains(why), "{name} {value}: {}", world.reason(&answer).await);
    }
    let good = world.workload("kept", "", Value::Null);
    for (fields, code) in
        [(vec![("resource", "https://unknown.example")], "invalid_target"), (vec![("scope", "other")], "invalid_scope")]
    {
        assert_eq!(world.say(&good, &fields).await.error(), (400, code.to_owned()));
    }
    let typed = claims(&good).as_object().unwrap().clone();
    let token = world.say(&world.key.sign_as(Some("at+jwt"), typed), &[]).await;
    assert!(world.reason(&token).await.contains("typ"));
    assert_eq!(world.say(&good, &[("resource", MAPS), ("scope", "see")]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_platform_that_writes_one_assertion_for_an_hour_may_be_believed_as_long() {
    let world = World::start().await;
    world.change(&world.ci, |draft| draft.reusable = true).await;
    let assertion = world.workload("1", "jti", Value::Null);
    for _ in 0..3 {
        assert_eq!(world.say(&assertion, &[("resource", NOTES)]).await.status, StatusCode::OK);
    }
    world.server.clock.advance(3_700);
    let late = world.say(&assertion, &[("resource", NOTES)]).await;
    assert!(world.reason(&late).await.contains("expired"));
}

#[tokio::test]
async fn metadata_says_what_is_on() {
    let server = Server::start().await;
    let grants = async |server: &Server| {
        let request =
            axum::http::Request::get("/.well-known/oauth-authorization-server").body(axum::body::Body::empty());
        let metadata = server.send(request.unwrap()).await.json();
        let has = |word: &str| metadata["grant_types_supported"].as_array().unwrap().iter().any(|it| it == word);
        let (bearer, exchange) = (has(JWT_BEARER.1), has("urn:ietf:params:oauth:grant-type:token-exchange"));
        (bearer, exchange, metadata)
    };
    let (bearer, exchange, metadata) = grants(&server).await;
    assert!(!bearer && !exchange && metadata.get("authorization_grant_profiles_supported").is_none());
    let world = World::of(server).await;
    let (bearer, exchange, metadata) = grants(&world.server).await;
    assert!(bearer && !exchange);
    assert_eq!(
        metadata["authorization_grant_profiles_supported"],
        json!(["urn:ietf:params:oauth:grant-profile:id-jag"])
    );
    world.change(&world.idp, |draft| draft.enabled = false).await;
    let (bearer, _, metadata) = grants(&world.server).await;
    assert!(bearer && metadata.get("authorization_grant_profiles_supported").is_none(), "programs only");
    world.change(&world.ci, |draft| draft.enabled = false).await;
    assert!(!grants(&world.server).await.0);
}
