//! Execution of handlers: in order by key, many keys at once.
//!
//! * `consumer`: what the runner calls for each shard.
//! * `lanes`: what is known of the events of one shard.
//! * `attempt`: tries of one event in place.
//! * `release`: tries of keys that were set aside.

pub(crate) mod attempt;
pub(crate) mod consumer;
pub(crate) mod lanes;
pub(crate) mod release;
pub(crate) mod work;
