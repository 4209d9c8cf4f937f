//! Writes on a database server: a transaction each.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait as _};

use super::{Cause, Job};
use crate::error::Error;
use crate::random;

/// The number of times that a job is tried. Deadlocks are rare, and one transaction of each wins.
const TRIES: u32 = 5;

/// A pool of connections to PostgreSQL or MySQL.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) connection: DatabaseConnection,
    pub(super) max_connections: u32,
}

impl Server {
    /// Runs a job in a task of its own, so that a requester who hangs up cannot leave a connection in the middle of something.
    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone + Send + 'static,
    {
        let server = self.clone();
        let written = tokio::spawn(async move { server.write_patiently(job).await });
        written.await.unwrap_or_else(|error| Err(Error::internal(error)))
    }

    async fn write_patiently<T, F>(&self, job: F) -> Result<T, Error>
    where
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone,
    {
        for tried in 1..TRIES {
            match self.write_once(job.clone()).await {
                Err(error) if is_deadlock(&error) => pause(tried).await,
                result => return result,
            }
        }
        self.write_once(job).await.map_err(|error| if is_deadlock(&error) { Error::Unavailable } else { error })
    }

    async fn write_once<T, F>(&self, job: F) -> Result<T, Error>
    where
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T>,
    {
        let tx = self.begin().await?;
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

    /// Connections that broke while nobody used them are found out here, where nothing is lost: then another one is taken.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        for _ in 0..self.max_connections {
            match self.connection.begin().await {
                Err(error) if Cause::of(&error) == Cause::Broken => {}
                result => return result,
            }
        }
        self.connection.begin().await
    }
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
