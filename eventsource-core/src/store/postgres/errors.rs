//! Meaning of Postgres' errors, by SQLSTATE.

use std::io::ErrorKind;
use std::sync::Arc;

use sqlx::postgres::PgDatabaseError;

use crate::Error;
use crate::store::postgres::sqlstates::{
    CREATED_MEANWHILE, INLINE_MISSING, OTHER_FINGERPRINT, TAKEN, UNCOUNTED,
};

/// Converts an error of the database to the error of the store.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    shared(Arc::new(error))
}

/// Converts an error that several callers share.
pub(crate) fn shared(error: Arc<sqlx::Error>) -> Error {
    if is_of_pooler(&error) {
        return Error::PoolerNotDeclared {
            source: Box::new(error),
        };
    }
    if let Some(taken) = taken(&error) {
        return taken;
    }
    let unavailable = match &*error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // Connection lost or refused, shutting down, out of connections, not the primary, lock
            // not available, statement timed out; and, when retries are used up, serialization and
            // deadlock.
            code.starts_with("08")
                || code.starts_with("57P")
                || code.starts_with("53")
                || code == IDLE_IN_TRANSACTION
                || matches!(
                    code.as_ref(),
                    "25006" | "55P03" | "57014" | "40001" | "40P01"
                )
        }),
        // A wrong certificate will not be right at the next attempt either.
        sqlx::Error::Io(error) => error.kind() != ErrorKind::InvalidData,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        _ => false,
    };
    let source = Box::new(error);
    if unavailable {
        Error::Unavailable { source }
    } else {
        Error::Database { source }
    }
}

/// Returns the error of a value that another entity has, as the trigger of unique fields tells it.
fn taken(error: &sqlx::Error) -> Option<Error> {
    if !has_code(error, &[TAKEN]) {
        return None;
    }
    let error = postgres(error)?;
    let value = error
        .detail()
        .and_then(|text| serde_json::from_str(text).ok());
    Some(Error::Taken {
        entity: error.table()?.to_owned(),
        field: error.column()?.to_owned(),
        value: value.unwrap_or_default(),
    })
}

/// Returns the detail of an error of the database.
pub(crate) fn detail(error: &sqlx::Error) -> Option<&str> {
    postgres(error)?.detail()
}

fn postgres(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error
        .as_database_error()?
        .try_downcast_ref::<PgDatabaseError>()
}

/// Checks whether only a pooler can have caused the error: a prepared statement is in the way or gone,
/// since another client has the connection; or the pooler does not know a setting of ours.
fn is_of_pooler(error: &sqlx::Error) -> bool {
    let refuses_setting = || {
        let message = error.as_database_error().map(|error| error.message());
        message.is_some_and(|message| message.starts_with("unsupported startup parameter"))
    };
    has_code(error, &["42P05", "26000"]) || has_code(error, &["08P01"]) && refuses_setting()
}

/// Checks whether the connection was lost, so that the outcome of the statement is unknown.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            code.starts_with("08") || code.starts_with("57P") || code == IDLE_IN_TRANSACTION
        }),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Checks whether the error has one of these SQLSTATEs.
pub(crate) fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| codes.contains(&code.as_ref()))
}

/// Postgres has closed the connection, since the program stopped in the middle of a transaction.
const IDLE_IN_TRANSACTION: &str = "25P03";

/// Checks whether the transaction met others in another order, or is no longer serializable.
pub(crate) fn is_deadlock(error: &sqlx::Error) -> bool {
    has_code(error, &["40001", "40P01"])
}

/// Returns the name of the inline model that a transaction lacks, if the guard of the log says so.
pub(crate) fn missing_model(error: &sqlx::Error) -> Option<String> {
    let database = error.as_database_error()?;
    let name = has_code(error, &[INLINE_MISSING]).then(|| database.constraint());
    name.map(|name| name.unwrap_or_default().to_owned())
}

/// Checks whether the transaction conflicted with another and can succeed when it is retried.
///
/// In an append a unique violation is a conflict too: another append created the entity, or used
/// the idempotency key, first.
pub(crate) fn is_race(error: &sqlx::Error) -> bool {
    has_code(error, &["40001", "40P01", "23505", CREATED_MEANWHILE])
}

/// Checks whether a row violates a CHECK.
pub(crate) fn is_check_violation(error: &sqlx::Error) -> bool {
    has_code(error, &["23514"])
}

/// Checks whether a row has the key of another.
pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    has_code(error, &["23505"])
}

/// Checks whether something was divided by zero.
pub(crate) fn is_division_by_zero(error: &sqlx::Error) -> bool {
    has_code(error, &["22012"])
}

/// Checks whether the role lacks a right.
pub(crate) fn is_forbidden(error: &sqlx::Error) -> bool {
    has_code(error, &["42501"])
}

/// Checks whether a table does not exist.
pub(crate) fn is_undefined_table(error: &sqlx::Error) -> bool {
    has_code(error, &["42P01"])
}

/// Checks whether other objects depend on a dropped one.
pub(crate) fn is_depended_on(error: &sqlx::Error) -> bool {
    has_code(error, &["2BP01"])
}

/// Checks whether a name is that of another object: a table, view or index, a type, or a view that is
/// none.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    has_code(error, &["42P07", "42710", "42809"])
}

/// Checks whether entities exist that the counter has not named.
pub(crate) fn is_uncounted(error: &sqlx::Error) -> bool {
    has_code(error, &[UNCOUNTED])
}

/// Checks whether another migration came first: the registered version is another, or a new
/// constraint is gone.
pub(crate) fn is_concurrent_migration(error: &sqlx::Error) -> bool {
    has_code(error, &[OTHER_FINGERPRINT, "42704"])
}
