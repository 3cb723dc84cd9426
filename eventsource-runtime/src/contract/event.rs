//! Event of any machine, as subscriptions get it.

use std::any::Any;
use std::sync::Arc;

use eventsource_core::{
    EntityId, Event, EventId, EventResult, Position, RecordedEvent, Seq, UnreadableEvent,
};
use uuid::Uuid;

/// Event of any machine in the order of the feed.
#[derive(Clone, Debug)]
pub(crate) struct SourceEvent {
    /// Position in the feed.
    pub(crate) position: Position,
    /// Place of its machine among those that the subscription reads.
    pub(crate) source: usize,
    /// Name of the entity type.
    pub(crate) entity: &'static str,
    /// Id of the entity.
    pub(crate) entity_id: EntityId,
    /// Sequence of the event within its entity.
    pub(crate) seq: Seq,
    /// Id of the event.
    pub(crate) event_id: EventId,
    content: Result<Arc<dyn Any + Send + Sync>, Arc<UnreadableEvent>>,
}

impl SourceEvent {
    /// Erases the type of an event of the machine at this place among the sources.
    pub(crate) fn new<E: Event>(source: usize, position: Position, event: EventResult<E>) -> Self {
        match event {
            Ok(event) => Self {
                position,
                source,
                entity: E::ENTITY,
                entity_id: event.entity_id,
                seq: event.seq,
                event_id: event.id,
                content: Ok(Arc::new(event)),
            },
            Err(event) => Self {
                position,
                source,
                entity: event.entity,
                entity_id: event.entity_id,
                seq: event.seq,
                event_id: event.id,
                content: Err(Arc::from(event)),
            },
        }
    }

    /// Returns the typed event; `None` if it is unreadable, or of another machine.
    pub(crate) fn typed<E: Event>(&self) -> Option<&RecordedEvent<E>> {
        self.content.as_ref().ok()?.downcast_ref()
    }

    /// Returns the typed event as one that can be kept; `None` as of [`typed`](Self::typed).
    pub(crate) fn shared<E: Event>(&self) -> Option<Arc<RecordedEvent<E>>> {
        let content = Arc::clone(self.content.as_ref().ok()?);
        content.downcast().ok()
    }

    /// Returns the unreadable event, if it is one.
    pub(crate) fn unreadable(&self) -> Option<&UnreadableEvent> {
        self.content.as_ref().err().map(AsRef::as_ref)
    }

    /// Returns the shard of its entity among `shards`, a power of two: the last bits of the entity's id.
    pub(crate) fn shard_by_entity(&self, shards: u16) -> u16 {
        let last = Uuid::from(self.entity_id).as_bytes()[15];
        u16::from(last) & (shards - 1)
    }
}
