//! Connections, with the settings that were measured to be right.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::sqlx::mysql::{MySql, MySqlConnectOptions};
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, Postgres};
use sea_orm::sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Database, Executor as _};
use sea_orm::{DatabaseConnection, SqlxMySqlConnector, SqlxPostgresConnector, SqlxSqliteConnector};

use super::ConnectError;

/// The time that a request waits for a connection, or for a lock that another transaction holds, before it is told that the
/// database is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time that a file may take to be opened, when the server starts.
const OPENING: Duration = Duration::from_secs(30);

/// A connection that has been idle for this long is tested before it is used: the other side may have hung up.
const STALE: Duration = Duration::from_secs(1);

/// Readers of a SQLite file.
const SQLITE_READERS: u32 = 8;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// The one connection that writes. With `make`, the file may be empty, and gets the journal that the server wants.
pub(super) async fn sqlite_writer(path: &Path, make: bool) -> Result<DatabaseConnection, ConnectError> {
    let mut options = sqlite(path).create_if_missing(make);
    if make {
        options = options.journal_mode(SqliteJournalMode::Wal);
    }
    let pool = sqlite_pool().max_connections(1).after_release(|connection, _| {
        Box::pin(async move {
            // A full disk ends a transaction behind the driver's back; it would count it as open for ever.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    sqlite_open(pool, options).await
}

/// Opens the file as long as it takes: a busy disk is slow, and of two processes that switch a new file to WAL at once, SQLite refuses
/// one without waiting.
async fn sqlite_open(
    pool: PoolOptions<Sqlite>,
    options: SqliteConnectOptions,
) -> Result<DatabaseConnection, ConnectError> {
    let mut waited = Duration::ZERO;
    loop {
        waited += match pool.clone().connect_with(options.clone()).await {
            Err(sqlx::Error::PoolTimedOut) if waited < OPENING => PATIENCE,
            Err(sqlx::Error::Database(error)) if waited < PATIENCE && error.message().contains("locked") => {
                tokio::time::sleep(PATIENCE / 50).await;
                PATIENCE / 50
            }
            pool => return Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool?)),
        };
    }
}

/// Connections that cannot write.
pub(super) async fn sqlite_readers(path: &Path) -> Result<DatabaseConnection, ConnectError> {
    sqlite_open(sqlite_pool().max_connections(SQLITE_READERS), sqlite(path).pragma("query_only", "ON")).await
}

/// Connections to a file stay open: nobody hangs up, and a new one would have to warm its caches again.
fn sqlite_pool() -> PoolOptions<Sqlite> {
    PoolOptions::new().acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None).test_before_acquire(false)
}

fn sqlite(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        // Full: a token that was handed out survives a power cut. Grouped commits make it free.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", "4000")
        .pragma("temp_store", "MEMORY")
        .pragma("mmap_size", "268435456")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging()
}

pub(super) async fn postgres(url: &str, max_connections: u32) -> Result<DatabaseConnection, ConnectError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("signet")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    let pool = server_pool::<Postgres>(max_connections).after_connect(|connection, _| {
        Box::pin(async move {
            let sql = "SET default_transaction_isolation = 'read committed'; SET lock_timeout = '5s'";
            connection.execute(sql).await.map(drop)
        })
    });
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_with(options).await?))
}

pub(super) async fn mysql(url: &str, max_connections: u32) -> Result<DatabaseConnection, ConnectError> {
    // The driver sets the session's time zone to UTC and asks for UPDATE to count the rows it found.
    let options = MySqlConnectOptions::from_str(url)?
        .charset("utf8mb4")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    let pool = server_pool::<MySql>(max_connections).after_connect(|connection, _| {
        Box::pin(async move {
            // As on PostgreSQL. Under REPEATABLE READ, gap locks of neighbouring inserts end in deadlocks.
            connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
            // Strict: a text that is too long is an error, not a shorter text.
            let sql =
                "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), SESSION innodb_lock_wait_timeout = 5";
            connection.execute(sql).await.map(drop)
        })
    });
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(pool.connect_with(options).await?))
}

fn server_pool<D: Database>(max_connections: u32) -> PoolOptions<D> {
    let pool =
        PoolOptions::<D>::new().max_connections(max_connections).acquire_timeout(PATIENCE).test_before_acquire(false);
    pool.before_acquire(|connection, connected| {
        Box::pin(async move {
            if connected.idle_for >= STALE {
                connection.ping().await?;
            }
            Ok(true)
        })
    })
}
