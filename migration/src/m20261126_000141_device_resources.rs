//! The resources that a device asks for. It comes after the table of device codes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000141_device_resources"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column("device_code", "resources").await? {
            return Ok(());
        }
        manager.alter_table(Table::alter().table("device_code").add_column(text_null("resources")).take()).await
    }
}
