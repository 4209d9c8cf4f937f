//! The encoding of a database: texts come in every script, so whatever keeps less than Unicode would fail some day, at a name.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

use super::ConnectError;

/// Text columns of ours on MySQL that do not keep all of Unicode. The schema says `utf8mb4` itself; a database that was copied or
/// converted may say something else. What the migrations keep of themselves is ASCII.
const NARROW_COLUMN: &str = "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME, ' is ', CHARACTER_SET_NAME) AS found \
                             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() \
                             AND CHARACTER_SET_NAME <> 'utf8mb4' AND TABLE_NAME <> 'seaql_migrations' LIMIT 1";

/// Refuses a database in which some texts cannot be kept.
pub(super) async fn check(database: &DatabaseConnection) -> Result<(), ConnectError> {
    let backend = database.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT current_setting('server_encoding') AS found",
        DbBackend::MySql => NARROW_COLUMN,
        _ => return Ok(()),
    };
    let failed = |error: sea_orm::DbErr| ConnectError::Database(error.to_string());
    let row = database.query_one_raw(Statement::from_string(backend, sql)).await.map_err(failed)?;
    let found: Option<String> = row.map(|row| row.try_get("", "found")).transpose().map_err(failed)?;
    match (backend, found) {
        (DbBackend::Postgres, Some(encoding)) if encoding != "UTF8" => Err(ConnectError::Encoding(format!(
            "its encoding is {encoding}; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0 and move the data there"
        ))),
        (DbBackend::MySql, Some(column)) => Err(ConnectError::Encoding(format!(
            "{column}; convert its table with ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin (on MariaDB utf8mb4_nopad_bin)"
        ))),
        _ => Ok(()),
    }
}
