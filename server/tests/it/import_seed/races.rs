//! An import on a server that goes on working.

use idp::Actor;
use idp::testing::{Kind, texts};
use oauth::id::{ClientId, Subject};

use super::tokens::{TOKEN, refresh, token_row};
use super::{File, SCHEMA, rows};
use crate::server::{START, Server};

/// The import is stopped before each of its transactions, and what it brought is deleted as soon as it is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_during_an_import_gets_nothing() {
    let token = token_row("shop", "7", TOKEN, 0, START - 86_400);
    let file = File::with(&format!("{SCHEMA}{}{token}", rows())).await;
    let (actor, alice, shop) = (Actor::admin(), Subject::new("7"), ClientId::new("shop"));
    for (kind, deletes_user) in Kind::ALL.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        let Some(server) = Server::fresh_on(kind).await else { continue };
        let (node, idp, seed) = (server.open_node().await, server.idp.clone(), file.read().await);
        let mut gate = server.idp.close_gate().await;
        let mut import = tokio::spawn(async move { idp.import_seed(&seed, false).await });
        let mut deleted = false;
        let report = loop {
            tokio::select! {
                report = &mut import => break report.unwrap().unwrap(),
                () = gate.arrived(1) => {}
            }
            if !deleted && deletes_user {
                deleted = node.delete_user(&actor, &alice).await.is_ok();
            } else if !deleted {
                deleted = node.delete_client(&actor, &shop).await.is_ok();
            }
            drop(gate);
            gate = server.idp.close_gate().await;
        };
        drop(gate);
        assert!(deleted, "{kind:?}");
        assert_eq!(report.get(idp::Kind::Consent).refused.len(), 1, "{kind:?}: {report}");
        let again = server.idp.import_seed(&file.read().await, false).await.unwrap();
        assert_eq!(again.get(idp::Kind::User).imported, 0, "{kind:?}: {again}");
        for sql in ["SELECT client_id FROM consent", "SELECT client_id FROM grants"] {
            assert_eq!(texts(server.database.url(), sql).await, Vec::<String>::new(), "{kind:?}: {report}");
        }
        assert_ne!(refresh(&server, TOKEN).await.status, axum::http::StatusCode::OK, "{kind:?}");
    }
}
