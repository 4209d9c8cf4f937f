use futures::future::join_all;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};

use super::*;

on_every_database!(
    migrations_run_twice,
    four_nodes_migrate_an_empty_database_at_once,
    a_migration_that_was_cut_off_goes_on,
    what_is_deleted_takes_what_refers_to_it,
    links_go_with_their_account_and_their_trust,
    texts_are_compared_to_the_letter,
    failures_have_their_names,
    every_column_keeps_its_value,
);

async fn migrations_run_twice(database: TestDatabase) {
    let store = open(&database).await;
    store.insert(setting("kept", "value")).await.unwrap();
    migration::migrate(store.connection()).await.unwrap();
    assert_eq!(store.count::<setting::Entity>().await, 1);
}

async fn four_nodes_migrate_an_empty_database_at_once(database: TestDatabase) {
    let stores = join_all((0..4).map(|_| open(&database))).await;
    for (number, store) in stores.iter().enumerate() {
        store.insert(setting(format!("node {number}"), "ready")).await.unwrap();
    }
    assert_eq!(stores[0].count::<setting::Entity>().await, 4);
}

/// MySQL commits each statement of a migration, so all of it may be there but the record.
async fn a_migration_that_was_cut_off_goes_on(database: TestDatabase) {
    let store = open(&database).await;
    if store.connection().get_database_backend() == DbBackend::MySql {
        store.connection().execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
        store.connection().execute_unprepared("DROP TABLE access_token").await.unwrap();
        store.connection().execute_unprepared("DROP INDEX ix_grants_sid ON grants").await.unwrap();
        migration::migrate(store.connection()).await.unwrap();
        fill(&store, &client("web"), &account("alice")).await;
    }
}

async fn what_is_deleted_takes_what_refers_to_it(database: TestDatabase) {
    let store = open(&database).await;
    let (web, alice) = (client("web"), account("alice"));

    fill(&store, &web, &alice).await;
    assert_eq!(references(&store).await, [1, 1, 1, 1, 1, 1, 1]);
    store.delete(client::Entity::delete_by_id("web")).await;
    assert_eq!(references(&store).await, [0, 1, 0, 0, 0, 0, 0]);
    store.delete(account::Entity::delete_by_id(alice.id)).await;
    assert_eq!(references(&store).await, [0; 7]);

    fill(&store, &web, &alice).await;
    store.delete(account::Entity::delete_by_id(alice.id)).await;
    assert_eq!(references(&store).await, [1, 0, 0, 0, 0, 0, 0]);
    store.delete(client::Entity::delete_by_id("web")).await;

    let grant = fill(&store, &web, &alice).await;
    store.delete(grants::Entity::delete_by_id(grant.id)).await;
    assert_eq!(references(&store).await, [1, 1, 1, 0, 0, 0, 0]);
}

async fn links_go_with_their_account_and_their_trust(database: TestDatabase) {
    let store = open(&database).await;
    let mut row = trust::Model {
        id: id(),
        digest: digest(),
        name: "Acme".to_owned(),
        enabled: true,
        document: "{}".to_owned(),
        version: 1,
        created_at: 1,
        updated_at: 1,
    };
    let link = |trust: &trust::Model, account: &account::Model| account_link::Model {
        id: id(),
        trust_id: trust.id,
        account_id: account.id,
        digest: digest(),
        subject: "00u1".to_owned(),
        created_at: 1,
    };
    for name in ["alice", "bob"] {
        (row.id, row.digest) = (id(), digest());
        let account = account(name);
        store.insert(account.clone()).await.unwrap();
        store.insert(row.clone()).await.unwrap();
        let made = link(&row, &account);
        store.insert(made.clone()).await.unwrap();
        let twice = account_link::Model { id: id(), ..made };
        assert!(matches!(store.insert(twice).await, Err(Error::Conflict)), "one account for each");
        match name {
            "alice" => store.delete(account::Entity::delete_by_id(account.id)).await,
            _ => store.delete(trust::Entity::delete_by_id(row.id)).await,
        }
        assert_eq!(store.count::<account_link::Entity>().await, 0, "{name}");
    }
}

