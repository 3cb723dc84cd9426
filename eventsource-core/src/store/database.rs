//! Dispatch to the driver that a store was opened with.

use std::sync::Arc;

/// Handle of a database that this build supports.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::store::sqlite::handle::Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(crate::store::postgres::handle::Postgres),
}

impl Database {
    /// Checks whether both have the same connections.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            #[cfg(feature = "sqlite")]
            (Self::Sqlite(one), Self::Sqlite(other)) => Arc::ptr_eq(
                &one.writer.connect_options(),
                &other.writer.connect_options(),
            ),
            #[cfg(feature = "postgres")]
            (Self::Postgres(one), Self::Postgres(other)) => {
                Arc::ptr_eq(&one.pool.connect_options(), &other.pool.connect_options())
            }
            #[cfg(all(feature = "sqlite", feature = "postgres"))]
            _ => false,
        }
    }
}

/// Evaluates an expression with the handle of the driver, whichever database it is.
macro_rules! on_database {
    ($database:expr, $backend:ident => $call:expr) => {
        match $database {
            #[cfg(feature = "sqlite")]
            $crate::store::database::Database::Sqlite($backend) => $call,
            #[cfg(feature = "postgres")]
            $crate::store::database::Database::Postgres($backend) => $call,
        }
    };
}

pub(crate) use on_database;
