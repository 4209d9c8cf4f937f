//! Login names: user names and email addresses, each of which means one account.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_len, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000050_login_name"
    }
}

const TABLE: &str = "login_name";
const INDEX: &str = "ix_login_name_account_id";

/// Names first: an address that is somebody else's user name was theirs to sign in with. An address of several accounts is
/// nobody's, and stays taken. Each statement passes over what is there, for MySQL may have kept part of a migration that was cut off.
const FILL: [&str; 3] = [
    "INSERT INTO login_name (name, account_id) SELECT username_key, id FROM account
     WHERE NOT EXISTS (SELECT 1 FROM login_name AS taken WHERE taken.name = account.username_key)",
    "INSERT INTO login_name (name, account_id) SELECT email_key, id FROM account
     WHERE email_key IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM account AS other WHERE other.email_key = account.email_key AND other.id <> account.id)
     AND NOT EXISTS (SELECT 1 FROM login_name AS taken WHERE taken.name = account.email_key)",
    "INSERT INTO login_name (name) SELECT DISTINCT email_key FROM account
     WHERE email_key IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM login_name AS taken WHERE taken.name = account.email_key)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TABLE)
            .if_not_exists()
            .col(string_len("name", 255).primary_key())
            .col(uuid_null("account_id"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_login_name_account_id")
                    .from(TABLE, "account_id")
                    .to("account", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        if manager.get_database_backend() == DbBackend::MySql {
            table.character_set("utf8mb4").collate(exact_collation(manager).await?);
        }
        manager.create_table(table).await?;
        if !manager.has_index(TABLE, INDEX).await? {
            manager.create_index(Index::create().name(INDEX).table(TABLE).col("account_id").take()).await?;
        }
        for statement in FILL {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
