use futures::future::join_all;
use sea_orm::sqlx::Connection as _;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use super::*;

async fn sqlite() -> TestDatabase {
    TestDatabase::create(Kind::Sqlite).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_writers_and_as_many_readers_are_never_refused() {
    let database = sqlite().await;
    // Two processes, as far as SQLite can tell.
    let stores = [open(&database).await, open(&database).await];
    let writers = join_all((0..64).map(async |number: usize| {
        for round in 0..5 {
            stores[number % 2].insert(setting(format!("{number}.{round}"), "")).await.unwrap();
        }
    }));
    let readers = join_all((0..64).map(async |number: usize| {
        for _ in 0..5 {
            setting::Entity::find().count(stores[number % 2].read()).await.unwrap();
        }
    }));
    tokio::join!(writers, readers);
    assert_eq!(stores[0].count::<setting::Entity>().await, 320);
}

#[tokio::test]
async fn the_writer_goes_on_after_the_disk_was_full() {
    let database = sqlite().await;
    let store = open(&database).await;
    let big = "x".repeat(40_000);
    store.connection().execute_unprepared("PRAGMA max_page_count = 80").await.unwrap();
    let results = join_all((0..20).map(|number| store.insert(setting(number.to_string(), &big)))).await;
    assert!(results.iter().any(|result| matches!(result, Err(Error::Unavailable))), "{results:?}");
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(Error::Unavailable))), "{results:?}");
    let kept = results.iter().filter(|result| result.is_ok()).count() as u64;
    assert_eq!(store.count::<setting::Entity>().await, kept, "what was answered is kept, and nothing else");

    store.connection().execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
    join_all((20..40).map(async |number: u32| store.insert(setting(number.to_string(), &big)).await.unwrap())).await;
    assert_eq!(open(&database).await.count::<setting::Entity>().await, kept + 20);
}

/// SQLite does so by itself after some failures, and the driver does not notice.
#[tokio::test]
async fn a_transaction_that_ended_by_itself_is_not_answered_for() {
    let database = sqlite().await;
    let store = open(&database).await;
    let ends = store.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("ROLLBACK").await?;
            Ok(())
        })
    });
    let (before, ended, after) =
        tokio::join!(store.insert(setting("before", "")), ends, store.insert(setting("after", "")));
    assert!(
        [&before, &ended, &after].iter().all(|result| matches!(result, Err(Error::Unavailable))),
        "{before:?} {ended:?} {after:?}"
    );

    store.insert(setting("later", "")).await.unwrap();
    assert!(!store.connection().get_sqlite_connection_pool().acquire().await.unwrap().is_in_transaction());
    assert_eq!(store.count::<setting::Entity>().await, 1);
}

#[tokio::test]
async fn a_database_in_memory_is_one_database_and_leaves_nothing() {
    let store = Store::connect("sqlite::memory:", 1).await.unwrap();
    migration::migrate(store.connection()).await.unwrap();
    store.insert(setting("name", "value")).await.unwrap();
    assert_eq!(store.count::<setting::Entity>().await, 1);
    let directory = store.secret_path().parent().unwrap().to_owned();
    assert!(directory.is_dir());
    drop(store);
    assert!(!directory.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let error = Store::connect("sqlite:///no/such/directory/oauth.db", 1).await.unwrap_err();
    assert!(error.to_string().contains("no/such/directory/oauth.db"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_a_new_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = sqlite().await;
    let store = open(&database).await;
    let file = store.secret_path().with_file_name("oauth.db");
    for file in [file.clone(), file.with_extension("db-wal")] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}
