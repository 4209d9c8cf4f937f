use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter};
use tokio::sync::{Barrier, Notify};

use super::*;

on_every_database!(
    one_of_32_consumers_wins,
    an_update_counts_the_rows_it_finds,
    a_failing_job_keeps_nothing_and_disturbs_nobody,
    what_is_answered_can_be_read,
    a_job_that_panics_is_a_failure_of_its_own,
    a_job_goes_on_without_its_requester,
    transactions_that_lock_each_other_out_are_run_again,
    a_closed_store_is_unavailable,
);

async fn consume(tx: &DatabaseTransaction, digest: Vec<u8>) -> Result<bool, Error> {
    let consumed = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::ConsumedAt, Expr::value(7))
        .filter(refresh_token::Column::Digest.eq(digest))
        .filter(refresh_token::Column::ConsumedAt.is_null())
        .exec(tx)
        .await?;
    Ok(consumed.rows_affected == 1)
}

async fn one_of_32_consumers_wins(database: TestDatabase) {
    // Two nodes, as far as the database can tell.
    let nodes = [open(&database).await, open(&database).await];
    let (web, alice) = (client("web"), account("alice"));
    let grant = fill(&nodes[0], &web, &alice).await;
    for _ in 0..8 {
        let token = refresh_token(&grant);
        nodes[0].insert(token.clone()).await.unwrap();
        let attempts = (0..32).map(|number| {
            let (digest, next) = (token.digest.clone(), refresh_token(&grant));
            nodes[number % 2].write(move |tx| {
                Box::pin(async move {
                    let won = consume(tx, digest).await?;
                    if won {
                        refresh_token::Entity::insert(next.into_active_model()).exec_without_returning(tx).await?;
                    }
                    Ok(won)
                })
            })
        });
        let won = join_all(attempts).await.into_iter().filter(|result| *result.as_ref().unwrap()).count();
        assert_eq!(won, 1);
    }
    // The one of `fill`, and each round one and its successor.
    assert_eq!(nodes[1].count::<refresh_token::Entity>().await, 17);
}

async fn an_update_counts_the_rows_it_finds(database: TestDatabase) {
    let store = open(&database).await;
    store.insert(setting("name", "same")).await.unwrap();
    let same = setting::Entity::update_many()
        .col_expr(setting::Column::Value, Expr::value("same"))
        .filter(setting::Column::Name.eq("name"));
    let rows = store.write(move |tx| Box::pin(async move { Ok(same.exec(tx).await?.rows_affected) })).await;
    assert_eq!(rows.unwrap(), 1);
}

/// Inserts a setting, and then goes wrong when asked to.
async fn insert_then(store: &Store, name: String, error: Option<fn() -> Error>) -> Result<(), Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                setting::Entity::insert(setting(name, "").into_active_model()).exec_without_returning(tx).await?;
                error.map_or(Ok(()), |error| Err(error()))
            })
        })
        .await
}

async fn a_failing_job_keeps_nothing_and_disturbs_nobody(database: TestDatabase) {
    let store = open(&database).await;
    // While this one has the writer, the others gather behind it to become one group.
    let gathered = Arc::new(Notify::new());
    let first = {
        let gathered = Arc::clone(&gathered);
        store.write(move |_| {
            Box::pin(async move {
                gathered.notified().await;
                Ok(())
            })
        })
    };
    let others = join_all((0..60).map(|number| {
        let error: Option<fn() -> Error> = match number % 3 {
            0 => Some(|| Error::Stale),
            _ => None,
        };
        // Of the last ten, each has the name of one of the first ten: somebody is second.
        insert_then(&store, format!("{}", number % 50), error)
    }));
    // All are asked once, in this order, before any is asked again.
    let (first, others, ()) = tokio::join!(biased; first, others, async { gathered.notify_one() });
    first.unwrap();
    let count =
        |expected: fn(&Error) -> bool| others.iter().filter(|result| result.as_ref().is_err_and(expected)).count();
    let (stale, conflicts) =
        (count(|error| matches!(error, Error::Stale)), count(|error| matches!(error, Error::Conflict)));
    let kept = others.iter().filter(|result| result.is_ok()).count();
    assert_eq!(kept + stale + conflicts, 60, "{others:?}");
    assert_eq!(store.count::<setting::Entity>().await, kept as u64);
    assert!(kept >= 33 && stale >= 13, "{kept} kept, {stale} stale, {conflicts} conflicts");
}

