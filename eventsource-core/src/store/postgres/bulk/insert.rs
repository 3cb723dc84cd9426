//! Batch of events written by one INSERT, which also updates the heads where no trigger does.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use crate::store::contract::bulk::{ValidatedBatch, ValidatedRow};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::postgres::append::heads_sql;

/// Columns of an event, except the id of the entity.
pub(crate) const EVENT: &str = "seq, event_id, event_type, prior_state, state, prior_version, \
    version, recorded_at, data, metadata";

/// Returns the text of the statement.
fn statement(names: &Names) -> String {
    format!(
        "WITH stored AS (
    INSERT INTO {log} ({id}, {EVENT})
    SELECT {id}, {EVENT}
    FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[], $5::bigint[], $6::bigint[],
            $7::integer[], $8::integer[], $9::timestamptz[], $10::text[]::jsonb[],
            $11::text[]::jsonb[])
        AS event ({id}, {EVENT})
    RETURNING {id}, seq, clock{returning}
){moved}
SELECT",
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
    )
}

/// Returns the statement for a batch, with its arguments.
pub(crate) fn query<'a>(
    context: &EntityContext,
    batch: &'a ValidatedBatch,
) -> Query<'a, Postgres, PgArguments> {
    let codes = &context.codes;
    let rows = &batch.rows;
    sqlx::query(AssertSqlSafe(statement(&context.names)))
        .bind(column(rows, |row| row.entity_id))
        .bind(column(rows, |row| integer(row.seq.get())))
        .bind(column(rows, |row| row.event_id))
        .bind(column(rows, |row| codes.number(row.event_type)))
        .bind(column(rows, |row| codes.encode(row.prior_state)))
        .bind(column(rows, |row| codes.encode(row.state)))
        .bind(column(rows, |row| integer(row.prior_generation)))
        .bind(column(rows, |row| integer(row.generation.get())))
        .bind(column(rows, |row| row.recorded_at))
        .bind(column(rows, |row: &ValidatedRow| row.data.as_str()))
        .bind(column(rows, |row: &ValidatedRow| row.metadata.as_str()))
}

/// Returns one column of all rows.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// Converts to an integer column; a value that is too large becomes -1, which a CHECK refuses.
fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(-1)
}
