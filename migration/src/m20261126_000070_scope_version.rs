//! Scopes get a version, as clients and users have: whoever saves says which one the change was made from.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000070_scope_version"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so the column may be there.
        if !manager.has_column("scope", "version").await? {
            let version = big_integer("version").default(1).take();
            manager.alter_table(Table::alter().table("scope").add_column(version).take()).await?;
        }
        Ok(())
    }
}
