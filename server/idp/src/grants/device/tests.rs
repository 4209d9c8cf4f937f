//! A flood of devices whose clients nobody knows.

use std::sync::Arc;

use oauth::client::{ClientOrigin, GrantType};
use oauth::error::ErrorCode;
use oauth::form::Form;
use oauth::grant::DeviceAuthorizationRequest;
use oauth::id::ClientId;
use oauth::registration::{ClientUrl, read_document};
use oauth::time::Timestamp;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use super::begin::MOST_OF_NEWCOMERS;
use crate::catalog::RegisteredClient;
use crate::clients::row;
use crate::clock::Clock;
use crate::documents::UNWRITTEN;
use crate::entity::{client, device_code};
use crate::error::Error;
use crate::testing::{Kind, TestDatabase, open_node};

const URL: &str = "https://a.example/device.json";
const NOW: Timestamp = Timestamp(1_800_000_000);

fn waiting(number: u64) -> device_code::ActiveModel {
    let digest = |of: u8| [&[of; 24][..], &number.to_be_bytes()].concat();
    device_code::Model {
        digest: digest(1),
        user_code: digest(2),
        client_id: format!("https://b.example/{number}"),
        scope: String::new(),
        resources: None,
        details: None,
        poll_interval: 5,
        polled_at: 0,
        created_at: NOW.0,
        expires_at: NOW.plus(900).0,
        decided_at: None,
        grant_id: None,
        consumed_at: None,
    }
    .into_active_model()
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_strangers_take_the_place_of_strangers_only() {
    for kind in Kind::ALL {
        let Some(database) = TestDatabase::create(kind).await else { continue };
        let clock = Clock::fixed(NOW);
        let idp = open_node(&database, &clock).await;
        let text = format!(r#"{{"client_id":"{URL}","grant_types":["{}"]}}"#, GrantType::DeviceCode);
        let described = read_document(&ClientUrl::parse(URL).unwrap(), text.as_bytes()).unwrap();
        let client = Arc::new(described.to_client(ClientId::new(URL), "a.example", ClientOrigin::MetadataDocument));
        let newcomer = RegisteredClient::new(client.clone(), Vec::new(), UNWRITTEN);
        let request = DeviceAuthorizationRequest::read(&Form::default(), &client).unwrap();
        for begun in (0..MOST_OF_NEWCOMERS - 1).collect::<Vec<_>>().chunks(500) {
            let rows: Vec<_> = begun.iter().copied().map(waiting).collect();
            let written = idp.store.write(move |tx| {
                let insert = device_code::Entity::insert_many(rows.clone());
                Box::pin(async move {
                    insert.exec_without_returning(tx).await?;
                    Ok::<_, Error>(())
                })
            });
            written.await.unwrap();
        }
        assert!(idp.begin_device(&newcomer, &request).await.unwrap().is_some(), "{kind:?}");
        let full = idp.begin_device(&newcomer, &request).await.unwrap_err();
        assert_eq!(full.0.code, ErrorCode::TemporarilyUnavailable, "{kind:?}");
        // One that people use has its row, and is not kept out by them.
        let kept = client.clone();
        let written = idp.store.write(move |tx| {
            let kept = kept.clone();
            Box::pin(async move { row::insert(tx, &kept, NOW, NOW).await.map(drop) })
        });
        written.await.unwrap();
        let row = client::Entity::find_by_id(URL).one(idp.store.read()).await.unwrap().unwrap();
        let known = RegisteredClient::new(client.clone(), Vec::new(), row.stamp);
        assert!(idp.begin_device(&known, &request).await.unwrap().is_some(), "{kind:?}");
        // A quarter of an hour later all of them are over.
        clock.advance(900);
        let other = RegisteredClient::new(client, Vec::new(), UNWRITTEN);
        assert!(idp.begin_device(&other, &request).await.unwrap().is_some(), "{kind:?}");
    }
}
