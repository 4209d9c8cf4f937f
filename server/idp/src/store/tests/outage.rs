use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::*;

on_every_database!(connections_are_as_they_should_be, nothing_tells_the_password);

mod cut_on_postgres {
    crate::store::tests::on!(crate::testing::Kind::Postgres, writes_and_reads_go_on_after_all_connections_were_cut);
}
mod cut_on_mysql {
    crate::store::tests::on!(crate::testing::Kind::MySql, writes_and_reads_go_on_after_all_connections_were_cut);
}

async fn ask(store: &Store, sql: &str) -> String {
    let backend = store.read().get_database_backend();
    let row = store.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0)
        .or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
        .unwrap()
}

async fn connections_are_as_they_should_be(database: TestDatabase) {
    let store = open(&database).await;
    match store.read().get_database_backend() {
        DbBackend::Sqlite => {
            assert_eq!(ask(&store, "PRAGMA journal_mode").await, "wal");
            assert_eq!(ask(&store, "PRAGMA foreign_keys").await, "1");
            assert_eq!(ask(&store, "PRAGMA query_only").await, "1");
            assert!(store.read().execute_unprepared("DELETE FROM setting").await.is_err());
        }
        DbBackend::Postgres => assert_eq!(ask(&store, "SHOW transaction_isolation").await, "read committed"),
        _ => {
            assert!(ask(&store, "SELECT @@sql_mode").await.contains("STRICT_ALL_TABLES"));
            assert_eq!(ask(&store, "SELECT @@time_zone").await, "+00:00");
            let isolation = store.read().query_one_raw(Statement::from_string(
                DbBackend::MySql,
                "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')",
            ));
            assert_eq!(isolation.await.unwrap().unwrap().try_get_by_index::<String>(1).unwrap(), "READ-COMMITTED");
        }
    }
}

async fn nothing_tells_the_password(database: TestDatabase) {
    let store = connect(&database).await;
    let shown = format!("{store:?}");
    assert!(!shown.contains("signet:signet") && !shown.to_lowercase().contains("password"), "{shown}");
    let wrong = ["postgresql://u:hunter2@127.0.0.1:1/d", "mysql://u:hunter2@127.0.0.1:x/d", "oracle://u:hunter2@h/d"];
    for url in wrong {
        let error = tokio::time::timeout(Duration::from_secs(300), Store::connect(url, 1)).await.unwrap().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

async fn writes_and_reads_go_on_after_all_connections_were_cut(database: TestDatabase) {
    let store = open(&database).await;
    futures::future::join_all((0..8).map(|number| store.insert(setting(number.to_string(), "")))).await;
    let name = database.url().rsplit('/').next().unwrap();
    match store.read().get_database_backend() {
        DbBackend::Postgres => {
            let cut = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
            );
            crate::testing::execute(database.url(), &cut).await;
        }
        _ => {
            let list =
                format!("SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()");
            let connections = store.read().query_all_raw(Statement::from_string(DbBackend::MySql, list)).await.unwrap();
            for connection in connections {
                let id: i64 = connection.try_get_by_index(0).unwrap();
                crate::testing::execute(database.url(), &format!("KILL {id}")).await;
            }
        }
    }
    // The next write finds out and takes another connection.
    store.insert(setting("after", "")).await.unwrap();
    // A read may meet one of the broken connections; each of them only once.
    let mut refused = 0;
    while store.ping().await.is_err() {
        refused += 1;
        assert!(refused <= 8);
    }
    assert_eq!(store.count::<setting::Entity>().await, 9);
}
