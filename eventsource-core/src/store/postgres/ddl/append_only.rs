//! TODO

/// The function that refuses what would take something back.
pub(crate) const APPEND_ONLY: &str = "eventsource_append_only";
