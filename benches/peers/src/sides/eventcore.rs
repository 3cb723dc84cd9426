//! eventcore, by its store.

use eventcore::postgres::PostgresEventStore;
use eventcore_types::{Event, EventStore, EventStoreError, StreamId, StreamVersion, StreamWrites};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::TEXT;

#[derive(Clone, Serialize, Deserialize)]
enum TicketEvent {
    Opened {
        id: StreamId,
        title: String,
    },
    Commented {
        id: StreamId,
        text: String,
        minutes: u32,
    },
}

impl Event for TicketEvent {
    fn stream_id(&self) -> &StreamId {
        match self {
            Self::Opened { id, .. } | Self::Commented { id, .. } => id,
        }
    }

    fn event_type_name() -> &'static str {
        "TicketEvent"
    }
}

pub struct Eventcore {
    store: PostgresEventStore,
    pool: sqlx08::PgPool,
}

fn id(stream: Uuid) -> StreamId {
    StreamId::try_new(stream.to_string()).unwrap()
}

impl Eventcore {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool08(url, connections).await;
        let store = PostgresEventStore::from_pool(pool.clone());
        store.migrate().await;
        Self { store, pool }
    }
}

impl Side for Eventcore {
    fn name(&self) -> &'static str {
        "eventcore"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let id = id(stream);
            let version = StreamVersion::new(seen as usize);
            let mut writes = StreamWrites::new()
                .register_stream(id.clone(), version)
                .unwrap();
            for place in seen..seen + count {
                let id = id.clone();
                let event = match place {
                    0 => TicketEvent::Opened {
                        id,
                        title: TEXT.to_owned(),
                    },
                    _ => TicketEvent::Commented {
                        id,
                        text: TEXT.to_owned(),
                        minutes: 5,
                    },
                };
                writes = writes.append(event).unwrap();
            }
            match self.store.append_events(writes).await {
                Ok(_) => Ok(()),
                Err(EventStoreError::VersionConflict { .. }) => Err(Lost),
                Err(error) => panic!("{error}"),
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let count: i64 =
                sqlx08::query_scalar("SELECT count(*) FROM eventcore_events WHERE stream_id = $1")
                    .bind(stream.to_string())
                    .fetch_one(&self.pool)
                    .await
                    .unwrap();
            u32::try_from(count).unwrap()
        })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move {
            let mut events = self
                .store
                .read_stream::<TicketEvent>(id(stream))
                .await
                .unwrap();
            let mut sum = 0;
            while let Some(event) = events.next().await {
                if let TicketEvent::Commented { minutes, .. } = event.unwrap() {
                    sum += u64::from(minutes);
                }
            }
            Some(sum)
        })
    }
}
