//! Tokens by assertions and exchanges that are bound to a key (RFC 9449).

use idp::testing::Kind;
use serde_json::{Value, json};

use super::exchange::{ACCESS_TOKEN, EXCHANGE, let_notes_call_maps, token};
use super::{JWT_BEARER, MAPS, NOTES, World, refused};
use crate::browser::Answer;
use crate::dpop::Holder;
use crate::server::{SECRET, claims, text};

#[track_caller]
fn bound_to(holder: &Holder, answer: &Answer) {
    assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.body);
    assert_eq!(claims(text(&answer.json(), "access_token"))["cnf"], json!({ "jkt": holder.jkt() }));
}

#[track_caller]
fn used(answer: &Answer) {
    assert_eq!(answer.error(), (400, "invalid_dpop_proof".to_owned()), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_vouched_for_is_bound_and_nothing_is_spent_for_a_used_proof() {
    for kind in Kind::ALL {
        let Some(world) = World::start_on(kind).await else { continue };
        let (server, holder) = (&world.server, Holder::new());
        let app = format!("app:{SECRET}");
        let deploy = format!("deploy:{SECRET}");
        let proof = holder.proof(server);

        let assertion = world.identity("1", "", Value::Null);
        let fields = [JWT_BEARER, ("assertion", assertion.as_str())];
        bound_to(&holder, &server.prove("/token", Some(&app), Some(&proof), &fields).await);
        // An assertion that was used is refused for that, and one that comes with a proof that was used is not spent.
        refused(&server.prove("/token", Some(&app), Some(&holder.proof(server)), &fields).await, "used before");
        let second = world.identity("2", "", Value::Null);
        let fields = [JWT_BEARER, ("assertion", second.as_str())];
        used(&server.prove("/token", Some(&app), Some(&proof), &fields).await);
        bound_to(&holder, &server.prove("/token", Some(&app), Some(&holder.proof(server)), &fields).await);

        let program = world.workload("3", "", Value::Null);
        let fields = [JWT_BEARER, ("assertion", program.as_str()), ("resource", NOTES)];
        used(&server.prove("/token", None, Some(&proof), &fields).await);
        bound_to(&holder, &server.prove("/token", None, Some(&holder.proof(server)), &fields).await);

        let_notes_call_maps(server).await;
        let tokens = token(&world).await;
        let shown = text(&tokens, "access_token");
        let fields = [EXCHANGE, ("subject_token", shown), ("subject_token_type", ACCESS_TOKEN), ("resource", MAPS)];
        used(&server.prove("/token", Some(&deploy), Some(&proof), &fields).await);
        bound_to(&holder, &server.prove("/token", Some(&deploy), Some(&holder.proof(server)), &fields).await);
    }
}

#[tokio::test]
async fn a_program_that_must_prove_its_key_is_refused_without() {
    let world = World::start().await;
    world.server.admin("PATCH", "/admin/clients/deploy", &json!({ "dpop_bound_access_tokens": true })).await;
    let assertion = world.workload("1", "", Value::Null);
    used(&world.say(&assertion, &[("resource", NOTES)]).await);
    let fields = [JWT_BEARER, ("assertion", assertion.as_str()), ("resource", NOTES)];
    let holder = Holder::new();
    bound_to(&holder, &world.server.prove("/token", None, Some(&holder.proof(&world.server)), &fields).await);
}
