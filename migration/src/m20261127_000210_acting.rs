//! Lists of sessions, grants and consents: the address of a sign-in, and an index for the order of each list.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000210_acting"
    }
}

/// The table, the columns of its new index, and the index whose work that does from now on.
const INDEXES: [(&str, &[&str], Option<&str>); 4] = [
    ("session", &["seen_at", "sid"], None),
    ("grants", &["client_id", "id"], Some("ix_grants_client_id")),
    ("grants", &["account_id", "id"], Some("ix_grants_account_id")),
    ("consent", &["client_id", "granted_at", "account_id"], Some("ix_consent_client_id")),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !manager.has_column("session", "address").await? {
            let column = string_len_null("address", 64);
            manager.alter_table(Table::alter().table("session").add_column(column).take()).await?;
        }
        let seen = "UPDATE session SET seen_at = created_at WHERE seen_at IS NULL";
        manager.get_connection().execute_unprepared(seen).await?;
        for (table, columns, replaced) in INDEXES {
            let name = format!("ix_{table}_{}", columns.join("_"));
            if !manager.has_index(table, &name).await? {
                let mut index = Index::create().name(name).table(table).take();
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await?;
            }
            if let Some(replaced) = replaced
                && manager.has_index(table, replaced).await?
            {
                manager.drop_index(Index::drop().name(replaced).table(table).to_owned()).await?;
            }
        }
        Ok(())
    }
}
