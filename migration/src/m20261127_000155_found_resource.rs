//! Resources that were found by their own metadata are told from those that an administrator registered.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000155_found_resource"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column("resource", "found").await? {
            return Ok(());
        }
        let column = boolean("found").default(false).take();
        manager.alter_table(Table::alter().table("resource").add_column(column).take()).await?;
        // Nobody registers one that waits. Of those that were let in at once nothing tells any more that they were found.
        let waiting =
            Query::update().table("resource").value("found", true).and_where(Expr::col("status").eq("pending")).take();
        manager.execute(waiting).await
    }
}
