//! Event streams: a hub per machine that follows the feed, and the clients that it serves.
//!
//! May use `wire`, `options` and `clients`.

pub(crate) mod hub;
pub(crate) mod listener;
pub(crate) mod registry;
