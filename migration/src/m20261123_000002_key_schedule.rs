//! Keys that are made before they sign: when a key began to, and which one comes after it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, string_len_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000002_key_schedule"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so one of the columns may be there. SQLite adds one at a time.
        let columns =
            [("activated_at", big_integer_null("activated_at")), ("successor", string_len_null("successor", 64))];
        for (name, column) in columns {
            if !manager.has_column("signing_key", name).await? {
                manager.alter_table(Table::alter().table("signing_key").add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
