//! Execution of handlers: in order by key, many keys at once.
//!
//! * `consumer`: what the runner calls for each shard.
//! * `lanes`: what is known of the events of one shard.
//! * `in_transaction`: the same for handlers that write in the transaction of the checkpoint.
//! * `within`: that transaction, while events are delivered in it.
//! * `attempt`: tries of one event in place.
//! * `release`: tries of keys that were set aside.

pub(crate) mod attempt;
pub(crate) mod consumer;
pub(crate) mod in_transaction;
pub(crate) mod lanes;
pub(crate) mod release;
pub(crate) mod within;
pub(crate) mod work;
