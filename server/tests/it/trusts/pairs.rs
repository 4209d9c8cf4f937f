//! The grounds of an assertion and of an exchange, changed at another node between judgement and writing.

use axum::http::StatusCode;
use idp::{Actor, Idp};
use serde_json::{Value, json};

use super::{NOTES, World};
use crate::browser::Answer;
use crate::pairs::stopped;
use crate::server::{SECRET, Server, text};

crate::concurrency::on_every_database!(what_was_judged_before_is_not_written_after);

/// The change that is made meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    TrustOff,
    TrustDeleted,
    RulesOthers,
    UserDisabled,
    UserDeleted,
    ClientDisabled,
    GrantTypeTaken,
}

impl Change {
    async fn make(self, world: &World, node: &Idp) {
        let admin = Actor::admin();
        let alice = node.find_user_by_name("alice").await.unwrap().unwrap().subject;
        let client = |change: Value| world.server.admin_at(node, "PATCH", "/admin/clients/app", change);
        match self {
            Self::TrustOff => {
                for id in [&world.idp, &world.ci] {
                    let mut draft = oauth::trust::TrustDraft::from(&node.get_trust(id).await.unwrap().trust);
                    draft.enabled = false;
                    node.update_trust(&admin, id, None, &draft).await.unwrap();
                }
            }
            Self::TrustDeleted => {
                for id in [&world.idp, &world.ci] {
                    node.delete_trust(&admin, id).await.unwrap();
                }
            }
            Self::RulesOthers => {
                let mut draft = oauth::trust::TrustDraft::from(&node.get_trust(&world.idp).await.unwrap().trust);
                draft.tenant = "other".to_owned();
                node.update_trust(&admin, &world.idp, None, &draft).await.unwrap();
            }
            Self::UserDisabled => {
                let path = format!("/admin/users/{alice}");
                world.server.admin_at(node, "PATCH", &path, json!({ "enabled": false })).await;
            }
            Self::UserDeleted => node.delete_user(&admin, &alice).await.unwrap(),
            Self::ClientDisabled => client(json!({ "enabled": false })).await,
            Self::GrantTypeTaken => client(json!({ "grant_types": ["authorization_code"] })).await,
        }
    }
}

impl Server {
    async fn admin_at(&self, node: &Idp, method: &str, path: &str, body: Value) {
        let answer = self.on(node).admin(method, path, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

async fn what_was_judged_before_is_not_written_after(server: Server) {
    for (change, code) in [
        (Change::TrustOff, "invalid_grant"),
        (Change::TrustDeleted, "invalid_grant"),
        (Change::RulesOthers, "invalid_grant"),
        (Change::UserDisabled, "invalid_grant"),
        (Change::UserDeleted, "invalid_grant"),
        (Change::ClientDisabled, "invalid_client"),
        (Change::GrantTypeTaken, "unauthorized_client"),
    ] {
        let world = World::of(server.another().await).await;
        let node = world.server.open_node().await;
        let assertion = world.identity("1", "", Value::Null);
        let answer = stopped(&world.server.idp, world.bring(&assertion, &[]), change.make(&world, &node)).await;
        assert_eq!(answer.error().1, code, "{change:?}: {}", answer.body);
    }
    // A program's assertion, and a token that is exchanged.
    let world = World::of(server.another().await).await;
    let node = world.server.open_node().await;
    let assertion = world.workload("1", "", Value::Null);
    let said = stopped(&world.server.idp, world.say(&assertion, &[]), Change::TrustOff.make(&world, &node)).await;
    assert_eq!(said.error().1, "invalid_grant", "{}", said.body);

    let world = World::of(server.another().await).await;
    let node = world.server.open_node().await;
    let tokens = world.bring(&world.identity("1", "", Value::Null), &[]).await.json();
    let shown = text(&tokens, "access_token");
    let exchange = async || -> Answer {
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", shown),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("scope", "read"),
        ];
        world.server.post("/token", Some(&format!("app:{SECRET}")), &fields).await
    };
    let good = exchange().await;
    assert_eq!((good.status, text(&good.json(), "scope")), (StatusCode::OK, "read"));
    let revoke = async {
        let alice = node.find_user_by_name("alice").await.unwrap().unwrap().subject;
        node.revoke_user_tokens(&Actor::admin(), &alice).await.unwrap();
    };
    let late = stopped(&world.server.idp, exchange(), revoke).await;
    assert_eq!(late.error().1, "invalid_grant", "{}", late.body);
    assert_eq!(crate::server::claims(shown)["aud"], NOTES);
}
