//! Tokens that are bound to a certificate of their holder (RFC 8705 §3).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000340_certificate_bound"
    }
}

/// The thumbprint of the certificate: SHA-256 in base64url.
const COLUMN: &str = "x5t";
const LENGTH: u32 = 43;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["access_token", "refresh_token"] {
            // MySQL commits every statement at once. A migration that was cut off there finds some of its columns made.
            if !manager.has_column(table, COLUMN).await? {
                let column = string_len_null(COLUMN, LENGTH).take();
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
