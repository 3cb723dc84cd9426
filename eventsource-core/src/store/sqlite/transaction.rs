//! TODO

/// Begins a transaction that may write, waiting for other writers first.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";
