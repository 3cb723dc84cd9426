//! TODO

use std::sync::Arc;

use crate::Error;
use crate::store::contract::entity_context::Table;
use crate::store::postgres::errors::{is_check_violation, is_lost, is_race};
use crate::store::postgres::{errors, retry};

/// Why one try did not append.
pub(crate) enum Try {
    /// It ran into another transaction and may be run again.
    Raced(Error),
    /// The connection is gone, and with it the answer: the events may have been stored.
    Lost(Error),
    Failed(Error),
}

impl From<Error> for Try {
    fn from(error: Error) -> Self {
        if retry::is_lost(&error) {
            Self::Lost(error)
        } else {
            Self::Failed(error)
        }
    }
}

impl From<sqlx::Error> for Try {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for Try {
    fn from(error: Arc<sqlx::Error>) -> Self {
        // After the last try the caller is told to come again.
        if is_lost(&error) {
            Self::Lost(Error::Unavailable {
                source: Box::new(error),
            })
        } else if is_race(&error) {
            Self::Raced(Error::Unavailable {
                source: Box::new(error),
            })
        } else {
            Self::Failed(errors::shared(error))
        }
    }
}

/// What was written satisfies the program's rules; if not the table's, those are others by now.
pub(crate) fn not_inserted(error: impl Into<Arc<sqlx::Error>>, table: &Table) -> Try {
    let error = error.into();
    if is_check_violation(&error) {
        Try::Failed(Error::RulesChanged {
            entity: table.names.entity(),
        })
    } else {
        error.into()
    }
}
