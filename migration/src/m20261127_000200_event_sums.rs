//! Sums of events by stretch of time, and indexes for the lists and figures that the console shows.

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
        let mut sums = Table::create()
            .table("event_sum")
            .if_not_exists()
            .col(big_integer("step"))
            .col(big_integer("since"))
            .col(string_len("kind", 32))
            .col(string_len("outcome", 16))
            .col(string_len("error", 64))
            .col(big_integer("count"))
            .primary_key(Index::create().col("step").col("since").col("kind").col("outcome").col("error"))
            .take();
        let mut refusals = Table::create()
            .table("client_refusal")
            .if_not_exists()
            .col(big_integer("step"))
            .col(big_integer("since"))
            .col(string_len("client_id", 300))
            .col(big_integer("count"))
            .primary_key(Index::create().col("step").col("since").col("client_id"))
            .take();
        for table in [&mut sums, &mut refusals] {
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

/// The stretches of time that are summed up, in seconds.
const STEPS: [i64; 3] = [3_600, 21_600, 86_400];

/// Events that were written before there were sums.
async fn count_what_is_there(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for table in ["event_sum", "client_refusal"] {
        db.execute_unprepared(&format!("DELETE FROM {table}")).await?;
    }
    let at = if manager.get_database_backend() == DbBackend::MySql { "`at`" } else { "at" };
    for step in STEPS {
        let since = format!("{at} - {at} % {step}");
        let sums = format!(
            "INSERT INTO event_sum (step, since, kind, outcome, error, count)
             SELECT {step}, {since}, kind, outcome, COALESCE(error, ''), SUM(count) FROM event WHERE kind <> 'change'
             GROUP BY {since}, kind, outcome, COALESCE(error, '')"
        );
        db.execute_unprepared(&sums).await?;
        let refusals = format!(
            "INSERT INTO client_refusal (step, since, client_id, count)
             SELECT {step}, {since}, client_id, SUM(count) FROM event
             WHERE outcome = 'refused' AND client_id IN (SELECT client_id FROM client)
             GROUP BY {since}, client_id"
        );
        db.execute_unprepared(&refusals).await?;
    }
    Ok(())
}
