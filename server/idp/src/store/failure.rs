//! The meaning of a failed statement, by the codes of the three databases.

use sea_orm::sqlx::Error as Sqlx;
use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
use sea_orm::{DbErr, RuntimeErr, SqlxMySqlError, SqlxPostgresError, SqlxSqliteError};

/// Why a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The row that was looked for is not there.
    Missing,
    /// Something that must be unique exists.
    Duplicate,
    /// The row refers to something that does not exist (any more).
    Orphan,
    /// The server chose this transaction to end a deadlock: it may be run again.
    Deadlock,
    /// The connection broke while it was used.
    Broken,
    /// There is no connection: the database is away, busy, full or shutting down.
    Away,
    /// The statement itself is wrong.
    Other,
}

impl Cause {
    pub(crate) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => Self::Missing,
            DbErr::RecordNotInserted => Self::Duplicate,
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Away,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error),
            _ => Self::Other,
        }
    }
}

fn of_driver(error: &Sqlx) -> Cause {
    match error {
        Sqlx::RowNotFound => Cause::Missing,
        Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::Protocol(_) | Sqlx::WorkerCrashed => Cause::Broken,
        Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::BeginFailed => Cause::Away,
        Sqlx::Database(error) => match error.kind() {
            ErrorKind::UniqueViolation => Cause::Duplicate,
            ErrorKind::ForeignKeyViolation => Cause::Orphan,
            _ => of_code(error.as_ref()),
        },
        _ => Cause::Other,
    }
}

fn of_code(error: &dyn DatabaseError) -> Cause {
    if error.try_downcast_ref::<SqlxSqliteError>().is_some() {
        of_sqlite(&error.code().unwrap_or_default())
    } else if let Some(error) = error.try_downcast_ref::<SqlxPostgresError>() {
        of_postgres(error.code())
    } else if let Some(error) = error.try_downcast_ref::<SqlxMySqlError>() {
        of_mysql(error.number())
    } else {
        Cause::Other
    }
}

/// The low byte of SQLite's extended result codes.
fn of_sqlite(code: &str) -> Cause {
    match code.parse::<i32>().map(|code| code & 0xff) {
        // BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN
        Ok(5 | 6 | 7 | 8 | 10 | 13 | 14) => Cause::Away,
        _ => Cause::Other,
    }
}

fn of_postgres(code: &str) -> Cause {
    match code {
        // character_not_in_repertoire: no row is named by a text with a NUL in it
        "22021" => Cause::Missing,
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Cause::Deadlock,
        // read_only_sql_transaction (a standby), lock_not_available
        "25006" | "55P03" => Cause::Away,
        // admin_shutdown, crash_shutdown, idle_session_timeout: said on a connection that ends with it
        "57P01" | "57P02" | "57P05" => Cause::Broken,
        // connection_exception, insufficient_resources, operator_intervention
        _ if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => Cause::Away,
        _ => Cause::Other,
    }
}

fn of_mysql(number: u16) -> Cause {
    match number {
        // ER_CHECKREAD (MariaDB: a row changed since it was read), ER_LOCK_DEADLOCK
        1020 | 1213 => Cause::Deadlock,
        // ER_CONNECTION_KILLED, ER_CLIENT_INTERACTION_TIMEOUT
        1927 | 4031 => Cause::Broken,
        // Too many connections, out of memory, shutting down, table or disk full, lock wait timeout, read only.
        1021 | 1037 | 1040 | 1041 | 1053 | 1114 | 1203 | 1205 | 1290 | 1792 | 1836 => Cause::Away,
        _ => Cause::Other,
    }
}
