//! Meaning of SQLite's errors, by result code.

use crate::Error;

/// Converts an error of the database to the error of the store.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    let unavailable = match &error {
        // Busy or locked by another process, out of memory, I/O, full, cannot open.
        sqlx::Error::Database(_) => {
            primary_code(&error).is_some_and(|code| matches!(code, 5 | 6 | 7 | 10 | 13 | 14))
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    };
    let source = Box::new(error);
    if unavailable {
        Error::Unavailable { source }
    } else {
        Error::Database { source }
    }
}

/// Returns the low byte of the extended result code.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    Some(code.parse::<i32>().ok()? & 0xff)
}

/// Checks for the generic error code, as of a statement that names a missing table.
pub(crate) fn is_generic(error: &sqlx::Error) -> bool {
    const SQLITE_ERROR: i32 = 1;
    primary_code(error) == Some(SQLITE_ERROR)
}

/// Checks whether the file is read-only.
pub(crate) fn is_forbidden(error: &sqlx::Error) -> bool {
    const SQLITE_PERM: i32 = 3;
    const SQLITE_READONLY: i32 = 8;
    matches!(primary_code(error), Some(SQLITE_PERM | SQLITE_READONLY))
}

/// Checks whether a row violates a CHECK.
pub(crate) fn is_check_violation(error: &sqlx::Error) -> bool {
    const SQLITE_CONSTRAINT_CHECK: &str = "275";
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == SQLITE_CONSTRAINT_CHECK)
}

/// Checks whether a trigger has refused the statement.
pub(crate) fn is_trigger_violation(error: &sqlx::Error) -> bool {
    const SQLITE_CONSTRAINT_TRIGGER: &str = "1811";
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == SQLITE_CONSTRAINT_TRIGGER)
}

/// Checks whether another connection has locked the file.
pub(crate) fn is_busy(source: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    const SQLITE_BUSY: i32 = 5;
    let error = source.downcast_ref::<sqlx::Error>();
    error.and_then(primary_code) == Some(SQLITE_BUSY)
}
