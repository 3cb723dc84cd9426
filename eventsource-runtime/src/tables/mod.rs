//! Rows of the toolkit's tables: shards and workers.
//!
//! The statements are the same text on both databases but for the time and for locks.
//!
//! * `dialect`: where the text differs.
//! * `shards`: how far each shard is, who owns it, and where it has halted.
//! * `workers`: which processes live, and what they know.

pub(crate) mod dialect;
pub(crate) mod shards;
pub(crate) mod workers;
