//! Dispatch to the driver that a store was opened with.

/// Handle of a database that this build supports.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::store::sqlite::handle::Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(crate::store::postgres::handle::Postgres),
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
