//! Hub of a machine: one subscription to the feed, which all clients share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use chrono::Utc;
use eventsource_core::{EntityId, Event, EventResult, EventStore, Position, Retry, Seq};
use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

use super::registry::{StreamProgress, StreamRegistry};
use crate::wire::names::WireNames;
use crate::wire::resource;
use crate::wire::resource::Envelope;
use crate::wire::unread::{CHUNK_BYTES, UnreadBytes};

/// Most events that a client may fall behind before it reads from the store again.
const BUFFER_SIZE: usize = 4096;

/// Most bytes that a client may fall behind before it reads from the store again.
const BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// Pause before another attempt when the database is unavailable.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Event as it is sent to clients.
pub(crate) struct StreamEvent<T> {
    /// Position in the log; of no meaning if the event was read from its entity.
    pub(super) position: Position,
    pub(crate) entity_id: EntityId,
    pub(crate) seq: Seq,
    /// Type of the event; `None` if the program does not have it.
    pub(crate) event_type: Option<T>,
    /// Resource of the event, as JSON.
    pub(crate) data: Bytes,
}

impl<T> StreamEvent<T> {
    /// Serializes an event; `None` if too much of other answers is unread.
    fn of<E: Event<Type = T>>(
        names: &WireNames,
        unread: &UnreadBytes,
        position: Position,
        event: &EventResult<E>,
    ) -> Option<Self> {
        let data = resource::event_result(names, event, &HeaderMap::new());
        let Envelope { entity_id, seq, .. } = Envelope::of_result(event);
        unread.count(data.to_string()).ok().map(|data| Self {
            position,
            entity_id,
            seq,
            event_type: resource::event_type(event),
            data,
        })
    }
}

/// Hub of a machine, which follows the feed as long as it has clients.
pub(crate) struct Hub<E: Event> {
    pub(super) events: EventStore<E>,
    pub(super) names: Arc<WireNames>,
    pub(super) streams: Arc<StreamRegistry>,
    /// Channel to the clients, which lives as long as the task that follows the feed.
    sender: Mutex<WeakSender<Sent<E::Type>>>,
}

/// Event on its way to the clients: gone for those that have fallen too far behind.
pub(super) type Sent<T> = Weak<StreamEvent<T>>;

/// Latest events, which are kept for clients that fall behind.
struct RecentEvents<T> {
    events: VecDeque<Arc<StreamEvent<T>>>,
    bytes: usize,
}

impl<T> RecentEvents<T> {
    /// Adds an event; the oldest ones beyond the bytes are dropped, but never the latest.
    fn push(&mut self, event: Arc<StreamEvent<T>>) {
        self.bytes += event.data.len();
        self.events.push_back(event);
        while self.events.len() > BUFFER_SIZE
            || (self.bytes > BUFFER_BYTES && self.events.len() > 1)
        {
            let oldest = self.events.pop_front();
            self.bytes -= oldest.map_or(0, |event| event.data.len());
        }
    }
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
    pub(super) fn subscribe(&self, after: Position) -> Receiver<Sent<E::Type>> {
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

/// Sends the events of the feed to the clients until there are none, or until the feed cannot be read.
///
/// In the latter case the clients read from the store and meet the error themselves.
async fn follow_feed<E: Event>(
    events: EventStore<E>,
    names: Arc<WireNames>,
    streams: Arc<StreamRegistry>,
    after: Position,
    sender: Sender<Sent<E::Type>>,
) {
    let feed = events.feed().after(after).max_bytes(CHUNK_BYTES);
    let mut feed = feed.subscribe();
    let mut recent = RecentEvents {
        events: VecDeque::new(),
        bytes: 0,
    };
    loop {
        let next = tokio::select! {
            next = feed.next() => next,
            () = sender.closed() => return,
        };
        match next {
            Ok((position, event)) => {
                let recorded_at = Envelope::of_result(&event).recorded_at;
                let event = StreamEvent::of(&names, &streams.unread, position, &event);
                let age = Utc::now().signed_duration_since(recorded_at);
                // The database's clock may be ahead.
                let age = age.to_std().unwrap_or_default();
                streams.record_progress(E::ENTITY, StreamProgress { position, age });
                let event = event.map(Arc::new);
                // Clients that find the event gone read it from the store, as far as they may.
                let sent = event.as_ref().map_or_else(Weak::new, Arc::downgrade);
                if let Some(event) = event {
                    recent.push(event);
                }
                // If there is no client any more, `closed` above returns.
                drop(sender.send(sent));
            }
            Err(error) if error.retry() == Retry::Never => return,
            Err(_) => tokio::time::sleep(RETRY_AFTER).await,
        }
    }
}
