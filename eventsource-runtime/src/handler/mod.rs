//! Handlers: what is done outside of the database when something has happened.
//!
//! * `handler_trait`, `delivery`: what a program writes, and what it is given.
//! * `transaction`: the transaction that a handler may write in.
//! * `builder`: which events go to a handler, and how.
//! * `target`: events of one machine on their way, without its type.
//! * `executor`: in order by key, many keys at once, with retries.
//! * `cloud_event`: events as other systems read them.
//! * `log`, `webhook`, `nats`: handlers that are ready.

pub(crate) mod builder;
#[cfg(any(feature = "webhook", feature = "nats"))]
pub(crate) mod cloud_event;
pub(crate) mod delivery;
pub(crate) mod executor;
pub(crate) mod handler_trait;
pub(crate) mod log;
#[cfg(feature = "nats")]
pub(crate) mod nats;
pub(crate) mod target;
pub(crate) mod transaction;
#[cfg(feature = "webhook")]
pub(crate) mod webhook;
