//! Heads of the entities of a batch, moved once for all of its events.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::store::contract::bulk::{ValidatedBatch, ValidatedRow};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;

/// Statement by which the triggers let the owner's own statements move the heads, until the end of
/// the transaction.
pub(crate) const MOVES_HEADS: &str = "SET LOCAL eventsource.append = 'on'";

/// Returns the statement that moves the heads and counts them.
fn statement(names: &Names) -> String {
    format!(
        "WITH last AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[],
            $6::smallint[], $7::uuid[], $8::timestamptz[], $9::timestamptz[])
        AS last (id, found, seq, version, state, event_type, event_id, created_at, updated_at)
), moved AS (
    UPDATE {heads} AS head SET seq = last.seq, version = last.version, state = last.state,
        last_event_type = last.event_type, last_event_id = last.event_id,
        updated_at = last.updated_at
    FROM last WHERE last.found > 0 AND head.id = last.id AND head.seq = last.found
    RETURNING head.id
), made AS (
    INSERT INTO {heads}
        (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
    SELECT id, seq, version, state, event_type, event_id, created_at, updated_at
    FROM last WHERE found = 0
    RETURNING id
)
SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM made)",
        heads = names.heads(),
    )
}

/// Events of one entity in a batch.
struct Stretch<'a> {
    first: &'a ValidatedRow,
    last: &'a ValidatedRow,
}

/// Moves the heads to the last events of the batch.
pub(crate) async fn move_heads(
    connection: &mut PgConnection,
    context: &EntityContext,
    batch: &ValidatedBatch,
) -> Result<(), sqlx::Error> {
    let mut stretches: HashMap<Uuid, Stretch<'_>> = HashMap::new();
    for row in &batch.rows {
        stretches
            .entry(row.entity_id)
            .and_modify(|stretch| stretch.last = row)
            .or_insert(Stretch {
                first: row,
                last: row,
            });
    }
    let all: Vec<Stretch<'_>> = stretches.into_values().collect();
    let codes = &context.codes;
    let moved: i64 = sqlx::query_scalar(AssertSqlSafe(statement(&context.names)))
        .bind(column(&all, |of| of.last.entity_id))
        .bind(column(&all, |of| integer(of.first.seq.get()) - 1))
        .bind(column(&all, |of| integer(of.last.seq.get())))
        .bind(column(&all, |of| integer(of.last.generation.get())))
        .bind(column(&all, |of| codes.encode(of.last.state)))
        .bind(column(&all, |of| codes.number(of.last.event_type)))
        .bind(column(&all, |of| of.last.event_id))
        .bind(column(&all, |of| of.first.recorded_at))
        .bind(column(&all, |of| of.last.recorded_at))
        .fetch_one(connection)
        .await?;
    if usize::try_from(moved).is_ok_and(|moved| moved == all.len()) {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound)
    }
}

/// Returns one column of all heads.
fn column<'a, T>(all: &'a [Stretch<'a>], of: impl Fn(&'a Stretch<'a>) -> T) -> Vec<T> {
    all.iter().map(of).collect()
}

/// Converts to an integer column; a value that is too large becomes -1, which no head has.
fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(-1)
}
