//! Device codes (RFC 8628) with the user codes that people type for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string_len, text, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000140_device_code"
    }
}

const TABLE: &str = "device_code";
const INDEXES: [(&str, &str); 3] = [
    ("ix_device_code_client_id", "client_id"),
    ("ix_device_code_grant_id", "grant_id"),
    ("ix_device_code_expires_at", "expires_at"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let cascade = |column: &'static str, to: &'static str, key: &'static str| {
            ForeignKey::create()
                .name(format!("fk_{TABLE}_{column}"))
                .from(TABLE, column)
                .to(to, key)
                .on_delete(ForeignKeyAction::Cascade)
                .take()
        };
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(binary_len("digest", 32).primary_key())
            .col(binary_len("user_code", 32).unique_key())
            .col(string_len("client_id", 255))
            .col(text("scope"))
            .col(big_integer("poll_interval"))
            .col(big_integer("polled_at"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("decided_at"))
            .col(uuid_null("grant_id"))
            .col(big_integer_null("consumed_at"))
            .foreign_key(&mut cascade("client_id", "client", "client_id"))
            .foreign_key(&mut cascade("grant_id", "grants", "id"));
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        // MySQL commits every statement at once. A migration that was cut off there finds its indexes made.
        for (name, column) in INDEXES {
            if !manager.has_index(TABLE, name).await? {
                manager.create_index(Index::create().name(name).table(TABLE).col(column).take()).await?;
            }
        }
        Ok(())
    }
}
