//! Databases for tests: a fresh and empty one for each, of any kind.
//!
//! SQLite is always there. The others are found in `SIGNET_TEST_POSTGRES_URL` and `SIGNET_TEST_MYSQL_URL`, whose user may
//! create databases on a server that nobody else needs. Without them there is nothing to test, unless
//! `SIGNET_TEST_ALL_DATABASES=1` says that they must be there.
#![expect(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use sea_orm::{ConnectionTrait as _, Database, ExecResult, Statement};

use crate::random;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    MySql,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];
}

/// An empty database. A SQLite file goes with it; on a server it stays until the server goes.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    directory: Option<PathBuf>,
}

impl TestDatabase {
    /// Makes a database; `None` where there is no server of that kind.
    ///
    /// # Panics
    /// When it cannot be made, or all kinds are asked for and this one is missing.
    pub async fn create(kind: Kind) -> Option<Self> {
        let variable = match kind {
            Kind::Sqlite => return Some(Self::create_file()),
            Kind::Postgres => "SIGNET_TEST_POSTGRES_URL",
            Kind::MySql => "SIGNET_TEST_MYSQL_URL",
        };
        let Ok(server) = std::env::var(variable) else {
            assert!(std::env::var("SIGNET_TEST_ALL_DATABASES").as_deref() != Ok("1"), "{variable} is not set");
            return None;
        };
        let name = format!("signet_{}", random::client_id());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let (server, _) = server.rsplit_once('/').expect("the URL of a server names a database");
        Some(Self { url: format!("{server}/{name}"), directory: None })
    }

    fn create_file() -> Self {
        let directory = std::env::temp_dir().join(format!("signet-test-{}", random::client_id()));
        std::fs::create_dir(&directory).expect("a temporary directory can be made");
        Self { url: format!("sqlite:///{}/oauth.db", directory.display()), directory: Some(directory) }
    }

    /// The URL, as `DATABASE_URL` would have it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

/// Executes a statement on a connection of its own.
///
/// # Panics
/// When it fails.
pub async fn execute(url: &str, sql: &str) -> ExecResult {
    let connection = Database::connect(url).await.expect("the database answers");
    let result = connection.execute_unprepared(sql).await;
    let _ = connection.close().await;
    result.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The first column of every row that a query finds, as texts.
///
/// # Panics
/// When it fails.
pub async fn texts(url: &str, sql: &str) -> Vec<String> {
    let connection = Database::connect(url).await.expect("the database answers");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let _ = connection.close().await;
    rows.iter().map(|row| row.try_get_by_index(0).expect("it is a text")).collect()
}

/// A node on the database, with the schema of this version.
#[cfg(test)]
pub(crate) async fn open_node(database: &TestDatabase, clock: &crate::clock::Clock) -> crate::Idp {
    let store = crate::store::Store::connect(database.url(), 8).await.expect("it is there");
    migration::migrate(store.connection()).await.expect("it is empty, or migrated");
    let options = crate::Options {
        issuer: oauth::id::Issuer::parse("http://127.0.0.1:8000").expect("it is an issuer"),
        code_lifetime: 60,
        key_rotation: None,
        audit_retention: None,
        app_secret: crate::AppSecret::parse("0123456789abcdef0123456789abcdef").expect("it is long enough"),
    };
    crate::Idp::open(store, clock.clone(), options).await.expect("the keys are made")
}
