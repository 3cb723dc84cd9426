//! One client of a stream.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use eventsource_core::{EntityId, Error, Event, EventResult, EventStore, Position, Retry, Seq};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::hub::{Hub, RETRY_AFTER, Sent, StreamEvent};
use super::registry::StreamPermit;
use crate::wire::problem::Problem;
use crate::wire::resource;
use crate::wire::resource::Envelope;
use crate::wire::unread::{CHUNK_BYTES, TooMuchUnread};

/// Number of events that are read at first: large ones beyond the page would be read in vain.
const FIRST_PAGE_SIZE: u64 = 16;

/// Most events that are read at once.
const MAX_PAGE_SIZE: u64 = 500;

/// First frame, with the pause after which a disconnected client should reconnect.
const RECONNECT: &str = "retry: 1000\n\n";

/// Stream, and the last event of it that the client has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamCursor {
    /// All events of the machine, after a position.
    Machine(Position),
    /// Events of one entity, after a sequence.
    Entity(EntityId, Seq),
}

impl StreamCursor {
    /// Writes the line with the id that the client sends as `Last-Event-ID`.
    fn write_id(self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Machine(position) => writeln!(text, "id: {position}"),
            Self::Entity(_, seq) => writeln!(text, "id: {seq}"),
        };
    }
}

/// Client of a stream, which first reads stored events and then receives new ones from the hub.
///
/// The client reads to the end of the store, subscribes to the hub, and reads once more: so it has
/// every event that was committed before it subscribed, and skips those that the hub repeats. A
/// client that falls too far behind the hub starts over. It holds one page of stored events, or one
/// new event, until that has been sent.
///
/// The hub has all events. A client that may not see all of them takes what the hub sends as a notice
/// only, and reads what it may see from the store.
pub(crate) struct StreamListener<E: Event> {
    hub: Arc<Hub<E>>,
    /// Store as the client may read it.
    reader: EventStore<E>,
    cursor: StreamCursor,
    types: Vec<E::Type>,
    chunks: VecDeque<Bytes>,
    /// Number of events to read at once: about as many as fit a page.
    page_size: u64,
    phase: Phase<E>,
    _permit: StreamPermit,
}

/// Subscription to the hub.
type HubReceiver<E> = Receiver<Sent<<E as Event>::Type>>;

/// Phase of a client.
enum Phase<E: Event> {
    /// Reading stored events.
    Reading,
    /// Subscribed, and reading the events that were committed before.
    CatchingUp(HubReceiver<E>),
    /// Receiving events from the hub.
    Live(HubReceiver<E>),
}

impl<E: Event> StreamListener<E> {
    /// Creates a client and reads its first page, unless that would have to wait for other readers.
    ///
    /// # Errors
    /// Errors of reading the first page.
    pub(crate) async fn open(
        hub: Arc<Hub<E>>,
        reader: EventStore<E>,
        cursor: StreamCursor,
        types: Vec<E::Type>,
        permit: StreamPermit,
    ) -> Result<Self, Problem> {
        let mut listener = Self {
            hub,
            reader,
            cursor,
            types,
            chunks: VecDeque::from([Bytes::from_static(RECONNECT.as_bytes())]),
            page_size: FIRST_PAGE_SIZE,
            phase: Phase::Reading,
            _permit: permit,
        };
        if listener.hub.streams.may_read_now() {
            listener.read_page().await?;
        }
        Ok(listener)
    }

