//! Side of this project.

use std::convert::Infallible;

use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{
    Command, Decision, Entity, EntityId, Error, EventStore, ExportedEvent, Seq, Store, StoreOptions,
};
use futures_util::stream::iter;
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::ticket::{Minutes, TicketEvent, event};

pub struct Ours {
    pub store: Store,
    pub tickets: EventStore<TicketEvent>,
}

impl Ours {
    pub async fn connect(url: &str, connections: u32) -> Self {
        Self::connect_with(url, connections, SchemaOptions::new()).await
    }

    /// Connects to tables that are created, or added to, with these options.
    pub async fn connect_with(url: &str, connections: u32, tables: SchemaOptions) -> Self {
        let options = StoreOptions::new(url).max_connections(connections);
        let options = options.schema_options(tables);
        let store = options.connect().await.unwrap();
        let tickets = store.migrate().await.unwrap();
        Self { store, tickets }
    }

    /// Imports this many tickets of ten events, and gives their positions, which happens once, whoever
    /// reads.
    pub async fn seed(&self, tickets: u32) {
        let now = chrono::Utc::now();
        let events = (0..tickets).flat_map(|_| {
            let id = EntityId::new();
            (0..10).map(move |place| ExportedEvent::of(id, &event(place), now).unwrap())
        });
        let import = self.tickets.import(iter(events.map(Ok))).exclusive();
        import.await.unwrap();
        self.store.feed().latest_position().await.unwrap();
    }
}

impl Side for Ours {
    fn name(&self) -> &'static str {
        "eventsource"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let first = self.tickets.append(EntityId::from(stream), event(seen));
            let append = (seen + 1..seen + count).fold(first, |append, n| append.event(event(n)));
            // The rules are checked under the lock of the entity, whatever the caller has seen.
            append.await.map(|_| ()).map_err(|error| panic!("{error}"))
        })
    }

    /// Returns 0: this store needs no expected sequence.
    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move {
            let folded = self.tickets.fold::<Minutes>(EntityId::from(stream)).await;
            Some(folded.unwrap().unwrap().value.0)
        })
    }
}

/// Side of this project for a client that sends the expected sequence.
pub struct Expecting(pub Ours);

impl Side for Expecting {
    fn name(&self) -> &'static str {
        "eventsource, expecting"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let (id, tickets) = (EntityId::from(stream), &self.0.tickets);
            let first = tickets.append(id, event(seen));
            let append = (seen + 1..seen + count).fold(first, |append, n| append.event(event(n)));
            match append.expected_seq(Seq::new(seen)).await {
                Ok(_) => Ok(()),
                Err(Error::Conflict { .. }) => Err(Lost),
                Err(error) => panic!("{error}"),
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let head = self.0.tickets.head(EntityId::from(stream)).await.unwrap();
            head.map_or(0, |head| head.seq.get())
        })
    }
}

/// Side of this project that executes a command: it is decided on the entity as it is.
pub struct Commanded(pub Ours);

/// Command that adds an event; the first opens the ticket.
struct Add;

impl Command<TicketEvent> for Add {
    const NAME: &'static str = "add";
    type State = Minutes;
    type Refusal = Infallible;

    fn decide(
        &self,
        ticket: &Entity<TicketEvent, Minutes>,
    ) -> Result<Decision<TicketEvent>, Infallible> {
        Ok(event(u32::from(ticket.head.is_some())).into())
    }
}

impl Side for Commanded {
    fn name(&self) -> &'static str {
        "eventsource, `execute`"
    }

    fn append(&self, stream: Uuid, _seen: u32, _count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let executed = self.0.tickets.execute(EntityId::from(stream), Add).await;
            executed.map(drop).map_err(|error| panic!("{error}"))
        })
    }

    /// Returns 1: the command finds out by itself.
    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }
}
