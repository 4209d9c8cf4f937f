//! The way a client's secret came when it was last used: in the header or in the body.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000010_secret_way"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so a migration that was cut off there finds the column made.
        if !manager.has_column("client_secret", "last_used_by").await? {
            let column = string_len_null("last_used_by", 32);
            manager.alter_table(Table::alter().table("client_secret").add_column(column).take()).await?;
        }
        Ok(())
    }
}
