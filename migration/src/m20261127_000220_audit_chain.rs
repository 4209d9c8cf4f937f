//! The chain of changes. Changes from before it are no part of it: they have no number.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, binary_len_null, uuid_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000220_audit_chain"
    }
}

const TABLE: &str = "audit_event";
const INDEX: &str = "ux_audit_event_number";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so some of the columns may be there. SQLite adds one at a time.
        for (name, column) in [
            ("number", big_integer_null("number")),
            ("content", binary_len_null("content", 32)),
            ("digest", binary_len_null("digest", 32)),
            ("version", big_integer_null("version")),
            ("event_id", uuid_null("event_id")),
        ] {
            if !manager.has_column(TABLE, name).await? {
                manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
            }
        }
        if !manager.has_index(TABLE, INDEX).await? {
            manager.create_index(Index::create().name(INDEX).table(TABLE).col("number").unique().take()).await?;
        }
        Ok(())
    }
}
