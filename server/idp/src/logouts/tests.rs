//! Turns of clients, on each database.

use oauth::client::{ClientDraft, ClientKind};
use oauth::time::Timestamp;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use crate::UnknownScopes;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::entity::session_client;
use crate::error::Error;
use crate::testing::{Kind, TestDatabase, open_node};

const NOW: Timestamp = Timestamp(1_800_000_000);

#[tokio::test(flavor = "multi_thread")]
async fn each_client_has_a_turn_before_one_has_another() {
    for kind in Kind::ALL {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        let idp = open_node(&database, &Clock::fixed(NOW)).await;
        assert!(idp.next_clients::<session_client::Entity>().await.unwrap().is_empty(), "{kind:?}");
        let ids: Vec<String> = (0..20).map(|number| format!("app{number:02}")).collect();
        let mut rows = Vec::new();
        for (number, id) in ids.iter().enumerate() {
            let draft = ClientDraft {
                client_id: id.clone(),
                client_name: id.clone(),
                scope: String::new(),
                ..ClientDraft::preset(ClientKind::Machine)
            };
            idp.create_client(&Actor::admin(), &draft, None, None, UnknownScopes::Refuse).await.unwrap();
            // Those before the last four have waited for a day, and there are many of them.
            let (messages, waited) = if number < 16 { (10, 86_400) } else { (1, 0) };
            rows.extend((0..messages).map(|message| session_client::Model {
                sid: format!("{id}.{message}"),
                client_id: id.clone(),
                account_id: None,
                joined_at: 1,
                ended_at: Some(NOW.0 - waited),
                due_at: Some(NOW.0 - waited),
                attempts: 0,
                tried_at: None,
                delivered_at: None,
                answer: None,
            }));
        }
        let written = idp.store.write(move |tx| {
            let rows: Vec<_> = rows.iter().cloned().map(session_client::Model::into_active_model).collect();
            Box::pin(async move {
                session_client::Entity::insert_many(rows).exec_without_returning(tx).await?;
                Ok::<_, Error>(())
            })
        });
        written.await.unwrap();
        // Nothing is sent, as if all were slow.
        let mut turns = Vec::new();
        for _ in 0..5 {
            turns.extend(idp.next_clients::<session_client::Entity>().await.unwrap());
        }
        assert_eq!(turns.len(), 80, "{kind:?}");
        for round in turns.chunks(20) {
            assert_eq!(round, ids, "{kind:?}: all of them, once");
        }
    }
}
