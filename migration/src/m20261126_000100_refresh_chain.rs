//! Refresh tokens that are made of one another: the salt of a family, what is known of the uses of a token, and the replays.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string_len, string_len_null, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000100_refresh_chain"
    }
}

const REPLAY: &str = "refresh_replay";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once. A migration that was cut off there finds some of it made.
        add(manager, "grants", string_len_null("refresh_salt", 43)).await?;
        add(manager, "refresh_token", big_integer_null("retried_at")).await?;
        add(manager, "refresh_token", big_integer("repeats").default(0).take()).await?;
        add(manager, "refresh_token", string_len_null("used_address", 45)).await?;
        add(manager, "refresh_token", string_len_null("used_agent", 200)).await?;
        if !manager.has_table(REPLAY).await? {
            let mut table = replay();
            if manager.get_database_backend() == DbBackend::MySql {
                table.character_set("utf8mb4").collate(exact_collation(manager).await?);
            }
            manager.create_table(table).await?;
        }
        for column in ["client_id", "account_id", "at"] {
            let name = format!("ix_{REPLAY}_{column}");
            if !manager.has_index(REPLAY, &name).await? {
                manager.create_index(Index::create().name(&name).table(REPLAY).col(column).take()).await?;
            }
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, mut column: ColumnDef) -> Result<(), DbErr> {
    if !manager.has_column(table, column.get_column_name()).await? {
        manager.alter_table(Table::alter().table(table).add_column(column.take()).take()).await?;
    }
    Ok(())
}

fn replay() -> TableCreateStatement {
    let reference = |column: &str, to: &str, key: &str| {
        ForeignKey::create()
            .name(format!("fk_{REPLAY}_{column}"))
            .from(REPLAY, column.to_owned())
            .to(to.to_owned(), key.to_owned())
            .on_delete(ForeignKeyAction::Cascade)
            .take()
    };
    Table::create()
        .table(REPLAY)
        .col(uuid("id").primary_key())
        .col(string_len("client_id", 255))
        .col(uuid_null("account_id"))
        .col(big_integer("at"))
        .col(string_len_null("address", 45))
        .col(string_len_null("agent", 200))
        .col(big_integer("used_at"))
        .col(string_len_null("used_address", 45))
        .col(string_len_null("used_agent", 200))
        .foreign_key(&mut reference("client_id", "client", "client_id"))
        .foreign_key(&mut reference("account_id", "account", "id"))
        .take()
}
