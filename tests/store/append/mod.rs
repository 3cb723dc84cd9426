//! Appends: what is stored, what is refused, who may write, ids, keys, expectations, races.

pub mod actors;
pub mod basics;
pub mod counters;
pub mod created_ids;
pub mod expected_seq;
pub mod generated;
pub mod handles;
pub mod idempotency;
pub mod payloads;
pub mod races;
