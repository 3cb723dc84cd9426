//! Events of the feed of a store, and windows of positions.

use crate::{EntityId, LogSeq, Position, Seq};

/// Notice in the feed of a store that an entity has a new event.
///
/// The event itself is in the [`feed`](crate::EventStore::feed) of its entity type.
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
    /// Position in the order of all events of the store, without gaps.
    pub position: Position,
    /// Name of the entity type, such as `task`.
    pub entity: String,
    /// Id of the entity that the event belongs to.
    pub entity_id: EntityId,
    /// Sequence of the event within its entity, without gaps.
    pub seq: Seq,
    /// Log sequence: number of the insertion into the log of the entity type, with gaps.
    pub log_seq: LogSeq,
}

/// Window of positions: `limit` events at most, after `after` and up to `up_to`.
#[derive(Clone, Copy, Debug)]
pub struct FeedWindow {
    pub(crate) after: Position,
    pub(crate) up_to: Position,
    pub(crate) limit: u64,
}
