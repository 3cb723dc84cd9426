//! One client that listens.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::response::sse::Event as Frame;
use eventsource_core::{EntityId, Error, Event, Position, Retry, Seq};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::hub::{Hub, PATIENCE, Told};
use crate::wire::problem::Problem;

/// How many events to read at once.
const PAGE: u64 = 500;

/// How soon a client that was cut off should come again.
const COME_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

/// What is listened to, and how far the client has heard it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cursor {
    Machine(Position),
    Entity(EntityId, Seq),
}

impl Cursor {
    /// What the client says when it comes again.
    fn id(self) -> String {
        match self {
            Self::Machine(position) => position.to_string(),
            Self::Entity(_, seq) => seq.to_string(),
        }
    }
}

/// A client, first reading what there is and then hearing what comes.
///
/// It reads until there is no more, joins the hub, and reads once more: what was committed before
/// it joined it has then, and of what the hub tells it leaves out what it has had. Whoever falls so
/// far behind that the hub has forgotten what comes next begins again.
pub(crate) struct Listener<E: Event> {
    hub: Arc<Hub<E>>,
    cursor: Cursor,
    types: Vec<E::Type>,
    frames: VecDeque<Frame>,
    stage: Stage<E>,
    _permit: OwnedSemaphorePermit,
}

type Live<E> = Receiver<Arc<Told<<E as Event>::Type>>>;

enum Stage<E: Event> {
    Reading,
    /// Joined, and reading what was committed before.
    Joining(Live<E>),
    Hearing(Live<E>),
}

impl<E: Event> Listener<E> {
    /// With its first page, unless many others read just now: the answer does not wait for them.
    ///
    /// # Errors
    /// Those of the first page.
    pub(crate) async fn open(
        hub: Arc<Hub<E>>,
        cursor: Cursor,
        types: Vec<E::Type>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Problem> {
        let mut listener = Self {
            hub,
            cursor,
            types,
            frames: VecDeque::from([Frame::default().retry(COME_AGAIN)]),
            stage: Stage::Reading,
            _permit: permit,
        };
        if listener.hub.streams.has_turn() {
            listener.step().await?;
        }
        Ok(listener)
    }

    /// The next frame; `None` if what comes next cannot be read.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            if let Stage::Hearing(live) = &mut self.stage {
                match live.recv().await {
                    Ok(told) => self.hear(&told),
                    // Too slow, or the hub has gone.
                    Err(RecvError::Lagged(_) | RecvError::Closed) => self.stage = Stage::Reading,
                }
                continue;
            }
            match self.step().await {
                Ok(()) => {}
                Err(error) if error.retry() == Retry::Never => {
                    // It is in the log, and the client comes again and is told.
                    let _logged = Problem::from(error);
                    return None;
                }
                Err(_) => tokio::time::sleep(PATIENCE).await,
            }
        }
    }

    /// Reads a page, and goes on to the next stage after the last.
    async fn step(&mut self) -> Result<(), Error> {
        let (told, up_to) = {
            let _turn = self.hub.streams.turn().await;
            match self.cursor {
                Cursor::Machine(after) => self.page(after).await?,
                Cursor::Entity(id, after) => self.history(id, after).await?,
            }
        };
        let last = (told.len() as u64) < PAGE;
        let before = self.frames.len();
        for told in &told {
            self.hear(told);
        }
        self.cursor = up_to;
        if !told.is_empty() && self.frames.len() == before {
            // Nothing of these types: a client that comes again need not be read all this again.
            self.frames.push_back(Frame::default().id(up_to.id()));
        }
        if last {
            let stage = std::mem::replace(&mut self.stage, Stage::Reading);
            self.stage = match stage {
                Stage::Reading => Stage::Joining(self.join().await?),
                Stage::Joining(live) | Stage::Hearing(live) => Stage::Hearing(live),
            };
        }
        Ok(())
    }

    async fn join(&self) -> Result<Live<E>, Error> {
        let end = self.hub.events.feed().end().await?;
        // The hub is for all: a client that asks for what is far ahead must not take it there.
        let after = match self.cursor {
            Cursor::Machine(position) => position.min(end),
            Cursor::Entity(..) => end,
        };
        Ok(self.hub.join(after))
    }

    async fn page(&self, after: Position) -> Result<(Vec<Told<E::Type>>, Cursor), Error> {
        let page = self.hub.events.feed().after(after).limit(PAGE).await?;
        let told = page
            .events
            .iter()
            .map(|(position, recorded)| Told::of(&self.hub.names, *position, recorded))
            .collect::<Result<_, _>>()?;
        Ok((told, Cursor::Machine(page.up_to)))
    }

    async fn history(
        &self,
        id: EntityId,
        after: Seq,
    ) -> Result<(Vec<Told<E::Type>>, Cursor), Error> {
        let history = self.hub.events.history(id).after(after).limit(PAGE);
        let told = history
            .await?
            .iter()
            // Its place in the order of all is of no use here.
            .map(|recorded| Told::of(&self.hub.names, Position::START, recorded))
            .collect::<Result<Vec<_>, _>>()?;
        let last = told.last().map_or(after, |told| told.seq);
        Ok((told, Cursor::Entity(id, last)))
    }

    /// Takes in one event, if it is news to this client.
    fn hear(&mut self, told: &Told<E::Type>) {
        let next = match self.cursor {
            Cursor::Machine(heard) if heard < told.position => Cursor::Machine(told.position),
            Cursor::Entity(id, heard) if id == told.entity_id && heard < told.seq => {
                Cursor::Entity(id, told.seq)
            }
            _ => return,
        };
        self.cursor = next;
        if self.types.is_empty() || self.types.contains(&told.event_type) {
            let frame = Frame::default().id(next.id()).data(&told.data);
            self.frames.push_back(frame);
        }
    }
}
