//! What Postgres' errors mean, by SQLSTATE.

use std::io::ErrorKind;
use std::sync::Arc;

use crate::Error;

/// The condition of an error that the text raises when entities are there that nobody has counted.
pub(crate) const UNCOUNTED: &str = "ES002";

/// The error as the caller of the store sees it.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    shared(Arc::new(error))
}

/// The same for an error that several callers are told of.
pub(crate) fn shared(error: Arc<sqlx::Error>) -> Error {
    let unavailable = match &*error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // Connection lost or refused, shutting down, out of connections, not the primary, lock
            // not available, statement timed out; and, when retries are used up, serialization and
            // deadlock.
            code.starts_with("08")
                || code.starts_with("57P")
                || code.starts_with("53")
                || matches!(
                    code.as_ref(),
                    "25006" | "55P03" | "57014" | "40001" | "40P01"
                )
        }),
        // A certificate that is not the one asked for will not be another time either.
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

/// The connection, or the server, is gone: nobody knows what became of the statement.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => database
            .code()
            .is_some_and(|code| code.starts_with("08") || code.starts_with("57P")),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

pub(crate) fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error
        .as_database_error()
        .and_then(|database| database.code())
        .is_some_and(|code| codes.contains(&code.as_ref()))
}

/// Two transactions got in each other's way; the same one can succeed when it is run again.
/// Within an append a unique violation says so too: another append created the entity, or used
/// the idempotency key, first.
pub(crate) fn is_race(error: &sqlx::Error) -> bool {
    has_code(error, &["40001", "40P01", "23505"])
}

/// A row does not satisfy a CHECK.
pub(crate) fn is_check_violation(error: &sqlx::Error) -> bool {
    has_code(error, &["23514"])
}

/// There is a row with the same key.
pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    has_code(error, &["23505"])
}

/// The role that the program connects as lacks a right.
pub(crate) fn is_forbidden(error: &sqlx::Error) -> bool {
    has_code(error, &["42501"])
}

/// Something of others stands on what was to be dropped.
pub(crate) fn is_depended_on(error: &sqlx::Error) -> bool {
    has_code(error, &["2BP01"])
}

/// Entities were there before they were to be counted.
pub(crate) fn is_uncounted(error: &sqlx::Error) -> bool {
    has_code(error, &[UNCOUNTED])
}

/// Another migration came first: the database is not where it was, or a constraint that was added
/// is gone.
pub(crate) fn is_concurrent_migration(error: &sqlx::Error) -> bool {
    has_code(error, &[NOT_AT, "42704"])
}

/// The condition of an error that the text raises when the feed is of another strategy.
pub(crate) const ANOTHER_FEED: &str = "ES003";

/// The condition of an error that the text raises when the database is not where it was thought to
/// be.
pub(crate) const NOT_AT: &str = "ES001";
