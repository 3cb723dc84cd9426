//! Handler that writes events to the log of the program.

use eventsource_core::{Event, EventType, Failure};

use crate::handler::delivery::Delivery;
use crate::handler::handler_trait::Handler;

/// Handler that writes what happened, without payloads, to the log of the program.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Log;

impl<E: Event> Handler<E> for Log {
    async fn handle(&self, delivery: Delivery<E>) -> Result<(), Failure> {
        let event = &delivery.event;
        tracing::info!(
            delivery = %delivery.id,
            position = %delivery.position,
            entity = E::ENTITY,
            id = %event.entity_id,
            seq = event.seq.get(),
            "{}",
            event.event.event_type().name(),
        );
        Ok(())
    }
}