    /// Returns the next chunk of text; `None` if the next event cannot be read, or if clients have
    /// left too much of other answers unread.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.chunks.pop_front() {
                return Some(chunk);
            }
            if let Phase::Live(live) = &mut self.phase {
                let event = live.recv().await.map(|event| event.upgrade());
                match event {
                    Ok(Some(event)) if self.reader.reads_everything() => self.deliver(&event),
                    Ok(Some(event)) => self.read_after(&event),
                    // The client was too slow, or the hub has stopped.
                    Ok(None) | Err(RecvError::Lagged(_) | RecvError::Closed) => {
                        self.phase = Phase::Reading;
                    }
                }
                continue;
            }
            match self.read_page().await {
                Ok(()) => {}
                Err(ReadError::Store(error)) if error.retry() != Retry::Never => {
                    tokio::time::sleep(RETRY_AFTER).await;
                }
                // The reader has lost the entity.
                Err(ReadError::Gone) => return None,
                Err(error) => {
                    // Creating the problem logs it; a client that reconnects is answered with it.
                    let _logged = Problem::from(error);
                    return None;
                }
            }
        }
    }

    /// Reads a page of stored events; after the last page, enters the next phase.
    async fn read_page(&mut self) -> Result<(), ReadError> {
        let page = {
            let _permit = self.hub.streams.read_permit().await;
            match self.cursor {
                StreamCursor::Machine(after) => self.read_machine(after).await?,
                StreamCursor::Entity(id, after) => self.read_entity(id, after).await?,
            }
        };
        self.cursor = page.cursor;
        if page.events > 0 {
            // A page with fewer was ended by its bytes.
            let is_full = page.events == self.page_size;
            self.page_size = page.events * if is_full { 2 } else { 1 };
            self.page_size = self.page_size.min(MAX_PAGE_SIZE);
            let chunk = self.hub.streams.unread.count(page.text)?;
            self.chunks.push_back(chunk);
        }
        if page.has_more {
            return Ok(());
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Reading);
        self.phase = match phase {
            Phase::Reading => Phase::CatchingUp(self.subscribe().await?),
            Phase::CatchingUp(live) | Phase::Live(live) => Phase::Live(live),
        };
        Ok(())
    }

    /// Subscribes to the hub.
    async fn subscribe(&self) -> Result<HubReceiver<E>, Error> {
        let end = self.hub.events.feed().latest_position().await?;
        // All clients share the hub: a cursor beyond the end must not move it there.
        let after = match self.cursor {
            StreamCursor::Machine(position) => position.min(end),
            StreamCursor::Entity(..) => end,
        };
        Ok(self.hub.subscribe(after))
    }

    /// Reads a page of the events of the machine.
    async fn read_machine(&self, after: Position) -> Result<PageText, Error> {
        let feed = self.reader.feed().after(after);
        let read = feed.limit(self.page_size).max_bytes(CHUNK_BYTES).await?;
        let mut page = PageText::new(StreamCursor::Machine(read.checkpoint), read.has_more);
        for (position, event) in &read.events {
            self.write(&mut page, StreamCursor::Machine(*position), event);
        }
        page.end();
        Ok(page)
    }

    /// Reads a page of the events of an entity.
    async fn read_entity(&self, id: EntityId, after: Seq) -> Result<PageText, ReadError> {
        let history = self.reader.history(id).after(after);
        let history = history.limit(self.page_size).max_bytes(CHUNK_BYTES);
        let read = history.each().await?;
        let may_be_gone = read.is_empty() && !self.reader.reads_everything();
        if may_be_gone && self.reader.head(id).await?.is_none() {
            return Err(ReadError::Gone);
        }
        let seq = |event| Envelope::of_result(event).seq;
        let last = read.last().map_or(after, seq);
        let mut page = PageText::new(StreamCursor::Entity(id, last), !read.is_empty());
        for event in &read {
            self.write(&mut page, StreamCursor::Entity(id, seq(event)), event);
        }
        page.end();
        Ok(page)
    }

    /// Writes the frame of an event, unless the client filters its type out.
    fn write(&self, page: &mut PageText, cursor: StreamCursor, event: &EventResult<E>) {
        page.events += 1;
        if !self.wants(resource::event_type(event)) {
            return;
        }
        cursor.write_id(&mut page.text);
        let data = resource::event_result(&self.hub.names, event, &HeaderMap::new());
        // Writing to a string cannot fail.
        let _ = write!(page.text, "data: {data}\n\n");
    }

    /// Returns whether the client wants events of this type; one that the program does not have is
    /// wanted if all are.
    fn wants(&self, event_type: Option<E::Type>) -> bool {
        let is_named = |event_type| self.types.contains(&event_type);
        self.types.is_empty() || event_type.is_some_and(is_named)
    }

    /// Returns the cursor after an event; `None` if it is not of this stream, or before the cursor.
    fn cursor_after(&self, event: &StreamEvent<E::Type>) -> Option<StreamCursor> {
        match self.cursor {
            StreamCursor::Machine(sent) if sent < event.position => {
                Some(StreamCursor::Machine(event.position))
            }
            StreamCursor::Entity(id, sent) if id == event.entity_id && sent < event.seq => {
                Some(StreamCursor::Entity(id, event.seq))
            }
            _ => None,
        }
    }

    /// Reads on from the store, if an event of the hub is news for this stream.
    fn read_after(&mut self, event: &StreamEvent<E::Type>) {
        if self.cursor_after(event).is_none() {
            return;
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Reading);
        self.phase = match phase {
            Phase::Live(live) => Phase::CatchingUp(live),
            phase => phase,
        };
    }

    /// Queues an event for the client, unless the client has it already or filters its type out.
    fn deliver(&mut self, event: &StreamEvent<E::Type>) {
        let Some(next) = self.cursor_after(event) else {
            return;
        };
        self.cursor = next;
        if !self.wants(event.event_type) {
            return;
        }
        let mut start = String::new();
        next.write_id(&mut start);
        start.push_str("data: ");
        // All clients share the data.
        let end = Bytes::from_static(b"\n\n");
        self.chunks
            .extend([Bytes::from(start), event.data.clone(), end]);
    }
}

/// Error of reading a page.
enum ReadError {
    /// Error of the store.
    Store(Error),
    /// Too much of other answers is unread.
    Full(TooMuchUnread),
    /// The entity is no longer there for the reader.
    Gone,
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<TooMuchUnread> for ReadError {
    fn from(error: TooMuchUnread) -> Self {
        Self::Full(error)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::Full(error) => error.into(),
            ReadError::Gone => Self::not_found("The entity is not found."),
        }
    }
}

/// Frames of a page of stored events.
struct PageText {
    text: String,
    /// Cursor after the page.
    cursor: StreamCursor,
    /// Number of events that were read.
    events: u64,
    /// Whether there may be further events.
    has_more: bool,
}

impl PageText {
    fn new(cursor: StreamCursor, has_more: bool) -> Self {
        Self {
            text: String::new(),
            cursor,
            events: 0,
            has_more,
        }
    }

    /// Ends the page.
    fn end(&mut self) {
        if self.events > 0 && self.text.is_empty() {
            // No event passed the filter: the id lets a client that reconnects skip the page.
            self.cursor.write_id(&mut self.text);
            self.text.push('\n');
        }
    }
}
