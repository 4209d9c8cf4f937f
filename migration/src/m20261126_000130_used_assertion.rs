//! Assertions that were used (RFC 7523 §3, point 7).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary_len};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000130_used_assertion"
    }
}

const TABLE: &str = "used_assertion";
const INDEX: &str = "ix_used_assertion_expires_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(TABLE).if_not_exists().col(binary_len("digest", 32).primary_key()).col(big_integer("expires_at"));
        manager.create_table(table).await?;
        // MySQL commits every statement at once. A migration that was cut off there finds its index made.
        if !manager.has_index(TABLE, INDEX).await? {
            let index = Index::create().name(INDEX).table(TABLE).col("expires_at").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
