//! TODO

/// Whether there is a table of this name.
pub(crate) const TABLE_EXISTS: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1";
