//! mire, by its store: one statement that moves the stream on if it is at the expected version, and
//! inserts all events.

use std::convert::Infallible;

use mire::{
    Aggregate, Command, CommandError, Event, EventData, EventStore, EventStoreError,
    ExpectedVersion, ReadDirection, StreamQuery,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::TEXT;

#[derive(Clone, Debug, Serialize, Deserialize, EventData)]
#[serde(tag = "type")]
#[mire(entity = "ticket")]
pub enum TicketEvent {
    Opened { title: String },
    Commented { text: String, minutes: u32 },
}

const CATEGORY: &str = "ticket";

/// Category of the streams of the side that expects no version, in the same tables.
const OF_ANY_VERSION: &str = "ticket_of_any_version";

#[derive(Debug, Default)]
pub struct Ticket {
    open: bool,
    minutes: u64,
}

impl Aggregate for Ticket {
    type Event = TicketEvent;

    fn stream_category() -> &'static str {
        CATEGORY
    }

    fn apply(&mut self, event: &TicketEvent) {
        match event {
            TicketEvent::Opened { .. } => self.open = true,
            TicketEvent::Commented { minutes, .. } => self.minutes += u64::from(*minutes),
        }
    }
}

/// Side whose appends name the version that they expect, as those of its aggregates do.
#[derive(Clone)]
pub struct Mire {
    store: EventStore,
}

impl Mire {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let store = EventStore::new(server::pool(url, connections).await);
        store.migrate().await.unwrap();
        Self { store }
    }

    pub fn pool(&self) -> &PgPool {
        self.store.pool()
    }

    pub fn store(&self) -> &EventStore {
        &self.store
    }

    async fn append_to(
        &self,
        category: &str,
        stream: Uuid,
        expected: ExpectedVersion,
        places: std::ops::Range<u32>,
    ) -> Result<(), Lost> {
        let events: Vec<_> = places.map(|place| Event::new(event(place > 0))).collect();
        let id = stream_id(category, stream);
        let appended = self.store.append(&id, category, expected, &events).await;
        match appended {
            Ok(_) => Ok(()),
            Err(EventStoreError::ConcurrencyConflict { .. }) => Err(Lost),
            Err(error) => panic!("{error}"),
        }
    }
}

fn event(is_open: bool) -> TicketEvent {
    match is_open {
        false => TicketEvent::Opened {
            title: TEXT.to_owned(),
        },
        true => TicketEvent::Commented {
            text: TEXT.to_owned(),
            minutes: 5,
        },
    }
}

fn stream_id(category: &str, stream: Uuid) -> String {
    format!("{category}-{stream}")
}

impl Side for Mire {
    fn name(&self) -> &'static str {
        "mire"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        let expected = match seen {
            0 => ExpectedVersion::NoStream,
            seen => ExpectedVersion::Exact(i64::from(seen)),
        };
        Box::pin(self.append_to(CATEGORY, stream, expected, seen..seen + count))
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        let last = StreamQuery {
            direction: ReadDirection::Backward,
            from_version: 0,
            limit: 1,
        };
        Box::pin(async move {
            let id = stream_id(CATEGORY, stream);
            let events = self.store.read_stream(&id, last).await;
            let version = events.unwrap().first().map(|event| event.stream_version);
            u32::try_from(version.unwrap_or_default()).unwrap()
        })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move {
            let loaded = self.store.load::<Ticket>(&stream.to_string()).await;
            Some(loaded.unwrap().unwrap().state.minutes)
        })
    }
}

/// Side whose appends go to the end of the stream, wherever that is. It loads as the other does.
pub struct AnyVersion(pub Mire);

impl Side for AnyVersion {
    fn name(&self) -> &'static str {
        "mire, any version"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        let (any, places) = (ExpectedVersion::Any, seen..seen + count);
        Box::pin(self.0.append_to(OF_ANY_VERSION, stream, any, places))
    }

    /// Returns 1: an append expects no version.
    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }
}

/// Side that sends a command to an aggregate: mire loads it, decides and saves. Who loses a race sends it
/// again.
pub struct Commanded(pub Mire);

/// Command that adds an event; the first opens the ticket.
struct Add;

impl Command for Add {
    type Aggregate = Ticket;
    type Error = Infallible;
    type Events = [TicketEvent; 1];

    fn handle(self, ticket: &Ticket) -> Result<Self::Events, Infallible> {
        Ok([event(ticket.open)])
    }
}

impl Side for Commanded {
    fn name(&self) -> &'static str {
        "mire, command"
    }

    fn append(&self, stream: Uuid, _seen: u32, _count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let tickets = self.0.store.repository::<Ticket>();
            match tickets.send(&stream.to_string(), Add).await {
                Ok(_) => Ok(()),
                Err(CommandError::Store(EventStoreError::ConcurrencyConflict { .. })) => Err(Lost),
                Err(error) => panic!("{error}"),
            }
        })
    }

    /// Returns 1: the command finds out by itself.
    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }
}
