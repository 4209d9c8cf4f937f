//! The database schema: one file per change, frozen once released.
//!
//! The same schema stands on SQLite, PostgreSQL and MySQL/MariaDB. Instants are whole seconds since 1970 in UTC in a BIGINT:
//! the same everywhere, without time zones and without the end of a MySQL TIMESTAMP in 2038.

mod collation;
mod lock;
mod m20261123_000001_initial;
mod m20261123_000002_key_schedule;
mod m20261123_000003_failed_attempt;
mod m20261126_000010_secret_way;
mod m20261126_000020_scope_meanings;
mod m20261126_000021_client_stamp;
mod m20261126_000030_session_factors;
mod m20261126_000050_login_name;
mod m20261126_000051_imported;
mod m20261126_000052_search_terms;
mod m20261126_000060_delays;
mod m20261126_000070_scope_version;
mod m20261126_000088_device_of_newcomer;
mod m20261126_000100_refresh_chain;
mod m20261126_000110_resource;
mod m20261126_000120_client_document;
mod m20261126_000130_used_assertion;
mod m20261126_000140_device_code;
mod m20261126_000141_device_resources;
mod m20261126_000150_client_registration;
mod m20261127_000155_found_resource;
mod m20261127_000156_deleted_resource;
mod m20261127_000160_trust;
mod m20261127_000180_event;
mod m20261127_000190_long_texts;
mod m20261127_000200_event_sums;
mod m20261127_000210_acting;
mod m20261127_000220_audit_chain;
mod m20261127_000221_bin;
mod m20261127_000222_list_orders;
mod m20261127_000230_event_address;
mod m20261127_000240_session_client;
mod m20261127_000250_pushed_request;
mod m20261127_000260_bound_tokens;
mod m20261127_000270_session_started;
mod m20261127_000320_sealed_secrets;
mod m20261127_000340_certificate_bound;
mod m20261127_000350_encryption_key;
mod m20261127_000400_ciba_request;
mod m20261127_000450_authorization_details;
mod m20261128_000460_audit_origin;
mod m20261128_000470_event_indexes;
mod m20261128_000480_grant_indexes;

use sea_orm_migration::sea_orm::{
    DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_initial::Migration),
            Box::new(m20261123_000002_key_schedule::Migration),
            Box::new(m20261123_000003_failed_attempt::Migration),
            Box::new(m20261126_000010_secret_way::Migration),
            Box::new(m20261126_000020_scope_meanings::Migration),
            Box::new(m20261126_000021_client_stamp::Migration),
            Box::new(m20261126_000030_session_factors::Migration),
            Box::new(m20261126_000050_login_name::Migration),
            Box::new(m20261126_000051_imported::Migration),
            Box::new(m20261126_000052_search_terms::Migration),
            Box::new(m20261126_000060_delays::Migration),
            Box::new(m20261126_000070_scope_version::Migration),
            Box::new(m20261126_000100_refresh_chain::Migration),
            Box::new(m20261126_000110_resource::Migration),
            Box::new(m20261126_000120_client_document::Migration),
            Box::new(m20261126_000130_used_assertion::Migration),
            Box::new(m20261126_000140_device_code::Migration),
            Box::new(m20261126_000141_device_resources::Migration),
            Box::new(m20261126_000150_client_registration::Migration),
            Box::new(m20261126_000088_device_of_newcomer::Migration),
            Box::new(m20261127_000155_found_resource::Migration),
            Box::new(m20261127_000156_deleted_resource::Migration),
            Box::new(m20261127_000160_trust::Migration),
            Box::new(m20261127_000180_event::Migration),
            Box::new(m20261127_000190_long_texts::Migration),
            Box::new(m20261127_000200_event_sums::Migration),
            Box::new(m20261127_000210_acting::Migration),
            Box::new(m20261127_000220_audit_chain::Migration),
            Box::new(m20261127_000221_bin::Migration),
            Box::new(m20261127_000222_list_orders::Migration),
            Box::new(m20261127_000230_event_address::Migration),
            Box::new(m20261127_000240_session_client::Migration),
            Box::new(m20261127_000250_pushed_request::Migration),
            Box::new(m20261127_000260_bound_tokens::Migration),
            Box::new(m20261127_000270_session_started::Migration),
            Box::new(m20261127_000320_sealed_secrets::Migration),
            Box::new(m20261127_000340_certificate_bound::Migration),
            Box::new(m20261127_000350_encryption_key::Migration),
            Box::new(m20261127_000400_ciba_request::Migration),
            Box::new(m20261127_000450_authorization_details::Migration),
            Box::new(m20261128_000460_audit_origin::Migration),
            Box::new(m20261128_000470_event_indexes::Migration),
            Box::new(m20261128_000480_grant_indexes::Migration),
        ]
    }
}

/// The schema that a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// None of ours.
    None,
    /// That of an older version.
    Older,
    /// That of this version.
    Current,
}

/// The schema that a database has. Nothing is changed.
///
/// # Errors
/// When the database does not answer, or is of a newer version.
pub async fn find_schema(database: &DatabaseConnection) -> Result<Schema, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(database).await?.len();
    Ok(match pending {
        0 => Schema::Current,
        pending if pending == Migrator::migrations().len() => Schema::None,
        _ => Schema::Older,
    })
}

/// Brings a database to the schema of this version. Any number of nodes may do so at once: one works, the others wait for it.
///
/// # Errors
/// When the database does not answer, another node does not come to an end, or the database is of a newer version.
pub async fn migrate(database: &DatabaseConnection) -> Result<(), DbErr> {
    // The usual start finds nothing to do; it needs neither the lock nor the right to change the schema.
    if Migrator::get_pending_migrations_read_only(database).await?.is_empty() {
        return Ok(());
    }
    // The transaction keeps hold of one connection, which the lock belongs to. On SQLite, an immediate one is the lock itself.
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = database.begin_with_options(options).await?;
    lock::take(&tx).await?;
    let result = Migrator::up(&tx, None).await;
    lock::release(&tx).await?;
    result?;
    tx.commit().await
}
