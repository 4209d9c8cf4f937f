//! Reading the SQLite file of a seed server: the Flask server whose place Signet takes. Nothing is written to it, not even while
//! that server runs.
//!
//! A file is believed nothing: every value is read as bytes, cut at a length that no check accepts, and judged by whoever writes
//! it. Columns and tables that an older one lacks count as empty.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::store::DatabaseUrl;

/// Bytes of a value that are read. Whatever is longer than this is too long for every field.
const MAX_VALUE: usize = 65_537;

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("{}: {problem}", path.display())]
    Unreadable { path: PathBuf, problem: String },
    #[error("{}: this is not the database of a seed server: it has no table {table} with a column {column}", path.display())]
    Foreign { path: PathBuf, table: &'static str, column: &'static str },
    #[error("{}: this is the file that DATABASE_URL names; import into another database, for example \
             DATABASE_URL=sqlite:///signet.db", path.display())]
    SameFile { path: PathBuf },
}

/// A row by column; what is NULL is not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(HashMap<&'static str, String>);

impl Row {
    /// The value, unless it is NULL or blank.
    pub(super) fn find(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    /// The value; NULL is the empty text.
    pub(super) fn text(&self, column: &str) -> &str {
        self.0.get(column).map(String::as_str).unwrap_or_default()
    }

    /// True when a value holds a NUL character, which PostgreSQL takes in no text, not even in one that is looked for.
    pub(super) fn holds_nul(&self) -> bool {
        self.0.values().any(|value| value.contains('\0'))
    }

    /// A number; `None` for NULL and for what is none.
    pub(super) fn number(&self, column: &str) -> Option<i64> {
        self.find(column)?.trim().parse().ok()
    }

    /// A flag; `None` for NULL.
    pub(super) fn flag(&self, column: &str) -> Option<bool> {
        self.find(column).map(|text| text != "0")
    }
}

/// The rows of a seed server, as they were at one moment.
#[derive(Debug, Default)]
pub struct Seed {
    pub(super) users: Vec<Row>,
    pub(super) clients: Vec<Row>,
    pub(super) policies: Vec<Row>,
    pub(super) scopes: Vec<Row>,
    pub(super) consents: Vec<Row>,
    pub(super) settings: Vec<Row>,
    pub(super) keys: Vec<Row>,
    pub(super) tokens: Vec<Row>,
}

/// A table with the columns that are looked at. `created_at` is a date, read as seconds since 1970.
type Table = (&'static str, &'static [&'static str]);

const USERS: Table = ("user", &["id", "username", "password_hash", "email"]);
const CLIENTS: Table = (
    "oauth2_client",
    &[
        "client_id",
        "client_secret",
        "client_name",
        "client_uri",
        "logo_uri",
        "grant_types",
        "redirect_uris",
        "scope",
        "token_endpoint_auth_method",
        "require_consent",
        "created_at",
    ],
);
const POLICIES: Table = (
    "client_policy",
    &[
        "client_id",
        "allowed_scopes",
        "default_scopes",
        "post_logout_redirect_uris",
        "require_pkce",
        "consent_policy",
        "access_token_lifetime",
        "refresh_token_ttl_days",
        "token_format",
    ],
);
const SCOPES: Table = ("scope", &["name", "description", "claims"]);
const CONSENTS: Table = ("remembered_consent", &["user_id", "client_id", "scope", "created_at"]);
const SETTINGS: Table = ("server_settings", &["initialized", "admin_token_hash"]);
/// Without the private halves: they are not even read.
const KEYS: Table = ("oidc_key", &["kid", "alg", "use", "public_jwk", "created_at"]);
/// Without the access tokens, which end within the hour. Here `issued_at` is a number.
const TOKENS: Table = ("oauth2_token", &["client_id", "user_id", "refresh_token", "scope", "revoked", "issued_at"]);

impl Seed {
    /// True when `database_url` names the file of a seed server, which must not become ours: both have a table `scope`. A file that
    /// cannot be read is none.
    pub async fn is_at(database_url: &str) -> bool {
        let Ok(DatabaseUrl::Sqlite(path)) = DatabaseUrl::parse(database_url) else {
            return false;
        };
        let Ok(mut connection) = open(&path).await else {
            return false;
        };
        let theirs = columns(&mut connection, "oauth2_client").await;
        let ours = columns(&mut connection, "seaql_migrations").await;
        let _ = connection.close().await;
        theirs.is_ok_and(|columns| !columns.is_empty()) && ours.is_ok_and(|columns| columns.is_empty())
    }

    /// Reads the file at `path`. `database_url` is the one of this server, which must be another file.
    ///
    /// # Errors
    /// See [`SeedError`].
    pub async fn read(path: &Path, database_url: &str) -> Result<Self, SeedError> {
        let unreadable = |problem: String| SeedError::Unreadable { path: path.to_owned(), problem };
        let real = std::fs::canonicalize(path).map_err(|error| unreadable(error.to_string()))?;
        if let Ok(DatabaseUrl::Sqlite(target)) = DatabaseUrl::parse(database_url)
            && std::fs::canonicalize(target).is_ok_and(|target| target == real)
        {
            return Err(SeedError::SameFile { path: path.to_owned() });
        }
        let mut connection = open(&real).await.map_err(|error| unreadable(describe(&error)))?;
        let seed = Self::read_tables(&mut connection).await.map_err(|error| unreadable(describe(&error)))?;
        let _ = connection.close().await;
        seed.map_err(|(table, column)| SeedError::Foreign { path: path.to_owned(), table, column })
    }

    /// All tables in one transaction, so that they fit each other; or the column without which it is another database.
    async fn read_tables(
        connection: &mut SqliteConnection,
    ) -> Result<Result<Self, (&'static str, &'static str)>, sqlx::Error> {
        let mut transaction = connection.begin().await?;
        for (table, column) in [("user", "id"), ("user", "username"), ("oauth2_client", "client_id")] {
            if !columns(&mut transaction, table).await?.iter().any(|name| name == column) {
                return Ok(Err((table, column)));
            }
        }
        let seed = Self {
            users: rows(&mut transaction, USERS).await?,
            clients: rows(&mut transaction, CLIENTS).await?,
            policies: rows(&mut transaction, POLICIES).await?,
            scopes: rows(&mut transaction, SCOPES).await?,
            consents: rows(&mut transaction, CONSENTS).await?,
            settings: rows(&mut transaction, SETTINGS).await?,
            keys: rows(&mut transaction, KEYS).await?,
            tokens: rows(&mut transaction, TOKENS).await?,
        };
        transaction.rollback().await?;
        Ok(Ok(seed))
    }
}

async fn open(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .create_if_missing(false)
        .busy_timeout(std::time::Duration::from_secs(5))
        .pragma("query_only", "ON")
        .pragma("trusted_schema", "OFF");
    options.disable_statement_logging().connect().await
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM pragma_table_info(?)").bind(table).fetch_all(connection).await
}

async fn rows(connection: &mut SqliteConnection, (table, wanted): Table) -> Result<Vec<Row>, sqlx::Error> {
    let there = columns(connection, table).await?;
    let wanted: Vec<&'static str> =
        wanted.iter().copied().filter(|name| there.iter().any(|column| column == name)).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<String> = wanted
        .iter()
        .map(|name| match **name == *"created_at" {
            true => format!("CAST(strftime('%s', \"{name}\") AS BLOB)"),
            false => format!("substr(CAST(\"{name}\" AS BLOB), 1, {MAX_VALUE})"),
        })
        .collect();
    // The names are constants of this file.
    let sql = format!("SELECT {} FROM \"{table}\" ORDER BY rowid", values.join(", "));
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let read = |row: &sqlx::sqlite::SqliteRow| {
        let value = |(at, name): (usize, &&'static str)| {
            let bytes: Option<Vec<u8>> = row.try_get(at).ok()?;
            bytes.map(|bytes| (*name, String::from_utf8_lossy(&bytes).into_owned()))
        };
        Row(wanted.iter().enumerate().filter_map(value).collect())
    };
    Ok(found.iter().map(read).collect())
}

fn describe(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
