//! The request that a change came from, in the chain; and a salt for the digest of what a change says, so that nobody can guess
//! what was erased. Changes from before have neither.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary_len_null, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000460_audit_origin"
    }
}

const TABLE: &str = "audit_event";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so some of the columns may be there. SQLite adds one at a time.
        for (name, column) in [
            ("origin", text_null("origin")),
            ("origin_digest", binary_len_null("origin_digest", 32)),
            ("salt", binary_len_null("salt", 16)),
        ] {
            if !manager.has_column(TABLE, name).await? {
                manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
