//! The places of resources that an administrator deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary_len};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000156_deleted_resource"
    }
}

const TABLE: &str = "deleted_resource";
const INDEX: &str = "ix_deleted_resource_deleted_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .if_not_exists()
            .col(binary_len("digest", 32).primary_key())
            .col(big_integer("deleted_at"))
            .take();
        manager.create_table(table).await?;
        if !manager.has_index(TABLE, INDEX).await? {
            manager.create_index(Index::create().name(INDEX).table(TABLE).col("deleted_at").take()).await?;
        }
        Ok(())
    }
}
