//! Proofs, and what they are given for, used by many at once.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;

use super::{Holder, access, code_for_app, refresh, refused};
use crate::browser::Answer;
use crate::pairs::stopped;
use crate::server::Server;

crate::concurrency::on_every_database!(
    of_many_uses_of_one_proof_one_succeeds,
    a_replay_spoils_nothing_for_others,
    a_client_that_must_prove_meanwhile_is_refused,
);

const MANY: usize = 8;

/// Sees that one succeeded, and all others were refused for the proof.
fn once(answers: Vec<Answer>, status: u16) -> Answer {
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((won.len(), lost.len()), (1, MANY - 1));
    for answer in lost {
        assert_eq!(answer.error(), (status, "invalid_dpop_proof".to_owned()), "{}", answer.body);
    }
    won.into_iter().next().unwrap()
}

async fn of_many_uses_of_one_proof_one_succeeds(server: Server) {
    let other = server.another_node().await;
    server.with_app("").await;
    let nodes = || [&server, &other].into_iter().cycle().take(MANY);
    let holder = Holder::new();
    let tokens = server.bound_tokens(&holder).await;

    let proof = holder.proof(&server);
    once(join_all(nodes().map(|node| node.job(Some(&proof)))).await, 400);

    let proof = holder.proof_with(&server, access(&tokens));
    once(join_all(nodes().map(|node| node.userinfo_by("DPoP", access(&tokens), Some(&proof)))).await, 401);

    // The family goes on with what the one was given.
    let proof = holder.proof(&server);
    let won = once(join_all(nodes().map(|node| node.refresh_app(Some(&proof), refresh(&tokens)))).await, 400);
    let next = server.refresh_app(Some(&holder.proof(&server)), refresh(&won.json())).await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.body);
}

/// Those who write together do not share an answer: a proof that came before is one caller's fault.
async fn a_replay_spoils_nothing_for_others(server: Server) {
    let holders: Vec<Holder> = (0..4).map(|_| Holder::new()).collect();
    let used = holders[0].proof(&server);
    assert_eq!(server.job(Some(&used)).await.status, StatusCode::OK);
    let proofs: Vec<String> = holders.iter().map(|holder| holder.proof(&server)).collect();
    let good = join_all(proofs.iter().map(|proof| server.job(Some(proof))));
    let (plain, replayed) = (join_all((0..4).map(|_| server.job(None))), server.job(Some(&used)));
    let (good, plain, replayed) = tokio::join!(good, plain, replayed);
    refused(&replayed, "invalid_dpop_proof");
    for answer in &plain {
        assert_eq!(answer.json()["token_type"], "Bearer", "{}", answer.body);
    }
    for (holder, answer) in holders.iter().zip(&good) {
        let seen = server.introspect_as("job", access(&answer.json())).await;
        assert_eq!(seen["cnf"], json!({ "jkt": holder.jkt() }), "{}", answer.body);
    }
}

async fn a_client_that_must_prove_meanwhile_is_refused(server: Server) {
    let node = server.open_node().await;
    let other = server.on(&node);
    server.with_app("").await;
    let code = code_for_app(&mut server.signed_in().await, &[]).await;
    for client in ["app", "job"] {
        let answer = stopped(
            &server.idp,
            async { if client == "app" { server.redeem_app(None, &code).await } else { server.job(None).await } },
            async {
                let path = format!("/admin/clients/{client}");
                other.admin("PATCH", &path, &json!({ "dpop_bound_access_tokens": true })).await;
            },
        );
        refused(&answer.await, "invalid_dpop_proof");
    }
    let holder = Holder::new();
    assert_eq!(server.redeem_app(Some(&holder.proof(&server)), &code).await.status, StatusCode::OK);
}
