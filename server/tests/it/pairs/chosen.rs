//! Deeds to rows as they were shown, where somebody else was faster.

use idp::{Actor, ClientChange, Error};
use oauth::client::ClientDraft;
use oauth::id::ClientId;
use oauth::user::UserDraft;

use super::stopped;
use crate::server::Server;

crate::concurrency::on_every_database!(what_was_changed_since_it_was_shown_is_not_deleted);

async fn what_was_changed_since_it_was_shown_is_not_deleted(server: Server) {
    let (node, actor, web) = (server.open_node().await, Actor::admin(), ClientId::new("web"));
    let shown = server.idp.get_clients(std::slice::from_ref(&web)).await.unwrap().remove(0);
    let forbid = async {
        let draft = ClientDraft { client_name: "Another".to_owned(), ..ClientDraft::from(&shown.client) };
        let change = ClientChange { client: Some(draft), ..ClientChange::default() };
        node.update_client(&actor, &web, None, &change).await.unwrap();
    };
    let done = stopped(&server.idp, server.idp.delete_client_at(&actor, &web, shown.version), forbid).await;
    assert!(matches!(done, Err(Error::Stale)), "{done:?}");
    let there = server.idp.get_clients(std::slice::from_ref(&web)).await.unwrap().remove(0);
    assert_eq!(there.client.client_name, "Another");
    let gone = stopped(&server.idp, server.idp.delete_client_at(&actor, &web, there.version), async {
        node.delete_client(&actor, &web).await.unwrap();
    });
    let gone = gone.await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");

    let alice = server.idp.find_user_by_name("alice").await.unwrap().unwrap().subject;
    let shown = server.idp.get_users(std::slice::from_ref(&alice)).await.unwrap().remove(0);
    let forbid = async {
        let draft = UserDraft { username: "alicia".to_owned(), ..UserDraft::from(&shown.user) };
        let change = idp::UserChange { profile: Some(draft), ..idp::UserChange::default() };
        node.update_user(&actor, &alice, None, &change).await.unwrap();
    };
    let done = stopped(&server.idp, server.idp.delete_user_at(&actor, &alice, shown.version), forbid).await;
    assert!(matches!(done, Err(Error::Stale)), "{done:?}");
    let there = server.idp.get_users(std::slice::from_ref(&alice)).await.unwrap().remove(0);
    assert_eq!(there.user.username, "alicia");
    server.idp.delete_user_at(&actor, &alice, there.version).await.unwrap();
    assert_eq!(server.idp.verify_audit(None).await.unwrap().fault, None);
}
