//! Things that are made anew under a name that another one had: they owe nothing to that one.

use axum::http::StatusCode;
use idp::{Actor, ClientChange, Recordable, Target};
use oauth::client::ClientDraft;
use oauth::id::ClientId;
use oauth::scope::ScopeDraft;
use serde_json::json;

use crate::server::{SECRET, Server, text};

crate::concurrency::on_every_database!(
    the_secret_of_a_client_is_not_that_of_the_next_one,
    a_form_of_a_scope_is_not_about_the_next_one,
    a_state_of_a_client_is_not_one_of_the_next,
);

async fn the_secret_of_a_client_is_not_that_of_the_next_one(server: Server) {
    // A node that has read the client, and has not heard of the change yet.
    let node = server.another_node().await;
    assert_eq!(node.machine_token("email").await.status, StatusCode::OK);
    server.idp.delete_client(&Actor::admin(), &ClientId::new("job")).await.unwrap();
    let anew =
        json!({ "client_id": "job", "kind": "machine", "grant_types": ["client_credentials"], "scope": "email" });
    let created = server.admin("POST", "/admin/clients", &anew).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    assert_ne!(text(&created.json(), "client_secret"), SECRET);
    let refused = node.machine_token("email").await;
    assert_eq!(refused.error(), (401, "invalid_client".to_owned()), "{}", refused.body);
}

async fn a_form_of_a_scope_is_not_about_the_next_one(server: Server) {
    let client = json!({ "client_id": "reader", "kind": "machine", "scope": "papers" });
    let created = server.admin("POST", "/admin/clients", &client).await;
    assert!(created.status.is_success(), "{}", created.body);
    let admin = Actor::admin();
    for name in ["phone", "papers"] {
        let draft = |description: &str| ScopeDraft {
            name: name.to_owned(),
            description: description.to_owned(),
            claims: String::new(),
        };
        if server.idp.get_scope(name).await.is_err() {
            server.idp.create_scope(&admin, &draft("First")).await.unwrap();
        }
        let opened = server.idp.get_scope(name).await.unwrap().version;
        server.idp.delete_scope(&admin, name).await.unwrap();
        server.idp.create_scope(&admin, &draft("Another one")).await.unwrap();
        let late = server.idp.save_scope(&admin, &draft("Of the first"), Some(opened)).await;
        assert!(matches!(late, Err(idp::SaveError::Stale)), "{name}: {late:?}");
    }
}

async fn a_state_of_a_client_is_not_one_of_the_next(server: Server) {
    let (admin, web) = (Actor::admin(), ClientId::new("web"));
    let rename = async |name: &str| {
        let draft = ClientDraft::from(&server.idp.get_client(&web).await.unwrap().client);
        let draft = ClientDraft { client_name: name.to_owned(), ..draft };
        let change = ClientChange { client: Some(draft), ..ClientChange::default() };
        server.idp.update_client(&admin, &web, None, &change).await.unwrap();
    };
    rename("Renamed").await;
    server.idp.delete_client(&admin, &web).await.unwrap();
    let entry = server.idp.bin(None, 1).await.unwrap().rows.remove(0);
    server.idp.restore(&admin, &entry.id).await.unwrap();
    let target = Target::new(Recordable::Client, "web");
    let newest = async || server.idp.history(&target, None, 100).await.unwrap().rows;
    let renamed = newest().await.into_iter().find(|change| change.action == "client.update").unwrap();
    let mut console = server.console().await;
    let address = format!("/admin/ui/clients/web/history/{}", renamed.id);
    assert!(console.get(&address).await.body.contains("Undo this change"), "it came back as it was");
    server.clock.advance(1);
    server.idp.delete_client(&admin, &web).await.unwrap();
    server.create_client(oauth::client::ClientKind::Web, "web", |draft, _| draft.client_name = "Another".into()).await;
    let deleted = newest().await.into_iter().find(|change| change.action == "client.delete").unwrap();
    for id in [&renamed.id, &deleted.id] {
        let address = format!("/admin/ui/clients/web/history/{id}");
        let page = console.get(&address).await;
        assert!(page.body.contains("was made anew since") && !page.body.contains("Undo this"), "{}", page.body);
        let posted = console.post(&address, &[("version", "1"), ("to", "before")]).await;
        assert_eq!(posted.status, StatusCode::NOT_FOUND);
    }
    let name = server.idp.get_client(&web).await.unwrap().client.client_name;
    assert_eq!(name, "Another");
}
