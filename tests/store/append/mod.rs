//! Appends: stored and refused events, actors, ids, idempotency keys and expected sequences.

mod actors;
mod basics;
mod counters;
mod created_ids;
pub mod expected_seq;
mod expired_keys;
mod generated;
mod handles;
mod idempotency;
mod keys_at_once;
mod keys_of_actors;
mod lengths;
mod newer_rules;
mod payloads;
mod races;
