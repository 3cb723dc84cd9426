//! One reader of the feed for all who listen.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::Utc;
use eventsource_core::{EntityId, Error, Event, EventStore, Position, RecordedEvent, Retry, Seq};
use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

use super::registry::{Progress, Streams};
use crate::wire::names::Names;
use crate::wire::resource;

/// How far a listener may fall behind the reader before it reads for itself.
const BUFFERED: usize = 4096;

/// How long to wait for a database that is not there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// An event as listeners are told it.
pub(crate) struct Told<T> {
    pub(super) position: Position,
    pub(crate) entity_id: EntityId,
    pub(crate) seq: Seq,
    pub(crate) event_type: T,
    /// The resource as JSON.
    pub(crate) data: String,
}

impl<T> Told<T> {
    pub(crate) fn of<E: Event<Type = T>>(
        names: &Names,
        position: Position,
        recorded: &RecordedEvent<E>,
    ) -> Result<Self, Error> {
        Ok(Self {
            position,
            entity_id: recorded.entity_id,
            seq: recorded.seq,
            event_type: recorded.event.event_type(),
            data: resource::event(names, recorded, &HeaderMap::new())?.to_string(),
        })
    }
}

/// What tells listeners of events as they come, while there are listeners.
pub(crate) struct Hub<E: Event> {
    pub(super) events: EventStore<E>,
    pub(super) names: Arc<Names>,
    pub(super) streams: Arc<Streams>,
    /// Gone when the reader is.
    told: Mutex<WeakSender<Arc<Told<E::Type>>>>,
}

impl<E: Event> Hub<E> {
    pub(crate) fn new(events: EventStore<E>, names: Arc<Names>, streams: Arc<Streams>) -> Self {
        Self {
            events,
            names,
            streams,
            told: Mutex::new(channel(1).0.downgrade()),
        }
    }

    /// Every event after the last that was committed before this call; those between `after` and
    /// that one perhaps.
    pub(super) fn join(&self, after: Position) -> Receiver<Arc<Told<E::Type>>> {
        // Nothing that holds the lock can panic halfway.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = told.upgrade() {
            return running.subscribe();
        }
        let (sender, receiver) = channel(BUFFERED);
        *told = sender.downgrade();
        let (names, streams) = (Arc::clone(&self.names), Arc::clone(&self.streams));
        tokio::spawn(read(self.events.clone(), names, streams, after, sender));
        receiver
    }
}

/// Tells of events until nobody listens, or until one cannot be read: who listens then reads for
/// themselves, and finds out.
async fn read<E: Event>(
    events: EventStore<E>,
    names: Arc<Names>,
    streams: Arc<Streams>,
    after: Position,
    told: Sender<Arc<Told<E::Type>>>,
) {
    let mut feed = events.feed().after(after).follow();
    loop {
        let next = tokio::select! {
            next = feed.next() => next,
            () = told.closed() => return,
        };
        match next {
            Ok((position, recorded)) => match Told::of(&names, position, &recorded) {
                Ok(event) => {
                    let age = Utc::now().signed_duration_since(recorded.recorded_at);
                    // The database's clock may be ahead.
                    let age = age.to_std().unwrap_or_default();
                    streams.told(E::ENTITY, Progress { position, age });
                    // That nobody heard it is found out above.
                    drop(told.send(Arc::new(event)));
                }
                Err(_) => return,
            },
            Err(error) if error.retry() == Retry::Never => return,
            Err(_) => tokio::time::sleep(PATIENCE).await,
        }
    }
}
