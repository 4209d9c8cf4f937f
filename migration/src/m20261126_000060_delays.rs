//! Delays are looked for by when they end: each node reads those that last once a second.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000060_delays"
    }
}

const TABLE: &str = "failed_attempt";
const INDEX: &str = "ix_failed_attempt_not_before";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once. A migration that was cut off there finds its index made.
        if !manager.has_index(TABLE, INDEX).await? {
            let index = Index::create().name(INDEX).table(TABLE).col("not_before").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
