//! Statement that inserts the events planned under the lock.

use std::collections::HashMap;

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::postgres::append::heads_sql;
use crate::store::postgres::read::row;
use crate::store::rules::plan::Planned;
use crate::{Error, LogSeq, Seq};

/// Returns the text of the statement.
fn statement(names: &Names) -> String {
    format!(
        "WITH stored AS (
    INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT {id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata
    FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[], $5::bigint[], $6::bigint[],
            $7::integer[], $8::integer[], $9::timestamptz[], $10::jsonb[], $11::jsonb[])
        WITH ORDINALITY AS event ({id}, seq, event_id, event_type, prior_state, state,
            prior_version, version, recorded_at, data, metadata, number)
    ORDER BY number
    RETURNING {id}, seq, clock{returning}
){moved}
SELECT {id} AS entity_id, seq, clock FROM stored",
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
    )
}

/// Inserts the events; returns the log sequences that the database gave.
pub(crate) async fn write(
    connection: &mut PgConnection,
    context: &EntityContext,
    planned: &[Planned],
) -> Result<HashMap<(Uuid, Seq), LogSeq>, sqlx::Error> {
    let codes = &context.codes;
    let rows = || planned.iter().flat_map(|planned| &planned.rows);
    let stored = sqlx::query(AssertSqlSafe(statement(&context.names)))
        .bind(rows().map(|row| row.entity_id).collect::<Vec<_>>())
        .bind(integers(rows().map(|row| row.seq.get()))?)
        .bind(rows().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| codes.number(row.event_type))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| codes.encode(row.prior_state))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| codes.encode(row.state))
                .collect::<Vec<_>>(),
        )
        .bind(integers(
            rows().map(|row| row.prior_generation(context.rules.machine)),
        )?)
        .bind(integers(rows().map(|row| row.generation.get()))?)
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
    let log_seq = |row| {
        let entity_id: Uuid = Row::try_get(row, "entity_id")?;
        let seq: i32 = Row::try_get(row, "seq")?;
        let log_seq = row::log_seq(row).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(((entity_id, Seq::new(seq.unsigned_abs())), log_seq))
    };
    stored.iter().map(log_seq).collect()
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
