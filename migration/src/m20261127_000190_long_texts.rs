//! Texts that may be longer than 64 KiB. MySQL alone has a bound there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000190_long_texts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::MySql {
            return Ok(());
        }
        for (table, column, null) in [
            ("grants", "agreement", "NULL"),
            ("consent", "agreement", "NULL"),
            ("trust", "document", "NOT NULL"),
            ("resource", "document", "NOT NULL"),
            ("client", "document", "NOT NULL"),
            ("audit_event", "`before`", "NULL"),
            ("audit_event", "`after`", "NULL"),
        ] {
            let statement = format!("ALTER TABLE `{table}` MODIFY {column} LONGTEXT {null}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
