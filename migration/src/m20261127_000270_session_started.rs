//! The list of sessions in the order in which they were started.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000270_session_started"
    }
}

const INDEX: &str = "ix_session_created_at_sid";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once. A migration that was cut off there finds its index made.
        if manager.has_index("session", INDEX).await? {
            return Ok(());
        }
        let index = Index::create().name(INDEX).table("session").col("created_at").col("sid").take();
        manager.create_index(index).await
    }
}
