//! Name of the function that keeps tables append-only.

/// Name of the trigger function that refuses changes and deletions.
pub(crate) const APPEND_ONLY: &str = "eventsource_append_only";
