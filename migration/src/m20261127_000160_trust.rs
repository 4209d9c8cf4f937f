//! Trusts, the accounts that they know people by, and where grants come from for which nobody signed in here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary_len, boolean, string_len, text, text_null, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000160_trust"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The digest of kind and issuer stands for both: some databases have no index of 2,048 bytes.
        let backend = manager.get_database_backend();
        let collation = if backend == DbBackend::MySql { Some(exact_collation(manager).await?) } else { None };
        let exact = |mut table: TableCreateStatement| match collation {
            Some(collation) => table.character_set("utf8mb4").collate(collation).take(),
            None => table,
        };
        let trust = Table::create()
            .table("trust")
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(binary_len("digest", 32).unique_key())
            .col(string_len("name", 255))
            .col(boolean("enabled"))
            .col(text("document"))
            .col(big_integer("version"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .take();
        manager.create_table(exact(trust)).await?;
        // Likewise the digest of trust and subject.
        let link = Table::create()
            .table("account_link")
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(uuid("trust_id"))
            .col(uuid("account_id"))
            .col(binary_len("digest", 32).unique_key())
            .col(text("subject"))
            .col(big_integer("created_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_account_link_trust_id")
                    .from("account_link", "trust_id")
                    .to("trust", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("fk_account_link_account_id")
                    .from("account_link", "account_id")
                    .to("account", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(exact(link)).await?;
        for (table, column) in [("trust", "name"), ("account_link", "trust_id"), ("account_link", "account_id")] {
            let name = format!("ix_{table}_{column}");
            if !manager.has_index(table, &name).await? {
                manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
            }
        }
        // MySQL commits every statement at once, so some of the columns may be there. SQLite adds one at a time.
        for (name, column) in
            [("trust_id", uuid_null("trust_id")), ("parent_id", uuid_null("parent_id")), ("actor", text_null("actor"))]
        {
            if !manager.has_column("grants", name).await? {
                manager.alter_table(Table::alter().table("grants").add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
