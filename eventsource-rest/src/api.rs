//! What the handlers share.

use std::sync::Arc;

use eventsource_core::{Event, EventStore};

use crate::names::Names;

/// What a handler works on.
pub(crate) struct Api<E: Event> {
    pub(crate) events: EventStore<E>,
    pub(crate) names: Arc<Names>,
}

impl<E: Event> Clone for Api<E> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            names: Arc::clone(&self.names),
        }
    }
}
