//! Cost of storing a row: no rules, no head, no order between clients.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use eventsource_core::Metadata;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::{Later, Lost, Side};
use crate::server;
use crate::ticket::{Fields, fields};

pub const TABLE: &str = "CREATE TABLE blind (
    ticket_id uuid NOT NULL, seq integer NOT NULL, clock bigserial, event_id uuid NOT NULL,
    event_type smallint NOT NULL, state bigint NOT NULL, version integer NOT NULL,
    recorded_at timestamptz NOT NULL, data jsonb NOT NULL, metadata jsonb NOT NULL,
    PRIMARY KEY (ticket_id, seq));
CREATE INDEX ON blind (clock)";

pub const INSERT: &str = "INSERT INTO blind
    (ticket_id, seq, event_id, event_type, state, version, recorded_at, data, metadata)
VALUES ($1, $2, $3, 2, 1, 1, $4, $5, '{}')";

/// Statement that inserts many rows.
pub const BATCH: &str = "INSERT INTO blind
    (ticket_id, seq, event_id, event_type, state, version, recorded_at, data, metadata)
SELECT id, seq, event_id, 2, 1, 1, $4, data, '{}'
FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $5::jsonb[]) AS row (id, seq, event_id, data)";

pub struct Blind {
    pub pool: PgPool,
}

impl Blind {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool(url, connections).await;
        sqlx::raw_sql(TABLE).execute(&pool).await.unwrap();
        Self { pool }
    }

    /// Inserts this many rows of different streams.
    pub async fn insert_many(&self, rows: &[(Uuid, i32)]) {
        sqlx::query(BATCH)
            .bind(rows.iter().map(|row| row.0).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.1).collect::<Vec<_>>())
            .bind(rows.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
            .bind(Utc::now())
            .bind(
                rows.iter()
                    .map(|row| fields(row.1.unsigned_abs() - 1))
                    .collect::<Vec<_>>(),
            )
            .execute(&self.pool)
            .await
            .unwrap();
    }
}

impl Side for Blind {
    fn name(&self) -> &'static str {
        "blind insert"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let seen = seen.cast_signed();
            if count > 1 {
                let rows: Vec<_> = (1..=count.cast_signed())
                    .map(|n| (stream, seen + n))
                    .collect();
                self.insert_many(&rows).await;
                return Ok(());
            }
            let inserted = sqlx::query(INSERT)
                .bind(stream)
                .bind(seen + 1)
                .bind(Uuid::now_v7())
                .bind(Utc::now())
                .bind(fields(seen.unsigned_abs()))
                .execute(&self.pool)
                .await;
            inserted.map(|_| ()).map_err(super::lost)
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let seq: Option<i32> =
                sqlx::query_scalar("SELECT max(seq) FROM blind WHERE ticket_id = $1")
                    .bind(stream)
                    .fetch_one(&self.pool)
                    .await
                    .unwrap();
            seq.unwrap_or_default().unsigned_abs()
        })
    }

    /// Reads a stream by a bare query, with the same decoding.
    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        const SELECT: &str = "SELECT event_id, seq, clock, event_type, state, version,
            recorded_at, data, metadata FROM blind WHERE ticket_id = $1 ORDER BY seq";
        Box::pin(async move {
            let rows = sqlx::query(SELECT)
                .bind(stream)
                .fetch_all(&self.pool)
                .await
                .unwrap();
            let events = rows.iter().map(|row| black_box(Recorded::of(stream, row)));
            Some(events.map(|event| u64::from(event.fields.minutes)).sum())
        })
    }
}

/// Row as a fold of events receives it.
#[allow(dead_code, reason = "what a fold would look at")]
struct Recorded {
    event_id: Uuid,
    ticket_id: Uuid,
    seq: i32,
    clock: i64,
    event_type: i16,
    state: i64,
    version: i32,
    recorded_at: DateTime<Utc>,
    fields: Fields,
    metadata: Metadata,
}

impl Recorded {
    fn of(ticket_id: Uuid, row: &PgRow) -> Self {
        let Json(fields) = row.get(7);
        let Json(metadata) = row.get(8);
        Self {
            event_id: row.get(0),
            ticket_id,
            seq: row.get(1),
            clock: row.get(2),
            event_type: row.get(3),
            state: row.get(4),
            version: row.get(5),
            recorded_at: row.get(6),
            fields,
            metadata,
        }
    }
}
