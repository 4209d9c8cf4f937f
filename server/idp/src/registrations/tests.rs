//! A flood of registrations.

use oauth::bearer::BearerError;
use oauth::registration::{Registration, RegistrationPolicyDraft};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use super::settle::make_room;
use crate::Idp;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::entity::{client, client_registration};
use crate::testing::{Kind, TestDatabase, open_node};
use oauth::time::Timestamp;

async fn register(idp: &Idp, number: u32) -> String {
    let body = format!(r#"{{"client_name":"{number}","redirect_uris":["https://a.example/cb"]}}"#);
    let rules = idp.admit_registration(Err(BearerError::Missing)).await.unwrap();
    let registered = idp.register(&rules, &Registration::read(body.as_bytes()).unwrap()).await.unwrap();
    registered.client.client_id.into_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_registrations_make_room_and_no_client_comes_of_any() {
    for kind in Kind::ALL {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        let clock = Clock::fixed(Timestamp(1_800_000_000));
        let idp = open_node(&database, &clock).await;
        let draft = RegistrationPolicyDraft { policy: "open".to_owned() };
        idp.save_registration_policy(&Actor::admin(), &draft, None).await.unwrap();
        let mut ids = Vec::new();
        for number in 0..300 {
            ids.push(register(&idp, number).await);
            clock.advance(1);
        }
        let waiting = async || client_registration::Entity::find().count(idp.store.read()).await.unwrap();
        assert_eq!(waiting().await, 300, "{kind:?}");
        let room = |most| idp.store.write(move |tx| Box::pin(make_room(tx, most)));
        assert_eq!(room(300).await.unwrap(), 0, "{kind:?}");
        assert_eq!(room(100).await.unwrap(), 200, "{kind:?}");
        assert_eq!(waiting().await, 100, "{kind:?}");
        for (number, id) in ids.iter().enumerate() {
            let found = idp.find_client(&oauth::id::ClientId::new(id.as_str())).await.unwrap();
            assert_eq!(found.is_some(), number >= 200, "{kind:?}: the newest stay");
        }
        assert_eq!(client::Entity::find().count(idp.store.read()).await.unwrap(), 0, "{kind:?}");
    }
}
