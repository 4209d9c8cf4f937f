//! Clients that registered themselves (RFC 7591), and the policy by which they may.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary_len_null, string_len, string_len_null, text};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000150_client_registration"
    }
}

const TABLE: &str = "client_registration";
const INDEX: &str = "ix_client_registration_settled_expires_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(string_len("client_id", 255).primary_key())
            .col(string_len_null("settled", 255))
            .col(text("document"))
            .col(binary_len_null("secret_digest", 32))
            .col(binary_len_null("token_digest", 32))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_client_registration_settled")
                    .from(TABLE, "settled")
                    .to("client", "client_id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        if !manager.has_index(TABLE, INDEX).await? {
            let index = Index::create().name(INDEX).table(TABLE).col("settled").col("expires_at").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
