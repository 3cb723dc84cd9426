//! Events of the feed of a store, and windows of positions.

use std::ops::ControlFlow;

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
    /// Length of payloads, in bytes, with which a read ends before `limit`.
    pub(crate) max_bytes: u64,
}

/// Events of a window.
#[derive(Debug)]
pub struct FeedRead<T> {
    pub(crate) events: Vec<T>,
    /// Number of events that were read; the reader may not read some of them.
    pub(crate) count: u64,
    /// Length of the payloads, in bytes.
    pub(crate) bytes: u64,
    /// Whether the window may have further events, after the last of these.
    pub(crate) has_more: bool,
    /// Position of the last event that was read.
    pub(crate) last: Option<Position>,
}

impl<T> FeedRead<T> {
    /// Creates a read without events.
    pub(crate) fn new() -> Self {
        Self {
            events: Vec::new(),
            count: 0,
            bytes: 0,
            has_more: false,
            last: None,
        }
    }

    /// Adds the next event, whose payload has this length; breaks if it is the last that the window
    /// takes.
    pub(crate) fn push(&mut self, event: T, bytes: u64, window: FeedWindow) -> ControlFlow<()> {
        self.events.push(event);
        self.count += 1;
        self.bytes += bytes;
        self.has_more = self.events.len() as u64 >= window.limit || self.bytes >= window.max_bytes;
        match self.has_more {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
