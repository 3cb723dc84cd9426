//! What the handlers share.

use std::sync::Arc;

use eventsource_core::{Event, EventStore};

use crate::actor::AnyActorSource;
use crate::hook::AnyBeforeAppend;
use crate::limits::Limits;
use crate::names::Names;
use crate::streams::Streams;

/// What all machines of a service share.
pub(crate) struct Shared {
    pub(crate) actor_source: Option<Arc<dyn AnyActorSource>>,
    pub(crate) limits: Limits,
    pub(crate) streams: Streams,
}

/// What a handler works on.
pub(crate) struct Api<E: Event> {
    pub(crate) events: EventStore<E>,
    pub(crate) names: Arc<Names>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) checks: Arc<[Arc<dyn AnyBeforeAppend<E>>]>,
}

impl<E: Event> Clone for Api<E> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            names: Arc::clone(&self.names),
            shared: Arc::clone(&self.shared),
            checks: Arc::clone(&self.checks),
        }
    }
}
