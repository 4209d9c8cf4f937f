//! Codes and tokens that are bound to a key of their holder (RFC 9449).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000260_bound_tokens"
    }
}

/// The thumbprint of the key (RFC 7638): SHA-256 in base64url.
const COLUMN: &str = "jkt";
const LENGTH: u32 = 43;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["authorization_code", "access_token", "refresh_token"] {
            // MySQL commits every statement at once. A migration that was cut off there finds some of its columns made.
            if !manager.has_column(table, COLUMN).await? {
                let column = string_len_null(COLUMN, LENGTH).take();
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
