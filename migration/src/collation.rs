//! The collation by which MySQL and MariaDB compare texts.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend, Statement};

/// The collation under which MySQL compares as the other databases do: to the letter, trailing spaces included. New tables with
/// texts name it, for a database may have another default.
pub(crate) async fn exact_collation(manager: &SchemaManager<'_>) -> Result<&'static str, DbErr> {
    let version = Statement::from_string(DbBackend::MySql, "SELECT VERSION() AS version");
    let row = manager.get_connection().query_one_raw(version).await?;
    let version: Option<String> = row.map(|row| row.try_get("", "version")).transpose()?;
    let mariadb = version.is_some_and(|version| version.to_ascii_lowercase().contains("mariadb"));
    Ok(if mariadb { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" })
}
