//! Feed: the events of a machine or of a whole store in one gap-free order.
//!
//! * `source`: the [`Feed`](source::Feed) builder and the trait of what it reads.
//! * `stores`: the two sources, a store and the events of one machine.
//! * `page`, `prefetch`: reading a page, and the next one ahead.
//! * `subscription`: reading the feed as it grows.
//! * `sequencer`: giving positions in the background.

pub(crate) mod page;
pub(crate) mod prefetch;
pub(crate) mod sequencer;
pub(crate) mod source;
pub(crate) mod stores;
pub(crate) mod subscription;
