//! What a subscription is made of.
//!
//! * `shard`: a part of a subscription that this worker owns, and its fence.
//! * `consumer`: the trait that everything on shards implements, with its batches.
//! * `builder`: the subscription that a runtime runs.

pub(crate) mod builder;
pub(crate) mod consumer;
pub(crate) mod shard;
