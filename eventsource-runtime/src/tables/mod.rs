//! Rows of the toolkit's tables: subscriptions, shards and workers.
//!
//! The statements are the same text on both databases but for the time and for locks.
//!
//! * `dialect`: where the text differs.
//! * `subscriptions`: which generation of a subscription is live, and what people have asked for.
//! * `shards`: how far each shard is, who owns it, and where it has halted.
//! * `workers`: which processes live, and what they know.

pub(crate) mod dialect;
pub(crate) mod shards;
pub(crate) mod subscriptions;
pub(crate) mod workers;
