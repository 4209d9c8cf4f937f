//! Scopes get an identity, and consents and grants record what the scopes meant.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_len, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000020_scope_meanings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so some of the columns may be there. SQLite adds one at a time.
        let columns = [
            ("scope", "identity", string_len("identity", 64).default("").take()),
            ("scope", "claims_before", text_null("claims_before")),
            ("consent", "agreement", text_null("agreement")),
            ("grants", "agreement", text_null("agreement")),
        ];
        for (table, name, column) in columns {
            if !manager.has_column(table, name).await? {
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            }
        }
        // Consents and grants that record nothing cover what the scopes open at this moment. That is written down once, with
        // the scopes: there are few of them, and millions of grants.
        let freeze = Query::update()
            .table("scope")
            .value("claims_before", Expr::col("claims"))
            .and_where(Expr::col("identity").eq(""))
            .and_where(Expr::col("claims_before").is_null())
            .to_owned();
        manager.execute(freeze).await
    }
}
