//! Clients get a stamp, by which a write tells that the client is still as it was judged.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000021_client_stamp"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so the column may be there.
        if manager.has_column("client", "stamp").await? {
            return Ok(());
        }
        let stamp = big_integer("stamp").default(0).take();
        manager.alter_table(Table::alter().table("client").add_column(stamp).take()).await
    }
}