async fn what_is_answered_can_be_read(database: TestDatabase) {
    let store = open(&database).await;
    let results = join_all((0..64).map(async |number: u32| {
        let name = number.to_string();
        store.insert(setting(name.clone(), "x")).await.unwrap();
        setting::Entity::find_by_id(name).one(store.read()).await.unwrap().is_some()
    }));
    assert!(results.await.into_iter().all(|found| found));
}

async fn a_job_that_panics_is_a_failure_of_its_own(database: TestDatabase) {
    let store = open(&database).await;
    let panics = store.write(|tx| {
        Box::pin(async move {
            setting::Entity::insert(setting("lost", "").into_active_model()).exec_without_returning(tx).await?;
            if true {
                panic!("a test does this on purpose");
            }
            Ok(())
        })
    });
    let (panicked, neighbour) = tokio::join!(panics, store.insert(setting("kept", "")));
    assert!(matches!(panicked, Err(Error::Internal(_))));
    neighbour.unwrap();
    store.insert(setting("later", "")).await.unwrap();
    assert_eq!(store.count::<setting::Entity>().await, 2);
}

async fn a_job_goes_on_without_its_requester(database: TestDatabase) {
    let store = open(&database).await;
    let (begun, left) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let requester = {
        let (store, begun, left) = (store.clone(), Arc::clone(&begun), Arc::clone(&left));
        tokio::spawn(async move {
            let job = store.write(move |tx| {
                Box::pin(async move {
                    setting::Entity::insert(setting("kept", "").into_active_model()).exec_without_returning(tx).await?;
                    begun.notify_one();
                    left.notified().await;
                    Ok(())
                })
            });
            job.await
        })
    };
    begun.notified().await;
    requester.abort();
    assert!(requester.await.unwrap_err().is_cancelled());
    left.notify_one();
    // Nobody is told when the job has committed.
    while store.count::<setting::Entity>().await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Two jobs change the same two rows in opposite order and meet between the two, the first time.
async fn transactions_that_lock_each_other_out_are_run_again(database: TestDatabase) {
    let store = open(&database).await;
    store.insert(setting("a", "")).await.unwrap();
    store.insert(setting("b", "")).await.unwrap();
    let (meeting, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let together = store.read().get_database_backend() != DbBackend::Sqlite;
    let job = |first: &'static str, second: &'static str| {
        let (meeting, tries) = (Arc::clone(&meeting), Arc::clone(&tries));
        store.write(move |tx| {
            Box::pin(async move {
                append(tx, first).await?;
                if tries.fetch_add(1, Ordering::SeqCst) < 2 && together {
                    meeting.wait().await;
                }
                append(tx, second).await
            })
        })
    };
    let (one, other) = tokio::join!(job("a", "b"), job("b", "a"));
    one.unwrap();
    other.unwrap();
    let rows = setting::Entity::find().all(store.read()).await.unwrap();
    assert!(rows.iter().all(|row| row.value == "xx"), "{rows:?}");
    assert!(!together || tries.load(Ordering::SeqCst) > 2, "there was no deadlock");
}

async fn append(tx: &DatabaseTransaction, name: &str) -> Result<(), Error> {
    let longer = match tx.get_database_backend() {
        DbBackend::MySql => "CONCAT(value, 'x')",
        _ => "value || 'x'",
    };
    setting::Entity::update_many()
        .col_expr(setting::Column::Value, Expr::cust(longer))
        .filter(setting::Column::Name.eq(name))
        .exec(tx)
        .await?;
    Ok(())
}

async fn a_closed_store_is_unavailable(database: TestDatabase) {
    let store = open(&database).await;
    store.ping().await.unwrap();
    let (last, ()) = tokio::join!(store.insert(setting("last", "")), store.close());
    // On a server, the end may come before there is a connection for it.
    assert!(last.is_ok() || store.connection().get_database_backend() != DbBackend::Sqlite, "{last:?}");
    assert!(matches!(store.ping().await, Err(Error::Unavailable)));
    assert!(matches!(store.insert(setting("late", "")).await, Err(Error::Unavailable)));
    assert_eq!(open(&database).await.count::<setting::Entity>().await, u64::from(last.is_ok()));
}
