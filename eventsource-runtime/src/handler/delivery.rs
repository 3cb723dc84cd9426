//! Event on its way to a handler.

use std::fmt;
use std::sync::Arc;

use eventsource_core::{Event, EventId, Failure, Position, RecordedEvent};

use crate::handler::transaction::{DeliveryTransaction, Lent, NoTransaction};

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
    pub(crate) transaction: Option<Lent>,
}

/// One try of an event.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// Number, from 1.
    pub(crate) number: u32,
    /// Transaction of the checkpoint, if the handler is in it.
    pub(crate) transaction: Option<Lent>,
}

impl<E: Event> Delivery<E> {
    /// Returns the transaction that moves the checkpoint past this event, for a handler that is
    /// [in it](crate::HandlerBuilder::in_transaction).
    ///
    /// What is written in it takes effect once, however often the event is delivered.
    ///
    /// # Errors
    /// [`Failure::Halt`] if the handler is not in a transaction, while what was returned before is still
    /// in use, and after the handler has returned: a mistake of the program.
    pub fn transaction(&self) -> Result<DeliveryTransaction, Failure> {
        let lent = self.transaction.as_ref();
        let lent = lent.ok_or(NoTransaction::NotAsked);
        lent.and_then(Lent::get).map_err(Failure::halt)
    }
}

impl<E: Event> Clone for Delivery<E> {
    fn clone(&self) -> Self {
        Self {
            event: Arc::clone(&self.event),
            position: self.position,
            attempt: self.attempt,
            id: self.id.clone(),
            transaction: self.transaction.clone(),
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
