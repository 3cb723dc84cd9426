//! Event on its way to a handler.

use std::fmt;
use std::sync::Arc;

use eventsource_core::{Event, EventId, Position, RecordedEvent};

/// Event on its way to a handler, at one of its attempts.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivery<E: Event> {
    /// Event as it is stored.
    pub event: Arc<RecordedEvent<E>>,
    /// Position of the event in the feed.
    pub position: Position,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Id of the delivery, the same at every attempt.
    pub id: DeliveryId,
}

impl<E: Event> Clone for Delivery<E> {
    fn clone(&self) -> Self {
        Self {
            event: Arc::clone(&self.event),
            position: self.position,
            attempt: self.attempt,
            id: self.id.clone(),
        }
    }
}

/// Id of a delivery: `<subscription>/<event id>`, the same at every attempt.
///
/// A receiver that remembers it does nothing twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryId {
    subscription: Arc<str>,
    event: EventId,
}

impl DeliveryId {
    pub(crate) fn new(subscription: &Arc<str>, event: EventId) -> Self {
        Self {
            subscription: Arc::clone(subscription),
            event,
        }
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.subscription, self.event)
    }
}
