//! Queries of SQLite's catalog.

/// Query of the number of tables of this name: 0 or 1.
pub(crate) const TABLE_EXISTS: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1";

/// Query of the number of tables, views and indexes of this name: 0 or 1.
pub(crate) const NAME_IS_TAKEN: &str =
    "SELECT count(*) FROM sqlite_master WHERE type <> 'trigger' AND name = $1";
