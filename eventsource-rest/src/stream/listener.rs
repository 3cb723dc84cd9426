//! One client of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::response::sse::Event as Frame;
use eventsource_core::{EntityId, Error, Event, Position, Retry, Seq};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::hub::{Hub, RETRY_AFTER, StreamEvent};
use super::registry::StreamPermit;
use crate::wire::problem::Problem;

/// Number of events that are read at once.
const PAGE_SIZE: u64 = 500;

/// Pause after which a disconnected client should reconnect.
const RECONNECT_AFTER: std::time::Duration = std::time::Duration::from_secs(1);

/// Stream, and the last event of it that the client has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamCursor {
    /// All events of the machine, after a position.
    Machine(Position),
    /// Events of one entity, after a sequence.
    Entity(EntityId, Seq),
}

impl StreamCursor {
    /// Formats the id that the client sends as `Last-Event-ID`.
    fn id(self) -> String {
        match self {
            Self::Machine(position) => position.to_string(),
            Self::Entity(_, seq) => seq.to_string(),
        }
    }
}

/// Client of a stream, which first reads stored events and then receives new ones from the hub.
///
/// The client reads to the end of the store, subscribes to the hub, and reads once more: so it has
/// every event that was committed before it subscribed, and skips those that the hub repeats. A
/// client that falls too far behind the hub starts over.
pub(crate) struct StreamListener<E: Event> {
    hub: Arc<Hub<E>>,
    cursor: StreamCursor,
    types: Vec<E::Type>,
    frames: VecDeque<Frame>,
    phase: Phase<E>,
    _permit: StreamPermit,
}

/// Subscription to the hub.
type HubReceiver<E> = Receiver<Arc<StreamEvent<<E as Event>::Type>>>;

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
        cursor: StreamCursor,
        types: Vec<E::Type>,
        permit: StreamPermit,
    ) -> Result<Self, Problem> {
        let mut listener = Self {
            hub,
            cursor,
            types,
            frames: VecDeque::from([Frame::default().retry(RECONNECT_AFTER)]),
            phase: Phase::Reading,
            _permit: permit,
        };
        if listener.hub.streams.may_read_now() {
            listener.read_page().await?;
        }
        Ok(listener)
    }

    /// Returns the next frame; `None` if the next event cannot be read.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            if let Phase::Live(live) = &mut self.phase {
                match live.recv().await {
                    Ok(event) => self.deliver(&event),
                    // The client was too slow, or the hub has stopped.
                    Err(RecvError::Lagged(_) | RecvError::Closed) => self.phase = Phase::Reading,
                }
                continue;
            }
            match self.read_page().await {
                Ok(()) => {}
                Err(error) if error.retry() == Retry::Never => {
                    // Creating the problem logs it; a client that reconnects is answered with it.
                    let _logged = Problem::from(error);
                    return None;
                }
                Err(_) => tokio::time::sleep(RETRY_AFTER).await,
            }
        }
    }

    /// Reads a page of stored events; after the last page, enters the next phase.
    async fn read_page(&mut self) -> Result<(), Error> {
        let (events, cursor) = {
            let _permit = self.hub.streams.read_permit().await;
            match self.cursor {
                StreamCursor::Machine(after) => self.read_machine(after).await?,
                StreamCursor::Entity(id, after) => self.read_entity(id, after).await?,
            }
        };
        let last = (events.len() as u64) < PAGE_SIZE;
        let before = self.frames.len();
        for event in &events {
            self.deliver(event);
        }
        self.cursor = cursor;
        if !events.is_empty() && self.frames.len() == before {
            // No event passed the filter: the id lets a client that reconnects skip the page.
            self.frames.push_back(Frame::default().id(cursor.id()));
        }
        if last {
            let phase = std::mem::replace(&mut self.phase, Phase::Reading);
            self.phase = match phase {
                Phase::Reading => Phase::CatchingUp(self.subscribe().await?),
                Phase::CatchingUp(live) | Phase::Live(live) => Phase::Live(live),
            };
        }
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
    async fn read_machine(
        &self,
        after: Position,
    ) -> Result<(Vec<StreamEvent<E::Type>>, StreamCursor), Error> {
        let page = self.hub.events.feed().after(after).limit(PAGE_SIZE).await?;
        let events = page
            .events
            .iter()
            .map(|(position, recorded)| StreamEvent::of(&self.hub.names, *position, recorded))
            .collect::<Result<_, _>>()?;
        Ok((events, StreamCursor::Machine(page.checkpoint)))
    }

    /// Reads a page of the events of an entity.
    async fn read_entity(
        &self,
        id: EntityId,
        after: Seq,
    ) -> Result<(Vec<StreamEvent<E::Type>>, StreamCursor), Error> {
        let history = self.hub.events.history(id).after(after).limit(PAGE_SIZE);
        let events = history
            .await?
            .iter()
            // The position of an entity's event is not read, and not needed here.
            .map(|recorded| StreamEvent::of(&self.hub.names, Position::START, recorded))
            .collect::<Result<Vec<_>, _>>()?;
        let last = events.last().map_or(after, |event| event.seq);
        Ok((events, StreamCursor::Entity(id, last)))
    }

    /// Queues an event for the client, unless the client has it already or filters its type out.
    fn deliver(&mut self, event: &StreamEvent<E::Type>) {
        let next = match self.cursor {
            StreamCursor::Machine(sent) if sent < event.position => {
                StreamCursor::Machine(event.position)
            }
            StreamCursor::Entity(id, sent) if id == event.entity_id && sent < event.seq => {
                StreamCursor::Entity(id, event.seq)
            }
            _ => return,
        };
        self.cursor = next;
        if self.types.is_empty() || self.types.contains(&event.event_type) {
            let frame = Frame::default().id(next.id()).data(&event.data);
            self.frames.push_back(frame);
        }
    }
}
