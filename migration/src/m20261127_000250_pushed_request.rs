//! Pushed authorization requests (RFC 9126).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary_len, boolean, string_len, text};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000250_pushed_request"
    }
}

const TABLE: &str = "pushed_request";
const INDEX: &str = "ix_pushed_request_expires_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(binary_len("digest", 32).primary_key())
            // No key of another table: a client that comes with a document has no row yet.
            .col(string_len("client_id", 255))
            .col(text("parameters"))
            .col(boolean("is_signed"))
            .col(big_integer("expires_at"));
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        // MySQL commits every statement at once. A migration that was cut off there finds its index made.
        if !manager.has_index(TABLE, INDEX).await? {
            let index = Index::create().name(INDEX).table(TABLE).col("expires_at").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
