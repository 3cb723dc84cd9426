//! TODO

use std::sync::Arc;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::errors::{is_check_violation, is_lost, is_race};
use crate::store::postgres::{errors, retry};

/// Why one try did not append.
pub(crate) enum AttemptError {
    /// It ran into another transaction and may be run again.
    Conflict(Error),
    /// The connection is gone, and with it the answer: the events may have been stored.
    ConnectionLost(Error),
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
        // After the last try the caller is told to come again.
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

/// What was written satisfies the program's rules; if not the table's, those are others by now.
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
