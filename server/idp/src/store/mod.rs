//! The database: many readers and, on SQLite, one writer that groups what waits into one transaction.
//!
//! A thing that may be used once is claimed by `UPDATE … WHERE consumed_at IS NULL`, whose row count is the lock: of any number of
//! requests at once, one touches a row. It counts rows found, not rows changed, on MySQL too.

mod connect;
mod encoding;
pub(crate) mod failure;
mod file;
mod server;
#[cfg(test)]
mod tests;
mod url;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction};

pub(crate) use failure::Cause;
use file::SqliteFile;
use server::Server;
pub use url::{DatabaseUrl, DatabaseUrlError};
use writer::Writer;

use crate::error::Error;

/// The work of a job inside its transaction.
pub(crate) type Job<'a, T> = futures::future::BoxFuture<'a, Result<T, Error>>;

/// A handle that is cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// Tests stop a node between what it read and what it writes.
    #[cfg(any(test, feature = "testing"))]
    gate: crate::testing::Gate,
}

#[derive(Debug)]
enum Inner {
    /// SQLite has room for one writer at a time, so there is one. The file goes last: one that is temporary is removed then.
    Sqlite { reader: DatabaseConnection, writer: Writer, file: SqliteFile },
    /// A server sorts its writers out itself.
    Server(Server),
}

impl Store {
    /// Connects to the database that `url` names. `max_connections` counts for PostgreSQL and MySQL.
    ///
    /// # Errors
    /// When the URL is not understood or the database does not answer.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        match DatabaseUrl::parse(url)? {
            DatabaseUrl::Sqlite(path) => Self::open(SqliteFile::make(path)?).await,
            DatabaseUrl::SqliteMemory => Self::open(SqliteFile::temporary()?).await,
            server => Self::reach(server, max_connections).await,
        }
    }

    /// Connects to the database that `url` names, and makes none.
    ///
    /// # Errors
    /// [`ConnectError::NothingThere`] where a file is missing; else as [`Self::connect`].
    pub async fn connect_existing(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        match DatabaseUrl::parse(url)? {
            DatabaseUrl::Sqlite(path) => Self::open(SqliteFile::find(path)?).await,
            DatabaseUrl::SqliteMemory => {
                Err(ConnectError::NothingThere("sqlite::memory: is a database that is always new".to_owned()))
            }
            server => Self::reach(server, max_connections).await,
        }
    }

    async fn reach(server: DatabaseUrl, max_connections: u32) -> Result<Self, ConnectError> {
        let connection = match server {
            DatabaseUrl::Postgres(url) => connect::postgres(&url, max_connections).await?,
            DatabaseUrl::MySql(url) => connect::mysql(&url, max_connections).await?,
            DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteMemory => return Err(DatabaseUrlError::Scheme.into()),
        };
        encoding::check(&connection).await?;
        Ok(Self::of(Inner::Server(Server { connection, max_connections })))
    }

    async fn open(file: SqliteFile) -> Result<Self, ConnectError> {
        let failed = |error: ConnectError| error.about(file.path());
        // The writer first: it is the one that makes a database of an empty file.
        let writer = Writer::start(connect::sqlite_writer(file.path(), file.is_ours()).await.map_err(failed)?);
        let reader = connect::sqlite_readers(file.path()).await.map_err(failed)?;
        Ok(Self::of(Inner::Sqlite { reader, writer, file }))
    }

    fn of(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
            #[cfg(any(test, feature = "testing"))]
            gate: crate::testing::Gate::default(),
        }
    }

    /// The gate before its transactions.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn gate(&self) -> &crate::testing::Gate {
        &self.gate
    }

    /// A connection that may change the schema, for migrations.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.connection(),
            Inner::Server(server) => &server.connection,
        }
    }

    /// The connections to read with, outside any transaction.
    pub(crate) fn read(&self) -> &DatabaseConnection {
        match &*self.inner {
            Inner::Sqlite { reader, .. } => reader,
            Inner::Server(server) => &server.connection,
        }
    }

    /// Runs `job` in a transaction and answers after the commit. `Ok` keeps what the job wrote, `Err` keeps nothing of it.
    ///
    /// The job goes on when nobody waits for it any more. It should wait for nothing but its statements: on SQLite, everybody
    /// who writes waits for it. Once a statement has failed it must end, for PostgreSQL takes no other one in that
    /// transaction. It is `Clone` because a server may ask that a transaction be run again: then a copy runs, from the
    /// beginning.
    ///
    /// # Errors
    /// The error of the job; [`Error::Unavailable`] when nobody knows whether it was committed, or it surely was not.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone + Send + 'static,
    {
        #[cfg(any(test, feature = "testing"))]
        self.gate.pass().await;
        self.write_aside(job).await
    }

    /// The same for what nobody waits for, past the gate of tests.
    pub(crate) async fn write_aside<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Clone + Send + 'static,
    {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.write(job).await,
            Inner::Server(server) => server.write(job).await,
        }
    }

    /// Asks the database for an answer.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        // A statement, because the driver for SQLite answers a ping without looking at the file.
        Ok(sea_orm::ConnectionTrait::execute_unprepared(self.read(), "SELECT 1").await.map(drop)?)
    }

    /// Finishes what was begun and closes the connections. Later reads and writes fail with [`Error::Unavailable`].
    pub async fn close(&self) {
        if let Err(error) = self.read().close_by_ref().await {
            tracing::warn!(%error, "the connections to the database were not closed in order");
        }
        // Last and alone: whoever leaves a SQLite file last takes away the journal beside it, and of two at once neither does.
        if let Inner::Sqlite { writer, .. } = &*self.inner {
            writer.stop().await;
        }
    }

    /// The database in words, without what may be a password.
    #[must_use]
    pub fn describe(&self) -> String {
        match &*self.inner {
            Inner::Sqlite { file, .. } => file.describe(),
            Inner::Server(_) => "on the server".to_owned(),
        }
    }

    /// The files of the database, where it is made of files that stay.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        match &*self.inner {
            Inner::Sqlite { file, .. } => file.all(),
            Inner::Server(_) => Vec::new(),
        }
    }

    /// The file in which a secret can be kept beside the database.
    #[must_use]
    pub fn secret_path(&self) -> PathBuf {
        match &*self.inner {
            Inner::Sqlite { file, .. } => file.path().with_extension("db.secret"),
            Inner::Server(_) => PathBuf::from("oauth.db.secret"),
        }
    }
}

/// Why there is no connection. Says nothing of what the URL holds: that may be a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// A command that makes no database finds none.
    #[error("{0}")]
    NothingThere(String),
    #[error("the database does not keep texts in UTF-8: {0}")]
    Encoding(String),
}

impl ConnectError {
    /// Names the file that could not be opened.
    fn about(self, path: &std::path::Path) -> Self {
        match self {
            Self::Database(problem) => Self::Database(format!("{}: {problem}", path.display())),
            error => error,
        }
    }
}

impl From<sea_orm::sqlx::Error> for ConnectError {
    fn from(error: sea_orm::sqlx::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<std::io::Error> for ConnectError {
    fn from(error: std::io::Error) -> Self {
        Self::Database(error.to_string())
    }
}
