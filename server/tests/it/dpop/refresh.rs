//! Refresh tokens of public clients, which are bound to a key, and those of others, which are not.

use axum::http::StatusCode;
use serde_json::Value;

use super::{Holder, access, code_for_app, refresh, refused};
use crate::browser::Answer;
use crate::server::{SECRET, Server};

crate::concurrency::on_every_database!(
    a_refresh_token_of_a_public_client_is_bound_to_its_key,
    a_lost_answer_is_given_again_for_another_proof,
    whoever_used_a_token_without_a_key_first_gains_nothing_by_binding_it,
    a_client_that_proves_itself_refreshes_by_any_key_or_none,
);

#[track_caller]
fn tokens(answer: &Answer, token_type: &str) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["token_type"], token_type);
    answer.json()
}

async fn is_live(server: &Server, holder: &Holder, tokens: &Value) -> bool {
    server.userinfo_of(holder, access(tokens)).await.status == StatusCode::OK
}

async fn a_refresh_token_of_a_public_client_is_bound_to_its_key(server: Server) {
    server.with_app("jwt").await;
    let (holder, stranger) = (Holder::new(), Holder::new());
    let first = server.bound_tokens(&holder).await;
    let proof =
        async |holder: &Holder, token: &Value| server.refresh_app(Some(&holder.proof(&server)), refresh(token)).await;
    refused(&proof(&stranger, &first).await, "invalid_grant");
    refused(&server.refresh_app(None, refresh(&first)).await, "invalid_grant");
    let second = tokens(&proof(&holder, &first).await, "DPoP");
    assert!(is_live(&server, &holder, &second).await);
    // Whoever has no key cannot end the family by a token that was used.
    server.clock.advance(3_600);
    let third = tokens(&proof(&holder, &second).await, "DPoP");
    server.clock.advance(3_600);
    for old in [&first, &second] {
        refused(&proof(&stranger, old).await, "invalid_grant");
        refused(&server.refresh_app(None, refresh(old)).await, "invalid_grant");
    }
    let fourth = tokens(&proof(&holder, &third).await, "DPoP");
    assert!(is_live(&server, &holder, &fourth).await);
    // Whoever has the key can: two go on from one token.
    refused(&proof(&holder, &first).await, "invalid_grant");
    assert!(!is_live(&server, &holder, &fourth).await);
    refused(&proof(&holder, &fourth).await, "invalid_grant");
}

async fn a_lost_answer_is_given_again_for_another_proof(server: Server) {
    let other = server.another_node().await;
    server.with_app("").await;
    let holder = Holder::new();
    let first = server.bound_tokens(&holder).await;
    let proof = holder.proof(&server);
    let lost = tokens(&server.refresh_app(Some(&proof), refresh(&first)).await, "DPoP");
    // The same request again, as a proxy sends it, is refused and ends nothing.
    for node in [&server, &other] {
        let again = node.refresh_app(Some(&proof), refresh(&first)).await;
        refused(&again, "invalid_dpop_proof");
    }
    let again = tokens(&other.refresh_app(Some(&holder.proof(&server)), refresh(&first)).await, "DPoP");
    assert_eq!(refresh(&again), refresh(&lost));
    assert!(is_live(&server, &holder, &lost).await && is_live(&server, &holder, &again).await);
    // A refresh that was refused for another reason spent neither the token nor the proof.
    let proof = holder.proof(&server);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh(&lost)), ("scope", "phone")];
    refused(&server.app(Some(&proof), &fields).await, "invalid_scope");
    tokens(&server.refresh_app(Some(&proof), refresh(&lost)).await, "DPoP");
}

/// A thief of a refresh token that is bound to nothing binds what comes of it. Whose it was is refused from then on, and the family
/// ends, as without a key.
async fn whoever_used_a_token_without_a_key_first_gains_nothing_by_binding_it(server: Server) {
    server.with_app("").await;
    let thief = Holder::new();
    let code = code_for_app(&mut server.signed_in().await, &[]).await;
    let first = tokens(&server.redeem_app(None, &code).await, "Bearer");
    let stolen = tokens(&server.refresh_app(Some(&thief.proof(&server)), refresh(&first)).await, "DPoP");
    assert!(is_live(&server, &thief, &stolen).await);
    refused(&server.refresh_app(None, refresh(&first)).await, "invalid_grant");
    assert!(!is_live(&server, &thief, &stolen).await);
    refused(&server.refresh_app(Some(&thief.proof(&server)), refresh(&stolen)).await, "invalid_grant");
    // A client that begins to use a key is not taken for one, not even when an answer is lost.
    let code = code_for_app(&mut server.signed_in().await, &[]).await;
    let first = tokens(&server.redeem_app(None, &code).await, "Bearer");
    let owner = Holder::new();
    let lost = tokens(&server.refresh_app(Some(&owner.proof(&server)), refresh(&first)).await, "DPoP");
    let again = tokens(&server.refresh_app(Some(&owner.proof(&server)), refresh(&first)).await, "DPoP");
    assert_eq!(refresh(&again), refresh(&lost));
    refused(&server.refresh_app(None, refresh(&lost)).await, "invalid_grant");
    tokens(&server.refresh_app(Some(&owner.proof(&server)), refresh(&lost)).await, "DPoP");
}

async fn a_client_that_proves_itself_refreshes_by_any_key_or_none(server: Server) {
    let web = format!("web:{SECRET}");
    let (one, two) = (Holder::new(), Holder::new());
    let mut given = server.tokens("openid offline_access").await;
    for (holder, token_type) in [(Some(&one), "DPoP"), (Some(&two), "DPoP"), (None, "Bearer")] {
        let proof = holder.map(|holder| holder.proof(&server));
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh(&given))];
        given = tokens(&server.prove("/token", Some(&web), proof.as_deref(), &fields).await, token_type);
        match holder {
            Some(holder) => assert!(is_live(&server, holder, &given).await),
            None => assert_eq!(server.userinfo(access(&given)).await.status, StatusCode::OK),
        }
    }
}
