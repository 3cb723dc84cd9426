//! Source of events: one machine of a store.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use eventsource_core::{Error, Event, EventStore, Position};

use crate::contract::event::SourceEvent;

/// Future behind a pointer, as traits that are used as objects return it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Window of the feed with all events of one machine in it.
#[derive(Debug)]
pub(crate) struct Page {
    /// Position that the window begins after.
    pub(crate) after: Position,
    /// Last position of the window.
    pub(crate) up_to: Position,
    /// Events of the machine in the window, in order.
    pub(crate) events: Vec<Arc<SourceEvent>>,
}

/// Position of an event, and the time of its recording.
pub(crate) type Next = Option<(Position, DateTime<Utc>)>;

/// Machine that a subscription reads.
pub(crate) trait Source: Send + Sync + 'static {
    /// Returns the name of the entity type.
    fn entity(&self) -> &'static str;

    /// Reads the next events after a position, as many as one page takes.
    fn read(&self, after: Position) -> BoxFuture<'_, Result<Page, Error>>;

    /// Returns position and time of the next event after a position, up to another.
    fn next(&self, after: Position, up_to: Position) -> BoxFuture<'_, Result<Next, Error>>;
}

/// Most events of a page.
const PAGE_EVENTS: u64 = 2000;

/// Most bytes of payloads of a page.
const PAGE_BYTES: u64 = 2 << 20;

/// Events of `E`, the machine at a place among the sources of its subscription.
pub(crate) struct Machine<E: Event> {
    events: EventStore<E>,
    place: usize,
}

impl<E: Event> Machine<E> {
    /// Creates the source.
    pub(crate) fn new(events: &EventStore<E>, place: usize) -> Self {
        let events = events.clone();
        Self { events, place }
    }
}

impl<E: Event> Source for Machine<E> {
    fn entity(&self) -> &'static str {
        E::ENTITY
    }

    fn read(&self, after: Position) -> BoxFuture<'_, Result<Page, Error>> {
        Box::pin(async move {
            let feed = self.events.feed().after(after);
            let page = feed.limit(PAGE_EVENTS).max_bytes(PAGE_BYTES).await?;
            let event =
                |(position, event)| Arc::new(SourceEvent::new::<E>(self.place, position, event));
            Ok(Page {
                after,
                up_to: page.checkpoint,
                events: page.events.into_iter().map(event).collect(),
            })
        })
    }

    fn next(&self, after: Position, up_to: Position) -> BoxFuture<'_, Result<Next, Error>> {
        Box::pin(async move {
            let page = self
                .events
                .feed()
                .after(after)
                .up_to(up_to)
                .limit(1)
                .await?;
            Ok(page.events.into_iter().next().map(|(position, event)| {
                let recorded_at = match event {
                    Ok(event) => event.recorded_at,
                    Err(event) => event.recorded_at,
                };
                (position, recorded_at)
            }))
        })
    }
}
