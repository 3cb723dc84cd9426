//! Reading the feed for many shards at once.
//!
//! * `reader`: pages of one machine, which the shards that are level share.
//! * `window`: the events of all machines of a subscription, in one order.
//! * `tip`: the last position of the store, for all subscriptions.

pub(crate) mod reader;
pub(crate) mod tip;
pub(crate) mod window;
