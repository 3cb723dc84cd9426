//! Side of this project.

use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{EntityId, Error, EventStore, Seq, Store, StoreOptions};
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
