//! Fewer indexes of events: each costs every event that is written. Of outcomes only refusals are looked for by an index, and a list of
//! one error is one of refusals; a list of what went well walks the table. And the events of changes, by the changes that they tell of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000470_event_indexes"
    }
}

const EVENTS: &str = "event";
const REFUSED: &str = "ix_event_refused";
const CHANGES: (&str, &str) = ("audit_event", "ix_audit_event_event_id");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once, so a part of this may have been done.
        let (table, name) = CHANGES;
        if !manager.has_index(table, name).await? {
            manager.create_index(Index::create().name(name).table(table).col("event_id").take()).await?;
        }
        let mut gone = vec!["ix_event_error"];
        // MySQL and MariaDB have no index of a part of the rows.
        if manager.get_database_backend() != DbBackend::MySql {
            if !manager.has_index(EVENTS, REFUSED).await? {
                let is_refused = Expr::col("outcome").eq(Expr::cust("'refused'"));
                let index = Index::create().name(REFUSED).table(EVENTS).col("id").and_where(is_refused).take();
                manager.create_index(index).await?;
            }
            gone.push("ix_event_outcome");
        }
        for name in gone {
            if manager.has_index(EVENTS, name).await? {
                manager.drop_index(Index::drop().name(name).table(EVENTS).to_owned()).await?;
            }
        }
        Ok(())
    }
}
