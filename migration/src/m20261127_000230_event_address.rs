//! Events by address, the newest first.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000230_event_address"
    }
}

const TABLE: &str = "event";
const INDEX: &str = "ix_event_address";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !manager.has_index(TABLE, INDEX).await? {
            let index = Index::create().name(INDEX).table(TABLE).col("address").col("id").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
