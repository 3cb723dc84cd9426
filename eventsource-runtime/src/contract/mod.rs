//! Vocabulary of all parts: what a subscription is, its events, and how a batch ends.
//!
//! * `kind`, `name`: what a subscription is, and what it may be called.
//! * `event`, `source`: events of one machine behind a type that all consumers share.
//! * `faults`: what goes wrong in a test, and where.
//! * `shard_id`: key of a shard.
//! * `stop`: how far a batch is done, or why it is not.

pub(crate) mod event;
pub(crate) mod faults;
pub(crate) mod kind;
pub(crate) mod name;
pub(crate) mod shard_id;
pub(crate) mod source;
pub(crate) mod stop;
