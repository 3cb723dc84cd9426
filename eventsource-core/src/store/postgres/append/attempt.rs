//! Error of one attempt to append.

use std::sync::Arc;

use crate::Error;
use crate::store::contract::cause::database_error;
use crate::store::contract::companion::CompanionError;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::errors::{
    is_check_violation, is_deadlock, is_lost, is_race, missing_model,
};
use crate::store::postgres::{errors, retry};

/// Error of one attempt to append.
pub(crate) enum AttemptError {
    /// Conflict with another transaction: the append can be retried.
    Conflict(Error),
    /// Connection lost before the answer: the events may be stored.
    ConnectionLost(Error),
    /// Error that a retry would meet again.
    Fatal(Error),
}

impl From<Error> for AttemptError {
    fn from(error: Error) -> Self {
        if retry::is_lost(&error) {
            Self::ConnectionLost(error)
        } else {
            Self::Fatal(error)
        }
    }
}

impl From<sqlx::Error> for AttemptError {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for AttemptError {
    fn from(error: Arc<sqlx::Error>) -> Self {
        // The caller gets this error after the last attempt, and may retry.
        if is_lost(&error) {
            Self::ConnectionLost(Error::Unavailable {
                source: Box::new(error),
            })
        } else if is_race(&error) {
            Self::Conflict(Error::Unavailable {
                source: Box::new(error),
            })
        } else {
            Self::Fatal(errors::shared(error))
        }
    }
}

/// Error of a call.
#[derive(Debug)]
pub(crate) enum CallError {
    Database(Arc<sqlx::Error>),
    /// Failure of what is written with the events.
    Companion(CompanionError),
    /// Answer that is no row of the log.
    Row(Error),
}

impl From<sqlx::Error> for CallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<CompanionError> for CallError {
    fn from(error: CompanionError) -> Self {
        Self::Companion(error)
    }
}

/// Converts the error of a call.
pub(crate) fn call_error(error: CallError, context: &EntityContext) -> AttemptError {
    match error {
        CallError::Database(error) => insert_error(error, context),
        CallError::Companion(error) => companion_error(error),
        CallError::Row(error) => AttemptError::Fatal(error),
    }
}

/// Converts the error of a companion, which a lost connection or a conflict may have caused.
fn companion_error(CompanionError { name, source }: CompanionError) -> AttemptError {
    let database = database_error(&*source);
    let lost = database.is_some_and(is_lost);
    let conflicts = database.is_some_and(is_deadlock);
    let failed = |source| Error::Unavailable { source };
    match (lost, conflicts) {
        (true, _) => AttemptError::ConnectionLost(failed(source)),
        (_, true) => AttemptError::Conflict(failed(source)),
        _ => AttemptError::Fatal(Error::ByProjection { name, source }),
    }
}

/// Converts the error of an insert; a violated CHECK means that the rules of the tables changed.
///
/// The events satisfy the rules of the program.
pub(crate) fn insert_error(
    error: impl Into<Arc<sqlx::Error>>,
    context: &EntityContext,
) -> AttemptError {
    let error = error.into();
    if let Some(name) = missing_model(&error) {
        return AttemptError::Fatal(Error::InlineMissing {
            entity: context.names.entity(),
            name,
        });
    }
    if is_check_violation(&error) {
        AttemptError::Fatal(Error::RulesChanged {
            entity: context.names.entity(),
        })
    } else {
        error.into()
    }
}
