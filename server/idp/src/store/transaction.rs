//! Writes on a database server: a transaction each.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait as _};

use super::{Cause, Job};
use crate::error::Error;
use crate::random;

/// How often a job is tried. Deadlocks are rare, and one transaction of each wins.
const TRIES: u32 = 5;

/// Runs a job in a task of its own, so that a requester who hangs up cannot leave a connection in the middle of something.
pub(super) async fn write<T, F>(connection: &DatabaseConnection, job: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone + Send + 'static,
{
    let connection = connection.clone();
    tokio::spawn(async move { write_patiently(&connection, job).await }).await.unwrap_or_else(|error| Err(Error::internal(error)))
}

async fn write_patiently<T, F>(connection: &DatabaseConnection, job: F) -> Result<T, Error>
where
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone,
{
    for tried in 1..TRIES {
        match write_once(connection, job.clone()).await {
            Err(error) if is_deadlock(&error) => pause(tried).await,
            result => return result,
        }
    }
    write_once(connection, job).await.map_err(|error| if is_deadlock(&error) { Error::Unavailable } else { error })
}

async fn write_once<T, F>(connection: &DatabaseConnection, job: F) -> Result<T, Error>
where
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T>,
{
    let tx = begin(connection).await?;
    match job(&tx).await {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // A connection that cannot even roll back is closed by the pool, which comes to the same.
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

/// Connections that broke while they were idle are found out here, where nothing is lost: then another one is taken.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    for _ in 1..TRIES {
        match connection.begin().await {
            Err(error) if Cause::of(&error) == Cause::Broken => {}
            result => return result,
        }
    }
    connection.begin().await
}

fn is_deadlock(error: &Error) -> bool {
    match error {
        Error::Internal(source) => source.downcast_ref().is_some_and(|error| Cause::of(error) == Cause::Deadlock),
        _ => false,
    }
}

/// Longer from time to time, and not equally long for all.
async fn pause(tried: u32) {
    let [jitter] = random::bytes();
    tokio::time::sleep(Duration::from_micros((2_000 + 30 * u64::from(jitter)) << tried)).await;
}
