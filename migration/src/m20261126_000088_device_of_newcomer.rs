//! Device codes of clients that have no row yet: the column that names the client refers to none any more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string_len, text, text_null, uuid_null};
use sea_orm_migration::sea_orm::{DbBackend, Statement};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000088_device_of_newcomer"
    }
}

const FOUND: &str = "SELECT COUNT(*) AS found FROM information_schema.table_constraints \
    WHERE constraint_schema = DATABASE() AND table_name = 'device_code' AND constraint_name = 'fk_device_code_client_id'";

const TABLE: &str = "device_code";
const NEXT: &str = "device_code_next";

/// Copies the rows, and puts the copy in place of the table.
const REPLACED: &str = "
    INSERT INTO device_code_next
        (digest, user_code, client_id, scope, poll_interval, polled_at, created_at, expires_at, decided_at, grant_id, consumed_at,
            resources)
        SELECT digest, user_code, client_id, scope, poll_interval, polled_at, created_at, expires_at, decided_at, grant_id,
            consumed_at, resources
        FROM device_code;
    DROP TABLE device_code;
    ALTER TABLE device_code_next RENAME TO device_code;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                let drop = "ALTER TABLE device_code DROP CONSTRAINT IF EXISTS fk_device_code_client_id";
                database.execute_unprepared(drop).await?;
            }
            // A migration that was cut off there finds it gone.
            DbBackend::MySql => {
                let row = database.query_one_raw(Statement::from_string(DbBackend::MySql, FOUND)).await?;
                let found: i64 = row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or_default();
                if found > 0 {
                    let drop = "ALTER TABLE device_code DROP FOREIGN KEY fk_device_code_client_id";
                    database.execute_unprepared(drop).await?;
                }
            }
            _ => rebuild(manager).await?,
        }
        Ok(())
    }
}

/// SQLite takes no constraint from a table, so there is another table.
async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut of_grant = ForeignKey::create();
    of_grant
        .name("fk_device_code_grant_id")
        .from(NEXT, "grant_id")
        .to("grants", "id")
        .on_delete(ForeignKeyAction::Cascade);
    let table = Table::create()
        .table(NEXT)
        .col(binary_len("digest", 32).primary_key())
        .col(binary_len("user_code", 32).unique_key())
        .col(string_len("client_id", 255))
        .col(text("scope"))
        .col(big_integer("poll_interval"))
        .col(big_integer("polled_at"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("decided_at"))
        .col(uuid_null("grant_id"))
        .col(big_integer_null("consumed_at"))
        .col(text_null("resources"))
        .foreign_key(&mut of_grant)
        .take();
    manager.create_table(table).await?;
    manager.get_connection().execute_unprepared(REPLACED).await?;
    for column in ["client_id", "grant_id", "expires_at"] {
        let index = Index::create().name(format!("ix_device_code_{column}")).table(TABLE).col(column).take();
        manager.create_index(index).await?;
    }
    Ok(())
}
