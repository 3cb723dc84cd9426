//! Import of a whole log.
//!
//! * `builder`: the [`Import`](builder::Import) builder.
//! * `lines`: events from lines of JSON.
//! * `run`: batches of events, checked by the rules and written by the driver.

pub(crate) mod builder;
pub(crate) mod lines;
pub(crate) mod run;
