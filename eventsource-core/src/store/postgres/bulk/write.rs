//! A batch as one statement: heads and events, for each is checked against the other at its end.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use crate::store::backend::Table;
use crate::store::bulk::{Judged, JudgedHead, JudgedRow};
use crate::store::names::Names;
use crate::store::rules::Numbers;

/// The columns of a head that a batch writes.
const HEAD: &str =
    "id, seq, version, state, last_event_type, last_event_id, created_at, updated_at";

/// Those of an event.
pub(super) const EVENT: &str = "seq, event_id, event_type, prior_state, state, prior_version, \
    version, recorded_at, data, metadata";

/// The heads alone, where the events come another way.
fn heads_statement(names: &Names) -> String {
    format!("{} SELECT", with_heads(names))
}

fn statement(names: &Names) -> String {
    format!(
        "{heads}
INSERT INTO {log} ({id}, {EVENT})
SELECT {id}, {EVENT}
FROM unnest($10::uuid[], $11::integer[], $12::uuid[], $13::smallint[], $14::bigint[],
        $15::bigint[], $16::integer[], $17::integer[], $18::timestamptz[], $19::text[]::jsonb[],
        $20::text[]::jsonb[])
    AS event ({id}, {EVENT})",
        heads = with_heads(names),
        log = names.log(),
        id = names.id_column(),
    )
}

fn with_heads(names: &Names) -> String {
    format!(
        "WITH head AS MATERIALIZED (
    SELECT * FROM unnest($1::boolean[], $2::uuid[], $3::integer[], $4::integer[], $5::bigint[],
            $6::smallint[], $7::uuid[], $8::timestamptz[], $9::timestamptz[])
        AS head (is_new, {HEAD})
), moved AS (
    UPDATE {heads} AS old SET seq = head.seq, version = head.version, state = head.state,
        last_event_type = head.last_event_type, last_event_id = head.last_event_id,
        updated_at = head.updated_at
    FROM head WHERE old.id = head.id AND NOT head.is_new
), made AS (
    INSERT INTO {heads} ({HEAD}) SELECT {HEAD} FROM head WHERE is_new
)",
        heads = names.heads(),
    )
}

/// Heads and events.
pub(super) fn query<'a>(table: &Table, batch: &'a Judged) -> Query<'a, Postgres, PgArguments> {
    let numbers = &table.numbers;
    let rows = &batch.rows;
    bind_heads(statement(&table.names), numbers, &batch.heads)
        .bind(column(rows, |row| row.entity_id))
        .bind(column(rows, |row| integer(row.seq.get())))
        .bind(column(rows, |row| row.event_id))
        .bind(column(rows, |row| numbers.number(row.event_type)))
        .bind(column(rows, |row| numbers.encode(row.prior_state)))
        .bind(column(rows, |row| numbers.encode(row.state)))
        .bind(column(rows, |row| integer(row.prior_version)))
        .bind(column(rows, |row| integer(row.version.get())))
        .bind(column(rows, |row| row.recorded_at))
        .bind(column(rows, |row: &JudgedRow| row.data.as_str()))
        .bind(column(rows, |row: &JudgedRow| row.metadata.as_str()))
}

pub(super) fn heads_query<'a>(
    table: &Table,
    heads: &'a [JudgedHead],
) -> Query<'a, Postgres, PgArguments> {
    bind_heads(heads_statement(&table.names), &table.numbers, heads)
}

fn bind_heads<'a>(
    statement: String,
    numbers: &Numbers,
    heads: &'a [JudgedHead],
) -> Query<'a, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(statement))
        .bind(column(heads, |head| head.is_new))
        .bind(column(heads, |head| head.row.entity_id))
        .bind(column(heads, |head| integer(head.row.seq.get())))
        .bind(column(heads, |head| integer(head.row.version.get())))
        .bind(column(heads, |head| numbers.encode(head.row.state)))
        .bind(column(heads, |head| {
            numbers.number(head.row.last_event_type)
        }))
        .bind(column(heads, |head| head.row.last_event_id))
        .bind(column(heads, |head| head.row.created_at))
        .bind(column(heads, |head| head.row.updated_at))
}

fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// What an integer has no room for, the table has none for either: it says so.
fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(-1)
}
