//! The clients that hear of the end of a session, and what became of telling them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, string_len, string_len_null, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000240_session_client"
    }
}

const TABLE: &str = "session_client";
const INDEXES: [(&str, &[&str]); 4] = [
    ("ix_session_client_due_at", &["due_at", "client_id"]),
    ("ix_session_client_client_id_ended_at_sid", &["client_id", "ended_at", "sid"]),
    ("ix_session_client_ended_at", &["ended_at"]),
    ("ix_session_client_account_id", &["account_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No key to the session or the account: the row outlives both.
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(string_len("sid", 64))
            .col(string_len("client_id", 255))
            .col(uuid_null("account_id"))
            .col(big_integer("joined_at"))
            .col(big_integer_null("ended_at"))
            .col(big_integer_null("due_at"))
            .col(big_integer("attempts"))
            .col(big_integer_null("tried_at"))
            .col(big_integer_null("delivered_at"))
            .col(string_len_null("answer", 300))
            .primary_key(Index::create().col("sid").col("client_id"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_session_client_client_id")
                    .from(TABLE, "client_id")
                    .to("client", "client_id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        // MySQL commits every statement at once. A migration that was cut off there finds its indexes made.
        for (name, columns) in INDEXES {
            if !manager.has_index(TABLE, name).await? {
                let mut index = Index::create().name(name).table(TABLE).take();
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await?;
            }
        }
        if !manager.has_column("session", "tells_clients").await? {
            let column = boolean("tells_clients").default(false).take();
            manager.alter_table(Table::alter().table("session").add_column(column).take()).await?;
        }
        Ok(())
    }
}
