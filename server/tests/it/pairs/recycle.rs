//! The bin and the way back, where somebody else was faster.

use idp::{Actor, Error, Idp, Recordable, SaveError, State, Target};
use oauth::client::{ClientDraft, ClientKind};
use oauth::field::FieldProblem;
use oauth::id::ClientId;
use oauth::scope::ScopeDraft;
use oauth::secret::Secret;

use super::stopped;
use crate::server::{ADMIN_TOKEN, Server};

crate::concurrency::on_every_database!(
    what_left_the_bin_meanwhile_is_not_found,
    a_name_that_was_taken_meanwhile_is_taken,
    what_was_changed_meanwhile_is_not_reverted,
    whoever_lost_the_right_meanwhile_brings_nothing_back,
);

fn news(description: &str) -> ScopeDraft {
    ScopeDraft { name: "news".to_owned(), description: description.to_owned(), claims: String::new() }
}

/// Makes the scope `news`, and deletes it; the ID of it in the bin.
async fn deleted(idp: &Idp) -> String {
    idp.create_scope(&Actor::admin(), &news("News")).await.unwrap();
    idp.delete_scope(&Actor::admin(), "news").await.unwrap();
    idp.bin(None, 1).await.unwrap().rows.remove(0).id
}

async fn what_left_the_bin_meanwhile_is_not_found(server: Server) {
    let (node, actor) = (server.open_node().await, Actor::admin());
    for restored_before in [true, false] {
        for restores in [true, false] {
            let id = deleted(&server.idp).await;
            let forbid = async {
                if restored_before {
                    node.restore(&actor, &id).await.unwrap();
                } else {
                    node.erase(&actor, &id).await.unwrap();
                }
            };
            if restores {
                let done = stopped(&server.idp, server.idp.restore(&actor, &id), forbid).await;
                assert!(matches!(done, Err(SaveError::NotFound)), "{done:?}");
            } else {
                let done = stopped(&server.idp, server.idp.erase(&actor, &id), forbid).await;
                assert!(matches!(done, Err(Error::NotFound)), "{done:?}");
            }
            assert_eq!(server.idp.get_scope("news").await.is_ok(), restored_before);
            if restored_before {
                server.idp.delete_scope(&actor, "news").await.unwrap();
            }
        }
    }
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}

async fn a_name_that_was_taken_meanwhile_is_taken(server: Server) {
    let (node, actor) = (server.open_node().await, Actor::admin());
    let is_taken = |done: &Result<_, SaveError>, field: &str| match done {
        Err(SaveError::Invalid(errors)) => errors.find(field) == Some(&FieldProblem::Taken),
        _ => false,
    };
    let id = deleted(&server.idp).await;
    let forbid = async { node.create_scope(&actor, &news("Other news")).await.unwrap() };
    let done = stopped(&server.idp, server.idp.restore(&actor, &id), forbid).await;
    assert!(is_taken(&done, "name"), "{done:?}");
    assert_eq!(node.get_scope("news").await.unwrap().scope.description, "Other news");

    server.idp.delete_client(&actor, &ClientId::new("spa")).await.unwrap();
    let id = server.idp.bin(None, 1).await.unwrap().rows.remove(0).id;
    let there = server.on(&node);
    let forbid = there.create_client(ClientKind::Spa, "spa", |_, _| {});
    let done = stopped(&server.idp, server.idp.restore(&actor, &id), forbid).await;
    assert!(is_taken(&done, "client_id"), "{done:?}");

    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    server.idp.delete_user(&actor, &alice).await.unwrap();
    let id = server.idp.bin(None, 1).await.unwrap().rows.remove(0).id;
    let done = stopped(&server.idp, server.idp.restore(&actor, &id), there.create_user("alice")).await;
    assert!(is_taken(&done, "username"), "{done:?}");
    // And the other way round: whoever creates something waits at the gate while it is restored.
    let other = node.find_user_by_name("alice").await.unwrap().unwrap().subject;
    node.delete_user(&actor, &other).await.unwrap();
    let draft = ClientDraft { client_id: "x".into(), ..ClientDraft::preset(ClientKind::Machine) };
    drop(draft);
    let scope = node.bin(None, 10).await.unwrap().rows.into_iter().find(|row| row.target == alice.as_str()).unwrap().id;
    let forbid = async {
        node.restore(&actor, &scope).await.unwrap();
    };
    let again = oauth::user::UserDraft { username: "alice".into(), enabled: true, ..Default::default() };
    let done = stopped(&server.idp, server.idp.create_user(&actor, &again, "a long password"), forbid).await;
    assert!(matches!(&done, Err(SaveError::Invalid(errors)) if errors.find("username") == Some(&FieldProblem::Taken)));
}

async fn what_was_changed_meanwhile_is_not_reverted(server: Server) {
    let (node, actor) = (server.open_node().await, Actor::admin());
    let target = Target::new(Recordable::Scope, "news");
    server.idp.create_scope(&actor, &news("One")).await.unwrap();
    server.idp.save_scope(&actor, &news("Two"), None).await.unwrap();
    let (_, version) = server.idp.state(&target).await.unwrap();
    let one = State::Scope(news("One"));
    let forbid = async { node.save_scope(&actor, &news("Three"), None).await.unwrap() };
    let done = stopped(&server.idp, server.idp.revert(&actor, &target, version, &one), forbid).await;
    assert!(matches!(done, Err(SaveError::Stale)), "{done:?}");
    assert_eq!(node.get_scope("news").await.unwrap().scope.description, "Three");
}

async fn whoever_lost_the_right_meanwhile_brings_nothing_back(server: Server) {
    let node = server.open_node().await;
    let token = Secret::new(ADMIN_TOKEN);
    let idp::Admission::Admitted(actor) = server.idp.check_admin_token(&token, None).await.unwrap() else {
        panic!("the token is right");
    };
    let id = deleted(&server.idp).await;
    let forbid = async {
        node.reset_admin_token().await.unwrap();
    };
    let done = stopped(&server.idp, server.idp.restore(&actor, &id), forbid).await;
    assert!(matches!(done, Err(SaveError::Failed(Error::Unauthorized))), "{done:?}");
    assert!(matches!(server.idp.erase(&actor, &id).await, Err(Error::Unauthorized)));
    let (target, one) = (Target::new(Recordable::Scope, "email"), news("One"));
    let (_, version) = server.idp.state(&target).await.unwrap();
    let to = State::Scope(ScopeDraft { name: "email".into(), ..one });
    let done = server.idp.revert(&actor, &target, version, &to).await;
    assert!(matches!(done, Err(SaveError::Failed(Error::Unauthorized))), "{done:?}");
    assert!(server.idp.get_scope("news").await.is_err() && server.idp.get_bin_entry(&id).await.is_ok());
}
