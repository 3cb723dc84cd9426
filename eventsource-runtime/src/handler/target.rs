//! Events of one machine on their way to a handler, without the type of the machine.

use std::sync::Arc;

use eventsource_core::{
    EntityId, Error, Event, EventStore, Failure, Position, RecordedEvent, Seq, UnreadableReason,
};

use crate::contract::event::SourceEvent;
use crate::contract::source::BoxFuture;
use crate::failure::set_aside::SetAside;
use crate::handler::delivery::{Attempt, Delivery, DeliveryId};
use crate::handler::handler_trait::Handler;

/// What a handler does with the events of one machine.
pub(crate) trait Target: Send + Sync + 'static {
    /// Returns the name of the entity type.
    fn entity(&self) -> &'static str;

    /// Returns the key that an event is kept in order by; `None` if it is not for the handler.
    fn key(&self, event: &SourceEvent) -> Option<String>;

    /// Tells whether keys are others than the ids of entities.
    fn has_own_keys(&self) -> bool;

    /// Delivers an event.
    fn deliver(
        &self,
        event: Arc<SourceEvent>,
        subscription: &Arc<str>,
        attempt: Attempt,
    ) -> BoxFuture<'static, Result<(), Failure>>;

    /// Reads an event once more; `None` if the reader does not see it any longer.
    fn load(
        &self,
        entity_id: EntityId,
        seq: Seq,
        position: Position,
    ) -> BoxFuture<'_, Result<Option<SourceEvent>, Error>>;
}

/// Which events of a machine a handler gets.
pub(crate) struct Selection<E: Event> {
    pub(crate) only: Option<Vec<E::Type>>,
    pub(crate) having: Option<Arc<Condition<E>>>,
    pub(crate) keyed_by: Option<Arc<KeyOf<E>>>,
}

pub(crate) type Condition<E> = dyn Fn(&RecordedEvent<E>) -> bool + Send + Sync;
pub(crate) type KeyOf<E> = dyn Fn(&RecordedEvent<E>) -> String + Send + Sync;

impl<E: Event> Default for Selection<E> {
    fn default() -> Self {
        Self {
            only: None,
            having: None,
            keyed_by: None,
        }
    }
}

impl<E: Event> Selection<E> {
    /// Returns the key of an event; `None` if it was not selected.
    pub(crate) fn key(&self, event: &SourceEvent) -> Option<String> {
        if let Some(unreadable) = event.unreadable() {
            let hidden = matches!(unreadable.reason, UnreadableReason::Hidden);
            return (!hidden).then(|| event.entity_id.to_string());
        }
        let typed = event.typed::<E>()?;
        let mut only = self.only.iter().flatten();
        if self.only.is_some() && !only.any(|only| *only == typed.event.event_type()) {
            return None;
        }
        if self.having.as_ref().is_some_and(|having| !having(typed)) {
            return None;
        }
        Some(match &self.keyed_by {
            Some(key) => key(typed),
            None => event.entity_id.to_string(),
        })
    }
}

/// Events of `E` on their way to the handler `H`.
pub(crate) struct TypedTarget<E: Event, H> {
    pub(crate) events: EventStore<E>,
    pub(crate) place: usize,
    pub(crate) selection: Selection<E>,
    pub(crate) handler: Arc<H>,
}

impl<E: Event, H: Handler<E>> Target for TypedTarget<E, H> {
    fn entity(&self) -> &'static str {
        E::ENTITY
    }

    fn key(&self, event: &SourceEvent) -> Option<String> {
        self.selection.key(event)
    }

    fn has_own_keys(&self) -> bool {
        self.selection.keyed_by.is_some()
    }

    fn deliver(
        &self,
        event: Arc<SourceEvent>,
        subscription: &Arc<str>,
        attempt: Attempt,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let handler = Arc::clone(&self.handler);
        let id = DeliveryId::new(subscription, event.event_id);
        Box::pin(async move {
            let Some(recorded) = event.shared::<E>() else {
                return Err(unreadable(&event));
            };
            let delivery = Delivery {
                event: recorded,
                position: event.position,
                attempt: attempt.number,
                id,
                transaction: attempt.transaction,
            };
            handler.handle(delivery).await
        })
    }

    fn load(
        &self,
        entity_id: EntityId,
        seq: Seq,
        position: Position,
    ) -> BoxFuture<'_, Result<Option<SourceEvent>, Error>> {
        Box::pin(async move { load(&self.events, self.place, entity_id, seq, position).await })
    }
}

/// Reads an event once more, as the reader of the handle may see it.
pub(crate) async fn load<E: Event>(
    events: &EventStore<E>,
    place: usize,
    entity_id: EntityId,
    seq: Seq,
    position: Position,
) -> Result<Option<SourceEvent>, Error> {
    let before = Seq::new(seq.get().saturating_sub(1));
    let read = events
        .history(entity_id)
        .after(before)
        .limit(1)
        .each()
        .await?;
    let read = read.into_iter().next();
    Ok(read.map(|event| SourceEvent::new::<E>(place, position, event)))
}

/// Says that an event cannot be read: set aside until a program can.
pub(crate) fn unreadable(event: &SourceEvent) -> Failure {
    let reason = event.unreadable().map_or_else(
        || "the event is of another machine".to_owned(),
        ToString::to_string,
    );
    Failure::retry(SetAside(reason.into()))
}
