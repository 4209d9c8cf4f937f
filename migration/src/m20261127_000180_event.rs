//! Events: what happened, to whom, through which client.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len, string_len_null, text, text_null, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000180_event"
    }
}

const TABLE: &str = "event";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing refers to an account or a client: what happened stays when they are gone.
        let mut table = Table::create()
            .table(TABLE)
            .if_not_exists()
            .col(uuid("id").primary_key())
            .col(big_integer("at"))
            .col(string_len("kind", 32))
            .col(string_len("outcome", 16))
            .col(string_len_null("error", 64))
            .col(string_len_null("request_id", 64))
            .col(uuid_null("account_id"))
            .col(string_len_null("client_id", 300))
            .col(text_null("scope"))
            .col(string_len_null("address", 64))
            .col(text_null("agent"))
            .col(big_integer("count"))
            .col(text("facts"))
            .take();
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        for columns in [&["account_id", "id"][..], &["client_id", "id"], &["outcome", "id"], &["request_id"], &["at"]] {
            let name = format!("ix_event_{}", columns.first().copied().unwrap_or_default());
            if !manager.has_index(TABLE, &name).await? {
                let mut index = Index::create().name(name).table(TABLE).take();
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await?;
            }
        }
        Ok(())
    }
}
