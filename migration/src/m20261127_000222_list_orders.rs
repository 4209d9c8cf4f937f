//! Orders of the lists of clients and users: the keys that names are sorted by, when something was used as a number that is never NULL,
//! and an index for each order.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_len;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000222_list_orders"
    }
}

/// New columns with texts, and what they begin with. The server writes the keys of names that are there, a batch at a time; until then
/// they are sorted as they are written.
const TEXTS: [(&str, &str, &str); 5] = [
    ("client", "name_order", "client_name"),
    ("client", "id_order", "client_id"),
    ("client", "consent_policy", POLICY),
    ("account", "name_order", "username_key"),
    ("account", "email_order", "COALESCE(email_key, '')"),
];

/// The policy that a client has of its own. Within a text of a document each quote is written as `\"`, so nothing else in it looks like
/// the member. Documents of the first version say the policy `skip` in another way.
const POLICY: &str = r#"CASE WHEN document LIKE '%"consent_policy":"always"%' THEN 'always'
    WHEN document LIKE '%"consent_policy":"once"%' THEN 'once'
    WHEN document LIKE '%"consent_policy":"skip"%' THEN 'skip'
    WHEN document LIKE '%"require_consent":false%' THEN 'skip' ELSE '' END"#;

/// Columns that the database computes: an instant, or -1 for never. NULLs have another place on each database.
const INSTANTS: [(&str, &str, &str); 2] =
    [("client", "used_order", "last_used_at"), ("account", "signed_in_order", "last_sign_in_at")];

/// Each with the key behind it, by which rows are told apart that are the same in it; and those of accounts with what they are filtered by, so
/// that nothing but the index is read.
const INDEXES: [(&str, &[&str]); 12] = [
    ("client", &["name_order", "client_id"]),
    ("client", &["id_order", "client_id"]),
    ("client", &["kind", "client_id"]),
    ("client", &["enabled", "client_id"]),
    ("client", &["used_order", "client_id"]),
    ("client", &["created_at", "client_id"]),
    ("account", &["name_order", "id", "enabled", "last_sign_in_at", "created_at"]),
    ("account", &["email_order", "id", "enabled", "last_sign_in_at", "created_at"]),
    ("account", &["enabled", "id", "last_sign_in_at", "created_at"]),
    ("account", &["enabled", "signed_in_order", "id"]),
    ("account", &["signed_in_order", "id", "enabled", "created_at"]),
    ("account", &["created_at", "id", "enabled", "last_sign_in_at"]),
];

/// Indexes whose work others do from now on.
const REPLACED: [(&str, &str); 4] = [
    ("client", "ix_client_client_name"),
    ("client", "ix_client_kind_client_name"),
    ("client", "ix_client_created_at"),
    ("account", "ix_account_created_at"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (backend, db) = (manager.get_database_backend(), manager.get_connection());
        for (table, name, from) in TEXTS {
            if !manager.has_column(table, name).await? {
                let mut column = string_len(name, 255);
                if backend == DbBackend::Postgres {
                    // By code points, not as a language sorts.
                    column.extra("COLLATE \"C\"");
                }
                manager.alter_table(Table::alter().table(table).add_column(column.default("")).take()).await?;
            }
            db.execute_unprepared(&format!("UPDATE {table} SET {name} = {from}")).await?;
        }
        for (table, name, from) in INSTANTS {
            // SQLite does not list such a column; it takes a migration back that was cut off.
            if backend == DbBackend::Sqlite || !manager.has_column(table, name).await? {
                let kept = if backend == DbBackend::Postgres { "STORED" } else { "VIRTUAL" };
                let column = format!("{name} BIGINT GENERATED ALWAYS AS (COALESCE({from}, -1)) {kept}");
                db.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column}")).await?;
            }
        }
        for (table, columns) in INDEXES {
            let name = format!("ix_{table}_{}", columns.join("_"));
            if !manager.has_index(table, &name).await? {
                let mut index = Index::create().name(name).table(table).take();
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await?;
            }
        }
        for (table, name) in REPLACED {
            if manager.has_index(table, name).await? {
                manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
            }
        }
        Ok(())
    }
}
