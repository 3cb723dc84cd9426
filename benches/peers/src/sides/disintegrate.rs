//! disintegrate, by its event store. Its serializable transactions fail on disjoint streams too;
//! this side retries them, since the library does not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use disintegrate::serde::json::Json;
use disintegrate::{Event, EventStore, StreamItem, query};
use disintegrate_postgres::{Error, PgEventStore};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::TEXT;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Event)]
enum TicketEvent {
    Opened {
        #[id]
        ticket: String,
        title: String,
    },
    Commented {
        #[id]
        ticket: String,
        text: String,
        minutes: u32,
    },
}

/// Tables of disintegrate, with the same columns, indexes and locks, since its own migration has a
/// literal that Postgres 15 cannot read.
const TABLES: &str = "CREATE SEQUENCE seq_event_event_id;
CREATE TABLE event (event_id bigint PRIMARY KEY DEFAULT nextval('seq_event_event_id'),
    event_type varchar(255), payload bytea, inserted_at timestamp DEFAULT now(), ticket text);
CREATE INDEX idx_event_type_btree ON event (event_type);
CREATE INDEX idx_event_ticket ON event (ticket) WHERE ticket IS NOT NULL;
CREATE FUNCTION event_store_begin_epoch() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
    base integer;
BEGIN
    SELECT last_value INTO last FROM seq_event_event_id;
    SELECT oid INTO base FROM pg_database WHERE datname = current_database();
    PERFORM pg_try_advisory_xact_lock_shared(base, 0);
    PERFORM pg_try_advisory_xact_lock_shared(1, (last & 4294967295)::bit(32)::integer);
    PERFORM pg_try_advisory_xact_lock_shared(2, (last >> 32)::bit(32)::integer);
END $$;
CREATE FUNCTION event_store_current_epoch() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    stored bigint;
    pending bigint;
    base integer;
BEGIN
    SELECT coalesce(max(event_id), 0) INTO stored FROM event;
    SELECT oid INTO base FROM pg_database WHERE datname = current_database();
    SELECT min((high.objid::bigint << 32) + low.objid::bigint) INTO pending
    FROM pg_locks AS held JOIN pg_locks AS low ON held.pid = low.pid
        JOIN pg_locks AS high ON held.pid = high.pid
    WHERE held.classid = base AND low.classid = 1 AND high.classid = 2
        AND held.locktype = 'advisory';
    RETURN least(coalesce(pending, stored), stored);
END $$";

pub struct Disintegrate {
    store: PgEventStore<TicketEvent, Json<TicketEvent>>,
    /// Last event of each stream, as a client knows it.
    last: Mutex<HashMap<Uuid, i64>>,
}

impl Disintegrate {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool08(url, connections).await;
        sqlx08::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self {
            store: PgEventStore::new_uninitialized(pool, Json::default()),
            last: Mutex::default(),
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, i64>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, stream: Uuid) -> (u32, u64, i64) {
        let ticket = stream.to_string();
        let asked = query!(TicketEvent; ticket == ticket);
        let mut items = self.store.stream(&asked);
        let (mut count, mut sum, mut last) = (0, 0, 0);
        while let Some(item) = items.next().await {
            if let StreamItem::Event(event) = item.unwrap() {
                count += 1;
                last = event.id();
                if let TicketEvent::Commented { minutes, .. } = &*event {
                    sum += u64::from(*minutes);
                }
            }
        }
        (count, sum, last)
    }
}

impl Side for Disintegrate {
    fn name(&self) -> &'static str {
        "disintegrate"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let ticket = stream.to_string();
            let events: Vec<_> = (seen..seen + count)
                .map(|place| match place {
                    0 => TicketEvent::Opened {
                        ticket: ticket.clone(),
                        title: TEXT.to_owned(),
                    },
                    _ => TicketEvent::Commented {
                        ticket: ticket.clone(),
                        text: TEXT.to_owned(),
                        minutes: 5,
                    },
                })
                .collect();
            let last = self.last().get(&stream).copied().unwrap_or_default();
            loop {
                let asked = query!(TicketEvent; ticket == ticket.clone());
                match self.store.append(events.clone(), asked, last).await {
                    Ok(stored) => {
                        let last = stored.last().map(disintegrate::PersistedEvent::id);
                        self.last().insert(stream, last.unwrap_or_default());
                        return Ok(());
                    }
                    Err(Error::Database(error)) if is_serialization(&error) => {}
                    Err(Error::Concurrency) => return Err(Lost),
                    Err(error) => panic!("{error}"),
                }
            }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let (count, _, last) = self.read(stream).await;
            self.last().insert(stream, last);
            count
        })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        Box::pin(async move { Some(self.read(stream).await.1) })
    }
}

fn is_serialization(error: &sqlx08::Error) -> bool {
    error
        .as_database_error()
        .and_then(|database| database.code())
        .is_some_and(|code| code == "40001")
}
