//! Secrets of clients that make MACs with them (OpenID Connect Core §9, `client_secret_jwt`): a digest verifies none.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000320_sealed_secrets"
    }
}

/// A JWE that opens under `APP_SECRET`.
const COLUMN: &str = "sealed";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["client_secret", "client_registration"] {
            // MySQL commits every statement at once. A migration that was cut off there finds some of its columns made.
            if !manager.has_column(table, COLUMN).await? {
                manager.alter_table(Table::alter().table(table).add_column(text_null(COLUMN).take()).take()).await?;
            }
        }
        Ok(())
    }
}
