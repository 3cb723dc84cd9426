//! Error of one attempt to append.

use std::sync::Arc;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::errors::{is_check_violation, is_lost, is_race};
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

/// Converts the error of an insert; a violated CHECK means that the rules of the tables changed.
///
/// The events satisfy the rules of the program.
pub(crate) fn insert_error(
    error: impl Into<Arc<sqlx::Error>>,
    context: &EntityContext,
) -> AttemptError {
    let error = error.into();
    if is_check_violation(&error) {
        AttemptError::Fatal(Error::RulesChanged {
            entity: context.names.entity(),
        })
    } else {
        error.into()
    }
}
