//! cqrs-es and postgres-es: a command through the framework, and its repository without it.

use std::convert::Infallible;

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository, PersistenceError, SerializedEvent};
use cqrs_es::{Aggregate, AggregateError, DomainEvent};
use postgres_es::{PostgresCqrs, PostgresEventRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::{TEXT, fields};

/// Table as in the `init.sql` of postgres-es.
const TABLE: &str = "CREATE TABLE events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL,
    sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL,
    event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum TicketEvent {
    Opened { title: String },
    Commented { text: String, minutes: u32 },
}

impl DomainEvent for TicketEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "Opened".to_owned(),
            Self::Commented { .. } => "Commented".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Ticket {
    open: bool,
    minutes: u64,
}

/// Command that adds this many events; the first opens the ticket.
struct Add(u32);

impl Aggregate for Ticket {
    const TYPE: &'static str = "ticket";
    type Command = Add;
    type Event = TicketEvent;
    type Error = Infallible;
    type Services = ();

    async fn handle(
        &mut self,
        Add(count): Add,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Infallible> {
        for _ in 0..count {
            let event = if self.open {
                TicketEvent::Commented {
                    text: TEXT.to_owned(),
                    minutes: 5,
                }
            } else {
                TicketEvent::Opened {
                    title: TEXT.to_owned(),
                }
            };
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: TicketEvent) {
        match event {
            TicketEvent::Opened { .. } => self.open = true,
            TicketEvent::Commented { minutes, .. } => self.minutes += u64::from(minutes),
        }
    }
}

/// Side that sends a command: the framework loads the aggregate, decides and stores.
pub struct CqrsEs {
    framework: PostgresCqrs<Ticket>,
    repository: PostgresEventRepository,
    pool: sqlx08::PgPool,
}

impl CqrsEs {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool08(url, connections).await;
        sqlx08::raw_sql(TABLE).execute(&pool).await.unwrap();
        Self {
            framework: postgres_cqrs(pool.clone(), vec![], ()),
            repository: PostgresEventRepository::new(pool.clone()),
            pool,
        }
    }
}

async fn seen(pool: &sqlx08::PgPool, stream: Uuid) -> u32 {
    let last: Option<i64> = sqlx08::query_scalar(
        "SELECT max(sequence) FROM events WHERE aggregate_type = 'ticket' AND aggregate_id = $1",
    )
    .bind(stream.to_string())
    .fetch_one(pool)
    .await
    .unwrap();
    u32::try_from(last.unwrap_or_default()).unwrap()
}

impl Side for CqrsEs {
    fn name(&self) -> &'static str {
        "cqrs-es"
    }

    fn append(&self, stream: Uuid, _seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let done = self
                .framework
                .execute(&stream.to_string(), Add(count))
                .await;
            match done {
                Ok(()) => Ok(()),
                Err(AggregateError::AggregateConflict) => Err(Lost),
                Err(error) => panic!("{error}"),
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        // The command finds out by itself.
        let _ = stream;
        Box::pin(async { 0 })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move {
            let id = stream.to_string();
            let events = self.repository.get_events::<Ticket>(&id).await.unwrap();
            let mut ticket = Ticket::default();
            for event in events {
                ticket.apply(serde_json::from_value(event.payload).unwrap());
            }
            let _ = &self.pool;
            Some(ticket.minutes)
        })
    }
}

/// Side that uses the repository only: no aggregate is loaded and nothing is decided.
pub struct PersistOnly {
    repository: PostgresEventRepository,
    pool: sqlx08::PgPool,
}

impl PersistOnly {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool08(url, connections).await;
        sqlx08::raw_sql(TABLE).execute(&pool).await.unwrap();
        Self {
            repository: PostgresEventRepository::new(pool.clone()),
            pool,
        }
    }
}

impl Side for PersistOnly {
    fn name(&self) -> &'static str {
        "cqrs-es, store only"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let events: Vec<SerializedEvent> = (seen..seen + count)
                .map(|place| {
                    let name = if place == 0 { "Opened" } else { "Commented" };
                    SerializedEvent::new(
                        stream.to_string(),
                        place as usize + 1,
                        "ticket".to_owned(),
                        name.to_owned(),
                        "1".to_owned(),
                        json!({ name: fields(place) }),
                        json!({}),
                    )
                })
                .collect();
            match self.repository.persist::<Ticket>(&events, None).await {
                Ok(()) => Ok(()),
                Err(PersistenceError::OptimisticLockError) => Err(Lost),
                Err(error) => panic!("{error}"),
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(seen(&self.pool, stream))
    }
}
