//! The documents of clients whose ID is a URL.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len, text};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000120_client_document"
    }
}

const TABLE: &str = "client_document";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(string_len("client_id", 255).primary_key())
            .col(string_len("host", 255))
            .col(string_len("source", 16))
            .col(big_integer("fetched_at"))
            .col(big_integer("fresh_until"))
            .col(text("document"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_client_document_client_id")
                    .from(TABLE, "client_id")
                    .to("client", "client_id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        let index = "ix_client_document_host";
        if !manager.has_index(TABLE, index).await? {
            manager.create_index(Index::create().name(index).table(TABLE).col("host").take()).await?;
        }
        Ok(())
    }
}
