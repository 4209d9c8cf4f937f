//! Protected resources with credentials of their own, and what grants and access tokens are for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string_len, text, text_null, uuid};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000110_resource"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The digest of the canonical identifier stands for it: some databases have no index of 2,048 bytes.
        let resource = Table::create()
            .table("resource")
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(binary_len("digest", 32).unique_key())
            .col(string_len("name", 255))
            .col(string_len("status", 16))
            .col(text("document"))
            .col(big_integer("version"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .take();
        manager.create_table(resource).await?;
        let secret = Table::create()
            .table("resource_secret")
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(uuid("resource_id"))
            .col(binary_len("digest", 32))
            .col(string_len("name", 255))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer_null("last_used_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_resource_secret_resource_id")
                    .from("resource_secret", "resource_id")
                    .to("resource", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(secret).await?;
        for (table, column) in [("resource", "name"), ("resource_secret", "resource_id")] {
            let name = format!("ix_{table}_{column}");
            if !manager.has_index(table, &name).await? {
                manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
            }
        }
        // MySQL commits every statement at once, so some of the columns may be there. SQLite adds one at a time.
        for (table, column) in [("grants", "resources"), ("access_token", "audience")] {
            if !manager.has_column(table, column).await? {
                manager.alter_table(Table::alter().table(table).add_column(text_null(column)).take()).await?;
            }
        }
        Ok(())
    }
}