impl Store {
    async fn delete<E: EntityTrait + Clone>(&self, delete: sea_orm::ValidatedDeleteOne<E>) {
        let deleted = self.write(move |tx| Box::pin(async move { Ok(delete.exec(tx).await?.rows_affected) })).await;
        assert_eq!(deleted.unwrap(), 1);
    }
}

async fn references(store: &Store) -> [u64; 7] {
    [
        store.count::<client_secret::Entity>().await,
        store.count::<session::Entity>().await,
        store.count::<consent::Entity>().await,
        store.count::<grants::Entity>().await,
        store.count::<authorization_code::Entity>().await,
        store.count::<refresh_token::Entity>().await,
        store.count::<access_token::Entity>().await,
    ]
}

async fn texts_are_compared_to_the_letter(database: TestDatabase) {
    let store = open(&database).await;
    let names = ["cafe", "Cafe", "café", "cafe\u{301}", "cafe ", "ｃafe"];
    for name in names {
        store.insert(client(name)).await.unwrap();
    }
    for name in names {
        let found = client::Entity::find().filter(client::Column::ClientId.eq(name)).all(store.read()).await.unwrap();
        assert_eq!(found.iter().map(|row| row.client_id.as_str()).collect::<Vec<_>>(), [name]);
    }
    assert!(client::Entity::find_by_id("CAFE").one(store.read()).await.unwrap().is_none());
}

async fn failures_have_their_names(database: TestDatabase) {
    let store = open(&database).await;
    let (web, alice) = (client("web"), account("alice"));
    store.insert(web.clone()).await.unwrap();
    assert!(matches!(store.insert(web.clone()).await, Err(Error::Conflict)));
    store.insert(alice.clone()).await.unwrap();
    assert!(matches!(store.insert(account("alice")).await, Err(Error::Conflict)), "a unique column");
    assert!(matches!(store.insert(grant(&client("gone"), &alice)).await, Err(Error::NotFound)), "a reference");
    assert!(matches!(store.insert(grant(&web, &account("gone"))).await, Err(Error::NotFound)), "a reference");
    if store.read().get_database_backend() != DbBackend::Sqlite {
        let long = store.insert(client(&"x".repeat(256))).await;
        assert!(matches!(long, Err(Error::Internal(_))), "a text that is too long");
    }
    let broken = store.read().execute_unprepared("SELECT nothing").await.map_err(Error::from).map(drop);
    assert!(matches!(broken, Err(Error::Internal(_))));
}

async fn every_column_keeps_its_value(database: TestDatabase) {
    let store = open(&database).await;
    let (mut web, alice) = (client("web"), account("Ålice 😀"));
    web.document = "x".repeat(50_000);
    web.last_used_at = Some(i64::MAX);
    let mut grant = grant(&web, &alice);
    (grant.offline, grant.auth_time, grant.expires_at) = (true, Some(-1), 1 << 40);
    (grant.sid, grant.amr, grant.acr) = (Some(random::token()), Some("pwd otp".to_owned()), Some(String::new()));
    let token = refresh_token(&grant);
    store.insert(web.clone()).await.unwrap();
    store.insert(alice.clone()).await.unwrap();
    store.insert(grant.clone()).await.unwrap();
    store.insert(token.clone()).await.unwrap();
    assert_eq!(client::Entity::find_by_id("web").one(store.read()).await.unwrap(), Some(web));
    assert_eq!(account::Entity::find_by_id(alice.id).one(store.read()).await.unwrap(), Some(alice));
    let found = refresh_token::Entity::find_by_id(token.digest.clone())
        .find_also_related(grants::Entity)
        .one(store.read())
        .await;
    assert_eq!(found.unwrap(), Some((token, Some(grant))));
}
