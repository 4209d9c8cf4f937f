//! Rich authorization requests (RFC 9396): the objects of opaque access tokens, and of devices that wait.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000450_authorization_details"
    }
}

/// A JSON array of at most 4 KiB.
const COLUMN: &str = "details";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["access_token", "device_code"] {
            // MySQL commits every statement at once. A migration that was cut off there finds some of its columns made.
            if !manager.has_column(table, COLUMN).await? {
                manager.alter_table(Table::alter().table(table).add_column(text_null(COLUMN).take()).take()).await?;
            }
        }
        Ok(())
    }
}
