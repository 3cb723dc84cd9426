//! Hub of a machine: one subscription to the feed, which all clients share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::Utc;
use eventsource_core::{EntityId, Error, Event, EventStore, Position, RecordedEvent, Retry, Seq};
use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

use super::registry::{StreamProgress, StreamRegistry};
use crate::wire::names::WireNames;
use crate::wire::resource;

/// Most events that a client may fall behind before it reads from the store again.
const BUFFER_SIZE: usize = 4096;

/// Pause before another attempt when the database is unavailable.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Event as it is sent to clients.
pub(crate) struct StreamEvent<T> {
    /// Position in the log; of no meaning if the event was read from its entity.
    pub(super) position: Position,
    pub(crate) entity_id: EntityId,
    pub(crate) seq: Seq,
    pub(crate) event_type: T,
    /// Resource of the event, as JSON.
    pub(crate) data: String,
}

impl<T> StreamEvent<T> {
    /// Serializes a recorded event.
    pub(super) fn of<E: Event<Type = T>>(
        names: &WireNames,
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

/// Hub of a machine, which follows the feed as long as it has clients.
pub(crate) struct Hub<E: Event> {
    pub(super) events: EventStore<E>,
    pub(super) names: Arc<WireNames>,
    pub(super) streams: Arc<StreamRegistry>,
    /// Channel to the clients, which lives as long as the task that follows the feed.
    sender: Mutex<WeakSender<Arc<StreamEvent<E::Type>>>>,
}

impl<E: Event> Hub<E> {
    /// Creates a hub without clients.
    pub(crate) fn new(
        events: EventStore<E>,
        names: Arc<WireNames>,
        streams: Arc<StreamRegistry>,
    ) -> Self {
        Self {
            events,
            names,
            streams,
            sender: Mutex::new(channel(1).0.downgrade()),
        }
    }

    /// Subscribes to all events that are committed after this call.
    ///
    /// Events after `after` that were committed before may come, too.
    pub(super) fn subscribe(&self, after: Position) -> Receiver<Arc<StreamEvent<E::Type>>> {
        // No holder of the lock can panic halfway, so a poisoned value is still valid.
        let mut current = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = current.upgrade() {
            return running.subscribe();
        }
        let (sender, receiver) = channel(BUFFER_SIZE);
        *current = sender.downgrade();
        let (names, streams) = (Arc::clone(&self.names), Arc::clone(&self.streams));
        tokio::spawn(follow_feed(
            self.events.clone(),
            names,
            streams,
            after,
            sender,
        ));
        receiver
    }
}

/// Sends the events of the feed to the clients until there are none, or until an event cannot be
/// read.
///
/// In the latter case the clients read from the store and meet the error themselves.
async fn follow_feed<E: Event>(
    events: EventStore<E>,
    names: Arc<WireNames>,
    streams: Arc<StreamRegistry>,
    after: Position,
    sender: Sender<Arc<StreamEvent<E::Type>>>,
) {
    let mut feed = events.feed().after(after).subscribe();
    loop {
        let next = tokio::select! {
            next = feed.next() => next,
            () = sender.closed() => return,
        };
        match next {
            Ok((position, recorded)) => match StreamEvent::of(&names, position, &recorded) {
                Ok(event) => {
                    let age = Utc::now().signed_duration_since(recorded.recorded_at);
                    // The database's clock may be ahead.
                    let age = age.to_std().unwrap_or_default();
                    streams.record_progress(E::ENTITY, StreamProgress { position, age });
                    // If there is no client any more, `closed` above returns.
                    drop(sender.send(Arc::new(event)));
                }
                Err(_) => return,
            },
            Err(error) if error.retry() == Retry::Never => return,
            Err(_) => tokio::time::sleep(RETRY_AFTER).await,
        }
    }
}
