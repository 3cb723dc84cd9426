//! What was planned under the lock, written as one statement.
//!
//! A head points to its last event, and an event to its entity: the database checks both at the end
//! of a statement, so they are written in the same one.

use std::collections::HashMap;

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use super::read;
use crate::store::backend::Table;
use crate::store::names::Names;
use crate::store::plan::Planned;
use crate::{Clock, Error, Seq};

/// New heads are inserted in the order of their ids, so that two appends that create the same
/// entities never wait for each other in a circle.
fn statement(names: &Names) -> String {
    format!(
        "WITH head AS MATERIALIZED (
    SELECT * FROM unnest($1::boolean[], $2::uuid[], $3::integer[], $4::integer[], $5::bigint[],
            $6::smallint[], $7::uuid[], $8::timestamptz[])
        AS head (is_new, id, seq, version, state, last_event_type, last_event_id, updated_at)
), moved AS (
    UPDATE {heads} AS old SET seq = head.seq, version = head.version, state = head.state,
        last_event_type = head.last_event_type, last_event_id = head.last_event_id,
        updated_at = head.updated_at
    FROM head WHERE old.id = head.id AND NOT head.is_new
), made AS (
    INSERT INTO {heads}
        (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
    SELECT id, seq, version, state, last_event_type, last_event_id, updated_at, updated_at
    FROM head WHERE is_new ORDER BY id
)
INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
    recorded_at, data, metadata)
SELECT {id}, seq, event_id, event_type, prior_state, state, prior_version, version,
    recorded_at, data, metadata
FROM unnest($9::uuid[], $10::integer[], $11::uuid[], $12::smallint[], $13::bigint[],
        $14::bigint[], $15::integer[], $16::integer[], $17::timestamptz[], $18::jsonb[],
        $19::jsonb[]) WITH ORDINALITY
    AS event ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata, number)
ORDER BY number
RETURNING {id} AS entity_id, seq, clock",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
    )
}

/// Writes the heads and the events; returns the clocks that the database gave.
pub(super) async fn write(
    connection: &mut PgConnection,
    table: &Table,
    planned: &[Planned],
) -> Result<HashMap<(Uuid, Seq), Clock>, sqlx::Error> {
    let numbers = &table.numbers;
    let heads = || planned.iter().map(|planned| &planned.head);
    let rows = || planned.iter().flat_map(|planned| &planned.rows);
    let stored = sqlx::query(AssertSqlSafe(statement(&table.names)))
        .bind(
            planned
                .iter()
                .map(|planned| planned.is_new)
                .collect::<Vec<_>>(),
        )
        .bind(heads().map(|head| head.entity_id).collect::<Vec<_>>())
        .bind(integers(heads().map(|head| head.seq.get()))?)
        .bind(integers(heads().map(|head| head.version.get()))?)
        .bind(
            heads()
                .map(|head| numbers.encode(head.state))
                .collect::<Vec<_>>(),
        )
        .bind(
            heads()
                .map(|head| numbers.number(head.last_event_type))
                .collect::<Vec<_>>(),
        )
        .bind(heads().map(|head| head.last_event_id).collect::<Vec<_>>())
        .bind(heads().map(|head| head.updated_at).collect::<Vec<_>>())
        .bind(rows().map(|row| row.entity_id).collect::<Vec<_>>())
        .bind(integers(rows().map(|row| row.seq.get()))?)
        .bind(rows().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| numbers.number(row.event_type))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| numbers.encode(row.prior_state))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| numbers.encode(row.state))
                .collect::<Vec<_>>(),
        )
        .bind(integers(
            rows().map(|row| row.prior_version(table.rules.machine)),
        )?)
        .bind(integers(rows().map(|row| row.version.get()))?)
        .bind(rows().map(|row| row.recorded_at).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| Json(row.payload.clone()))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| Json(row.metadata.clone()))
                .collect::<Vec<_>>(),
        )
        .fetch_all(connection)
        .await?;
    let clock = |row| {
        let entity_id: Uuid = Row::try_get(row, "entity_id")?;
        let seq: i32 = Row::try_get(row, "seq")?;
        let clock = read::clock(row).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(((entity_id, Seq::new(seq.unsigned_abs())), clock))
    };
    stored.iter().map(clock).collect()
}

fn integers(values: impl Iterator<Item = u32>) -> Result<Vec<i32>, sqlx::Error> {
    let beyond = |value: u32| {
        let error = Error::database(format!("{value} is beyond an integer"));
        sqlx::Error::Encode(error.into())
    };
    values
        .map(|value| i32::try_from(value).map_err(|_| beyond(value)))
        .collect()
}
