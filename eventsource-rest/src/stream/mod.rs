//! Streams: one reader of the feed for each machine, and the clients that listen to it. May use `wire`
//! and `options`.

pub(crate) mod hub;
pub(crate) mod listener;
pub(crate) mod registry;
