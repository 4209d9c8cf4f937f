//! Indexes of grants that hold those alone which have what is looked for: most grants are of machines, have neither an account nor a
//! session, and cost nothing there any more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000480_grant_indexes"
    }
}

const TABLE: &str = "grants";

/// The indexes, their columns, and those whose place they take. The first column is there or not.
const INDEXES: [(&str, &[&str], &str); 2] = [
    ("ix_grants_of_account", &["account_id", "id"], "ix_grants_account_id_id"),
    ("ix_grants_of_session", &["sid"], "ix_grants_sid"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL and MariaDB have no index of a part of the rows.
        if manager.get_database_backend() == DbBackend::MySql {
            return Ok(());
        }
        for (name, columns, old) in INDEXES {
            let mut index = Index::create().name(name).table(TABLE).take();
            for column in columns {
                index.col(*column);
            }
            if let Some(first) = columns.first() {
                index.and_where(Expr::col(*first).is_not_null());
            }
            if !manager.has_index(TABLE, name).await? {
                manager.create_index(index).await?;
            }
            if manager.has_index(TABLE, old).await? {
                manager.drop_index(Index::drop().name(old).table(TABLE).to_owned()).await?;
            }
        }
        Ok(())
    }
}
