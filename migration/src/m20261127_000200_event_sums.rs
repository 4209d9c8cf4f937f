//! Sums of events by the hour, and indexes for the lists and figures that the console shows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000200_event_sums"
    }
}

/// Indexes that are new: table, name and columns.
const INDEXES: [(&str, &str, &[&str]); 6] = [
    ("event", "ix_event_kind", &["kind", "id"]),
    ("event", "ix_event_error", &["error", "id"]),
    ("account", "ix_account_created_at", &["created_at"]),
    ("client", "ix_client_created_at", &["created_at"]),
    ("client_secret", "ix_client_secret_expires_at", &["expires_at"]),
    ("resource_secret", "ix_resource_secret_expires_at", &["expires_at"]),
];

/// The index by time that was: IDs begin with the time.
const BY_TIME: &str = "ix_event_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut hours = Table::create()
            .table("event_hour")
            .if_not_exists()
            .col(big_integer("hour"))
            .col(string_len("kind", 32))
            .col(string_len("outcome", 16))
            .col(string_len("error", 64))
            .col(big_integer("count"))
            .primary_key(Index::create().col("hour").col("kind").col("outcome").col("error"))
            .take();
        let mut refusals = Table::create()
            .table("client_refusal")
            .if_not_exists()
            .col(big_integer("hour"))
            .col(string_len("client_id", 300))
            .col(big_integer("count"))
            .primary_key(Index::create().col("hour").col("client_id"))
            .take();
        for table in [&mut hours, &mut refusals] {
            if manager.get_database_backend() == DbBackend::MySql {
                table.character_set("utf8mb4").collate(exact_collation(manager).await?);
            }
            manager.create_table(table.clone()).await?;
        }
        // MySQL commits every statement at once: what is below may have been done in part.
        for (table, name, columns) in INDEXES {
            if !manager.has_index(table, name).await? {
                let mut index = Index::create().name(name).table(table).take();
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await?;
            }
        }
        if manager.has_index("event", BY_TIME).await? {
            manager.drop_index(Index::drop().name(BY_TIME).table("event").to_owned()).await?;
        }
        count_what_is_there(manager).await
    }
}

/// Events that were written before there were sums.
async fn count_what_is_there(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mysql = manager.get_database_backend() == DbBackend::MySql;
    let at = if mysql { "`at`" } else { "at" };
    let hour = format!("{at} - {at} % 3600");
    for statement in [
        "DELETE FROM event_hour".to_owned(),
        "DELETE FROM client_refusal".to_owned(),
        format!(
            "INSERT INTO event_hour (hour, kind, outcome, error, count)
             SELECT {hour}, kind, outcome, COALESCE(error, ''), SUM(count) FROM event WHERE kind <> 'change'
             GROUP BY {hour}, kind, outcome, COALESCE(error, '')"
        ),
        format!(
            "INSERT INTO client_refusal (hour, client_id, count)
             SELECT {hour}, client_id, SUM(count) FROM event
             WHERE outcome = 'refused' AND client_id IN (SELECT client_id FROM client)
             GROUP BY {hour}, client_id"
        ),
    ] {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}
