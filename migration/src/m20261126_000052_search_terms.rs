//! The terms by which the console finds users and clients: beginnings of words, so that a search reads a part of an index.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_len, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::collation::exact_collation;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000052_search_terms"
    }
}

const BY_KIND: &str = "ix_client_kind_client_name";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let collation = if backend == DbBackend::MySql { Some(exact_collation(manager).await?) } else { None };
        let owners = [
            ("account_term", uuid("owner"), ("account", "id")),
            ("client_term", string_len("owner", 255), ("client", "client_id")),
        ];
        for (table, owner, to) in owners {
            let mut term = string_len("term", 64);
            if backend == DbBackend::Postgres {
                // A beginning is a range in the order of code points, not in that of a language.
                term.extra("COLLATE \"C\"");
            }
            let mut create = Table::create();
            create
                .table(table)
                .if_not_exists()
                .col(term)
                .col(owner)
                .primary_key(Index::create().col("term").col("owner"))
                .foreign_key(
                    ForeignKey::create()
                        .name(format!("fk_{table}_owner"))
                        .from(table, "owner")
                        .to(to.0, to.1)
                        .on_delete(ForeignKeyAction::Cascade),
                );
            if let Some(collation) = collation {
                create.character_set("utf8mb4").collate(collation);
            }
            manager.create_table(create).await?;
            let index = format!("ix_{table}_owner");
            if !manager.has_index(table, &index).await? {
                manager.create_index(Index::create().name(&index).table(table).col("owner").take()).await?;
            }
        }
        // The list of the clients of one kind.
        if !manager.has_index("client", BY_KIND).await? {
            let index = Index::create().name(BY_KIND).table("client").col("kind").col("client_name").take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
