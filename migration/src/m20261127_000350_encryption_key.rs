//! Keys to which clients encrypt their request objects (RFC 9101 §6.1).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string_len, text};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000350_encryption_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("encryption_key")
            .if_not_exists()
            .col(string_len("kid", 64).primary_key())
            // A JWE that opens under `APP_SECRET`. The public half is computed of it.
            .col(text("private_jwe"))
            .col(big_integer("created_at"))
            // Null: it is published. Otherwise another one is, and this one still decrypts until then.
            .col(big_integer_null("expires_at"));
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await
    }
}
