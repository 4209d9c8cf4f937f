//! The lock that lets one node at a time change the schema.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

/// Names the lock on PostgreSQL, among all advisory locks of the database.
const KEY: i64 = 0x5167_6e65_7401;

/// Names the lock on MySQL, where such names belong to the whole server.
const NAME: &str = "CONCAT('signet.', MD5(DATABASE()))";

/// Seconds to wait for another node.
const PATIENCE: u32 = 120;

/// Waits for the lock and takes it.
pub(crate) async fn take(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    match tx.get_database_backend() {
        DbBackend::Postgres => {
            tx.execute_unprepared(&format!("SET LOCAL lock_timeout = '{PATIENCE}s'")).await?;
            // It goes with the transaction, and so with the process.
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({KEY})")).await?;
            Ok(())
        }
        DbBackend::MySql => {
            let sql = format!("SELECT GET_LOCK({NAME}, {PATIENCE}) AS taken");
            let row = tx.query_one_raw(Statement::from_string(DbBackend::MySql, sql)).await?;
            match row.map(|row| row.try_get::<Option<i64>>("", "taken")).transpose()?.flatten() {
                Some(1) => Ok(()),
                _ => Err(DbErr::Migration(format!("another node has been migrating for {PATIENCE} seconds"))),
            }
        }
        _ => Ok(()),
    }
}

/// Gives it back, where it belongs to the session and would outlive the transaction.
pub(crate) async fn release(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::MySql {
        tx.execute_unprepared(&format!("DO RELEASE_LOCK({NAME})")).await?;
    }
    Ok(())
}
