//! A record of imported rows. An import that is run again neither brings back what was deleted nor takes one person for another.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000051_imported"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("imported")
            .if_not_exists()
            .col(string_len("kind", 16))
            .col(string_len("id", 320))
            .col(string_len("source", 64))
            .col(string_len("mark", 64))
            .col(big_integer("imported_at"))
            .primary_key(Index::create().col("kind").col("id"));
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await
    }
}
