//! Databases for tests: a fresh and empty one for each, of any kind.
//!
//! SQLite is always there. The others are found in `SIGNET_TEST_POSTGRES_URL` and `SIGNET_TEST_MYSQL_URL`, whose user may
//! create databases on a server that nobody else needs. Without them there is nothing to test, unless
//! `SIGNET_TEST_ALL_DATABASES=1` says that they must be there.
#![expect(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

pub mod certificate;
pub mod site;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, ExecResult, Statement,
    TransactionTrait as _,
};

use tokio::sync::{OwnedRwLockWriteGuard, RwLock, watch};

use crate::{Idp, random};

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

/// A test that still has its database after this long hangs, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// An empty database. A SQLite file goes with it; on a server it stays until the server goes.
#[derive(Debug)]
pub struct TestDatabase {
    kind: Kind,
    url: String,
    directory: Option<PathBuf>,
    _watched: mpsc::Sender<()>,
}

/// Ends the process when the sender lives longer than [`PATIENCE`], and says which test it is: a test that hangs has a name then.
fn watch() -> mpsc::Sender<()> {
    let (watched, gone) = mpsc::channel();
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    std::thread::spawn(move || {
        if gone.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            // Not by `eprintln`, whose words are kept until the test ends.
            let _ = writeln!(std::io::stderr(), "{test} hangs: it still has its database after {PATIENCE:?}");
            std::process::exit(101);
        }
    });
    watched
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
        Some(Self { kind, url: format!("{server}/{name}"), directory: None, _watched: watch() })
    }

    fn create_file() -> Self {
        let directory = std::env::temp_dir().join(format!("signet-test-{}", random::client_id()));
        std::fs::create_dir(&directory).expect("a temporary directory can be made");
        Self {
            kind: Kind::Sqlite,
            url: format!("sqlite:///{}/oauth.db", directory.display()),
            directory: Some(directory),
            _watched: watch(),
        }
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
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

/// A change that somebody else is making: done, and not committed yet, so that its rows are locked.
#[derive(Debug)]
pub struct Held {
    tx: DatabaseTransaction,
    /// Looks on.
    watch: DatabaseConnection,
    waiting: &'static str,
}

impl Held {
    /// Does it, on a connection of its own. SQLite has no locks on rows.
    ///
    /// # Panics
    /// When it fails.
    pub async fn hold(kind: Kind, url: &str, sql: &str) -> Self {
        let waiting = match kind {
            // A counter, and not `information_schema.innodb_trx`: that is filled anew only when nobody has read it for a tenth of a
            // second, so two tests that look in turn would never see anything.
            Kind::MySql => {
                "SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.global_status \
                 WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'"
            }
            _ => {
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            }
        };
        let connection = Database::connect(url).await.expect("the database answers");
        let watch = Database::connect(url).await.expect("the database answers");
        let tx = connection.begin().await.expect("a transaction begins");
        tx.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        Self { tx, watch, waiting }
    }

    /// Returns when somebody waits for it. (On MySQL, for anything: a test must hold whenever the commit comes.)
    ///
    /// # Panics
    /// When the database does not say.
    pub async fn somebody_waits(&self) {
        loop {
            let asked = Statement::from_string(self.watch.get_database_backend(), self.waiting);
            let row = self.watch.query_one_raw(asked).await.expect("the database answers").expect("it counts");
            if row.try_get_by_index::<i64>(0).expect("it is a number") > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Commits it.
    ///
    /// # Panics
    /// When it fails.
    pub async fn commit(self) {
        self.tx.commit().await.expect("the change is committed");
    }
}

/// A gate before the transactions of a node. What a request has read, it acts on behind it: while the gate is closed, another node can
/// change what the request stands on.
#[derive(Debug, Clone)]
pub struct Gate {
    passage: Arc<RwLock<()>>,
    waiting: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { passage: Arc::default(), waiting: watch::Sender::new(0) }
    }
}

impl Gate {
    /// Waits while the gate is closed.
    pub(crate) async fn pass(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        let _passage = self.passage.read().await;
        self.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

/// A gate that is closed; it opens when this is dropped.
#[derive(Debug)]
pub struct ClosedGate {
    gate: Gate,
    _closed: OwnedRwLockWriteGuard<()>,
}

impl ClosedGate {
    /// Returns when so many transactions wait before the gate.
    ///
    /// # Panics
    /// Never, while there is the gate.
    pub async fn arrived(&self, transactions: usize) {
        let mut waiting = self.gate.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting >= transactions).await.expect("there is the gate");
    }
}

impl Idp {
    /// Lets no transaction of this node begin.
    pub async fn close_gate(&self) -> ClosedGate {
        let gate = self.store.gate().clone();
        ClosedGate { _closed: gate.passage.clone().write_owned().await, gate }
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
        tunables: crate::Tunables { key_rotation: None, ..crate::Tunables::default() },
        outbound: crate::outbound::OutboundOptions::default(),
        app_secret: crate::AppSecret::parse("0123456789abcdef0123456789abcdef").expect("it is long enough"),
    };
    crate::Idp::open(store, clock.clone(), options).await.expect("the keys are made")
}
