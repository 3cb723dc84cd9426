//! An event of any entity.

use crate::{EntityId, LogSeq, Position, Seq};

/// That an event happened to an entity of a store; what it was is in the entity's own
/// [`feed`](crate::EventStore::feed).
///
/// ```no_run
/// # async fn example(store: eventsource_core::Store) -> Result<(), eventsource_core::Error> {
/// for event in store.feed().await?.events {
///     println!("{}: #{} of {} {}", event.position, event.seq, event.entity, event.entity_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedEvent {
    /// Its place in the order of all events.
    pub position: Position,
    /// The name of the machine, such as `task`.
    pub entity: String,
    /// What it happened to.
    pub entity_id: EntityId,
    /// Its place in the stream of the entity.
    pub seq: Seq,
    /// Its place in the order of writing.
    pub log_seq: LogSeq,
}

/// A part of the feed: `after` it, at most this many, no later than `up_to`.
#[derive(Clone, Copy, Debug)]
pub struct FeedWindow {
    pub(crate) after: Position,
    pub(crate) up_to: Position,
    pub(crate) limit: u64,
}
