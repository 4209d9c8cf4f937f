//! Authentication requests of clients that ask for somebody by name (CIBA), with what they are told.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, string_len, string_len_null, text, text_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000400_ciba_request"
    }
}

const TABLE: &str = "ciba_request";
const INDEXES: [(&str, &[&str]); 5] = [
    ("ix_ciba_request_account_id", &["account_id", "created_at"]),
    ("ix_ciba_request_client_id", &["client_id"]),
    ("ix_ciba_request_grant_id", &["grant_id"]),
    ("ix_ciba_request_expires_at", &["expires_at"]),
    ("ix_ciba_request_due_at", &["due_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let cascade = |column: &'static str, to: &'static str, key: &'static str| {
            ForeignKey::create()
                .name(format!("fk_{TABLE}_{column}"))
                .from(TABLE, column)
                .to(to, key)
                .on_delete(ForeignKeyAction::Cascade)
                .take()
        };
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(binary_len("digest", 32).primary_key())
            .col(string_len("client_id", 255))
            .col(uuid("account_id"))
            .col(text("scope"))
            .col(text_null("resources"))
            .col(text_null("details"))
            .col(text_null("binding_message"))
            .col(string_len_null("address", 64))
            .col(big_integer("poll_interval"))
            .col(big_integer("polled_at"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("decided_at"))
            .col(uuid_null("grant_id"))
            .col(big_integer_null("consumed_at"))
            .col(text_null("ping"))
            .col(big_integer_null("due_at"))
            .col(big_integer("attempts"))
            .foreign_key(&mut cascade("account_id", "account", "id"))
            .foreign_key(&mut cascade("grant_id", "grants", "id"));
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
        Ok(())
    }
}
