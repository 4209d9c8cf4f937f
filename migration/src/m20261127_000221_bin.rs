//! The recycle bin, and the subjects that nobody gets again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len, text, text_null, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000221_bin"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bin = Table::create()
            .table("bin")
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(string_len("kind", 16))
            .col(string_len("target", 255))
            .col(string_len("name", 255))
            .col(string_len("actor", 255))
            .col(big_integer("deleted_at"))
            .col(text("document"))
            .take();
        // Nothing refers to the accounts and clients of these: they are in the bin themselves, or may be by then.
        let consent = Table::create()
            .table("bin_consent")
            .if_not_exists()
            .col(uuid("bin_id"))
            .col(uuid("account_id"))
            .col(string_len("client_id", 255))
            .col(text("scope"))
            .col(big_integer("granted_at"))
            .col(text_null("agreement"))
            .primary_key(Index::create().col("bin_id").col("account_id").col("client_id"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_bin_consent_bin_id")
                    .from("bin_consent", "bin_id")
                    .to("bin", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        let tombstone = Table::create()
            .table("tombstone")
            .if_not_exists()
            .col(uuid("account_id").primary_key())
            .col(big_integer("erased_at"))
            .take();
        let is_mysql = manager.get_database_backend() == DbBackend::MySql;
        for mut table in [bin, consent, tombstone] {
            if is_mysql {
                table.character_set("utf8mb4").collate(exact_collation(manager).await?);
            }
            manager.create_table(table).await?;
        }
        if is_mysql {
            for (table, column, null) in [("bin", "document", "NOT NULL"), ("bin_consent", "agreement", "NULL")] {
                let statement = format!("ALTER TABLE `{table}` MODIFY `{column}` LONGTEXT {null}");
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        for (table, column) in [("bin", "deleted_at"), ("bin", "target"), ("bin_consent", "account_id")] {
            let name = format!("ix_{table}_{column}");
            if !manager.has_index(table, &name).await? {
                manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
            }
        }
        Ok(())
    }
}
