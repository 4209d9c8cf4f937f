//! Sessions that remember each factor that was shown, instead of what was concluded from one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text_null};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000030_session_factors"
    }
}

const TABLE: &str = "session";

/// The conclusions from it, and an address that nobody wrote.
const DROPPED: [&str; 4] = ["auth_time", "acr", "amr", "ip"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, column) in [("factors", text_null("factors")), ("seen_at", big_integer_null("seen_at"))] {
            if !manager.has_column(TABLE, name).await? {
                manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
            }
        }
        // MySQL commits every statement at once, so the columns that this reads may be gone; then it was done.
        if manager.has_column(TABLE, "auth_time").await? {
            let json = match manager.get_database_backend() {
                DbBackend::MySql => r#"CONCAT('[{"method":"pwd","at":', auth_time, '}]')"#,
                _ => r#"'[{"method":"pwd","at":' || auth_time || '}]'"#,
            };
            let fill = format!("UPDATE session SET factors = {json} WHERE factors IS NULL");
            manager.get_connection().execute_unprepared(&fill).await?;
        }
        for name in DROPPED {
            if manager.has_column(TABLE, name).await? {
                manager.alter_table(Table::alter().table(TABLE).drop_column(name).take()).await?;
            }
        }
        Ok(())
    }
}
