//! Appends: what is stored, what is refused, by whom, under which ids, keys and expectations.

mod actors;
mod basics;
mod counters;
mod created_ids;
pub mod expected_seq;
mod generated;
mod handles;
mod idempotency;
mod payloads;
mod races;
