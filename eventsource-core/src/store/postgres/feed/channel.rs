//! Name of the channel of notices.

/// Channel on which a batch is announced, with the schema as payload.
pub(crate) const CHANNEL: &str = "eventsource_feed";
