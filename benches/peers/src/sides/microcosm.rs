//! Layout and statements of microcosm-eventsource: the last event is read, the program checks the
//! rules, and the new event names it as its parent; the unique parent makes two concurrent appends
//! conflict.

use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::{Later, Lost, Side, lost, sum_minutes};
use crate::server;
use crate::ticket::{fields, name};

pub const TABLES: &str = "CREATE TABLE ticket (
    id uuid PRIMARY KEY, created_at double precision NOT NULL, updated_at double precision NOT NULL);
CREATE TABLE ticket_event (
    id uuid PRIMARY KEY, created_at double precision NOT NULL, updated_at double precision NOT NULL,
    ticket_id uuid NOT NULL REFERENCES ticket (id), event_type varchar NOT NULL,
    clock bigserial NOT NULL, parent_id uuid REFERENCES ticket_event (id), version integer NOT NULL,
    state varchar[] NOT NULL, data jsonb NOT NULL,
    UNIQUE (parent_id),
    CHECK (parent_id IS NOT NULL OR event_type = 'OPENED'));
CREATE UNIQUE INDEX ticket_event_unique_clock ON ticket_event (clock);
CREATE INDEX ticket_event_ticket_clock ON ticket_event (ticket_id, clock);
CREATE UNIQUE INDEX ticket_event_initial ON ticket_event (ticket_id) WHERE parent_id IS NULL";

const LAST: &str = "SELECT id, state, version, event_type, clock FROM ticket_event
WHERE ticket_id = $1 ORDER BY clock DESC LIMIT 1";

const INSERT: &str = "INSERT INTO ticket_event
    (id, created_at, updated_at, ticket_id, event_type, parent_id, version, state, data)
VALUES ($1, extract(epoch FROM clock_timestamp()), extract(epoch FROM clock_timestamp()), $2, $3, $4, 1,
    $5, $6)
RETURNING clock";

pub struct Microcosm {
    pub pool: PgPool,
}

impl Microcosm {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool(url, connections).await;
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool }
    }
}

impl Side for Microcosm {
    fn name(&self) -> &'static str {
        "microcosm's SQL"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let mut transaction = self.pool.begin().await.unwrap();
            for place in seen..seen + count {
                let last = sqlx::query(LAST)
                    .bind(stream)
                    .fetch_optional(&mut *transaction)
                    .await
                    .map_err(lost)?;
                let (parent, mut state) = match &last {
                    Some(row) => (Some(row.get::<Uuid, _>(0)), row.get::<Vec<String>, _>(1)),
                    None => (None, vec!["OPENED".to_owned()]),
                };
                if parent.is_none() {
                    sqlx::query("INSERT INTO ticket VALUES ($1, 0, 0) ON CONFLICT DO NOTHING")
                        .bind(stream)
                        .execute(&mut *transaction)
                        .await
                        .map_err(lost)?;
                }
                state.sort();
                sqlx::query(INSERT)
                    .bind(Uuid::now_v7())
                    .bind(stream)
                    .bind(name(place))
                    .bind(parent)
                    .bind(state)
                    .bind(fields(place))
                    .execute(&mut *transaction)
                    .await
                    .map_err(lost)?;
            }
            transaction.commit().await.map_err(lost)?;
            Ok(())
        })
    }

    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        const SELECT: &str = "SELECT data, id, event_type, clock, parent_id, version, state
            FROM ticket_event WHERE ticket_id = $1 ORDER BY clock";
        Box::pin(async move { Some(sum_minutes(&self.pool, SELECT, stream).await) })
    }
}
