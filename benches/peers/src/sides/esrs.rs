//! esrs, by its store: the state of the aggregate is known, as its manager would have loaded it.

use std::convert::Infallible;

use esrs::store::EventStore;
use esrs::store::postgres::{PgStore, PgStoreBuilder, PgStoreError};
use esrs::{Aggregate, AggregateState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::TEXT;

#[derive(Clone, Serialize, Deserialize)]
enum TicketEvent {
    Opened { title: String },
    Commented { text: String, minutes: u32 },
}

struct Ticket;

impl Aggregate for Ticket {
    const NAME: &'static str = "ticket";
    type State = u64;
    type Command = ();
    type Event = TicketEvent;
    type Error = Infallible;

    fn handle_command(_state: &u64, (): ()) -> Result<Vec<TicketEvent>, Infallible> {
        Ok(Vec::new())
    }

    fn apply_event(state: u64, event: TicketEvent) -> u64 {
        match event {
            TicketEvent::Opened { .. } => state,
            TicketEvent::Commented { minutes, .. } => state + u64::from(minutes),
        }
    }
}

pub struct Esrs {
    store: PgStore<Ticket>,
    pool: sqlx08::PgPool,
}

impl Esrs {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool08(url, connections).await;
        let store = PgStoreBuilder::new(pool.clone()).try_build().await.unwrap();
        Self { store, pool }
    }
}

impl Side for Esrs {
    fn name(&self) -> &'static str {
        "esrs"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let mut state = AggregateState::<u64>::with_id(stream);
            for _ in 0..seen {
                state.next_sequence_number();
            }
            let events = (seen..seen + count)
                .map(|place| match place {
                    0 => TicketEvent::Opened {
                        title: TEXT.to_owned(),
                    },
                    _ => TicketEvent::Commented {
                        text: TEXT.to_owned(),
                        minutes: 5,
                    },
                })
                .collect();
            match self.store.persist(&mut state, events).await {
                Ok(_) => Ok(()),
                Err(PgStoreError::Sqlx(error))
                    if error
                        .as_database_error()
                        .is_some_and(|database| database.is_unique_violation()) =>
                {
                    Err(Lost)
                }
                Err(error) => panic!("{error}"),
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let last: Option<i32> = sqlx08::query_scalar(
                "SELECT max(sequence_number) FROM ticket_events WHERE aggregate_id = $1",
            )
            .bind(stream)
            .fetch_one(&self.pool)
            .await
            .unwrap();
            last.unwrap_or_default().unsigned_abs()
        })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move {
            let events = self.store.by_aggregate_id(stream).await.unwrap();
            let state = AggregateState::<u64>::with_id(stream);
            let state = state.apply_store_events(events, Ticket::apply_event);
            Some(state.into_inner())
        })
    }
}
