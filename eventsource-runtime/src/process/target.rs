//! Events on their way to a process.

use std::sync::Arc;

use eventsource_core::{EntityId, Error, Event, EventStore, Failure, Position, Seq};

use crate::contract::event::SourceEvent;
use crate::contract::source::BoxFuture;
use crate::handler::delivery::Attempt;
use crate::handler::target::{Target, load, unreadable};
use crate::process::process::{Process, ReactsTo};
use crate::process::running::Running;

/// Events of the process itself, which lead to commands.
pub(super) struct OwnEvents<P: Process>(pub(super) Arc<Running<P>>);

impl<P: Process> Target for OwnEvents<P> {
    fn entity(&self) -> &'static str {
        P::Event::ENTITY
    }

    fn key(&self, event: &SourceEvent) -> Option<String> {
        Some(event.entity_id.to_string())
    }

    fn has_own_keys(&self) -> bool {
        true
    }

    fn deliver(
        &self,
        event: Arc<SourceEvent>,
        _subscription: &Arc<str>,
        _attempt: Attempt,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let running = Arc::clone(&self.0);
        Box::pin(async move {
            match event.typed::<P::Event>() {
                Some(own) => running.act(own).await,
                None => Err(unreadable(&event)),
            }
        })
    }

    fn load(
        &self,
        entity_id: EntityId,
        seq: Seq,
        position: Position,
    ) -> BoxFuture<'_, Result<Option<SourceEvent>, Error>> {
        Box::pin(load(&self.0.events, 0, entity_id, seq, position))
    }
}

/// Events of another machine, which lead to commands to the process.
pub(super) struct SourceEvents<P: Process, S: Event> {
    running: Arc<Running<P>>,
    events: EventStore<S>,
    place: usize,
}

impl<P: Process, S: Event> SourceEvents<P, S> {
    pub(super) fn new(running: &Arc<Running<P>>, events: &EventStore<S>, place: usize) -> Self {
        Self {
            running: Arc::clone(running),
            events: events.clone(),
            place,
        }
    }
}

impl<P: ReactsTo<S>, S: Event> Target for SourceEvents<P, S> {
    fn entity(&self) -> &'static str {
        S::ENTITY
    }

    /// Returns the instance. Of an event that cannot be read nobody knows for which it is: it is set
    /// aside by itself.
    fn key(&self, event: &SourceEvent) -> Option<String> {
        match event.typed::<S>() {
            Some(typed) => self.running.instance(typed).map(|id| id.to_string()),
            None => Some(event.entity_id.to_string()),
        }
    }

    fn has_own_keys(&self) -> bool {
        true
    }

    fn deliver(
        &self,
        event: Arc<SourceEvent>,
        _subscription: &Arc<str>,
        _attempt: Attempt,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let running = Arc::clone(&self.running);
        Box::pin(async move {
            match event.typed::<S>() {
                Some(source) => running.react(source).await,
                None => Err(unreadable(&event)),
            }
        })
    }

    fn load(
        &self,
        entity_id: EntityId,
        seq: Seq,
        position: Position,
    ) -> BoxFuture<'_, Result<Option<SourceEvent>, Error>> {
        Box::pin(load(&self.events, self.place, entity_id, seq, position))
    }
}
