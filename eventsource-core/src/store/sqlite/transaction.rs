//! Statement that begins a write transaction.

/// Statement that locks the file for writing before the first read, waiting for other writers.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";
