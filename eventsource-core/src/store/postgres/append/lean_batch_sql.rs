//! Statement for the most frequent append, for many entities: one event of each.
//!
//! Stores the legal events, and returns the head that was found of each entity.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres};

use crate::store::contract::names::Names;
use crate::store::postgres::append::lean_sql::{Demand, Next, first_step};
use crate::store::postgres::append::prepared::{Key, Prepared, Step};
use crate::store::postgres::append::{heads_sql, key_sql};

/// Text of the statement without and with idempotency keys.
#[derive(Debug)]
pub(crate) struct Batch {
    plain: String,
    keyed: String,
}

/// Checks whether the statement can store this append.
pub(crate) fn is_lean(part: &Prepared) -> bool {
    Row::of(part).is_some()
}

/// Append of one event to one entity.
struct Row<'a> {
    part: &'a Prepared,
    step: &'a Step,
    is_first: bool,
    demand: Demand,
}

impl<'a> Row<'a> {
    fn of(part: &'a Prepared) -> Option<Self> {
        if let Some(Next { step, demand, .. }) = Next::of(part) {
            return Some(Self {
                part,
                step,
                is_first: false,
                demand,
            });
        }
        Some(Self {
            part,
            step: first_step(part)?,
            is_first: true,
            demand: Demand::default(),
        })
    }
}

impl Batch {
    pub(crate) fn new(names: &Names) -> Self {
        let entity = "$15::text";
        let is_free = key_sql::is_free(names, entity, "part.key");
        let answered = key_sql::answered("part.id", "coalesce(found.seq, 0) + 1", "true");
        Self {
            plain: statement(names, "", "", "", ""),
            keyed: statement(
                names,
                ", $16::text[]",
                ", key",
                &format!("\n        AND {is_free}"),
                &format!(
                    ", taken AS (
    {insert}
    SELECT {entity}, key, jsonb_build_array({answered}), now
    FROM part LEFT JOIN found USING (id)
    WHERE key IS NOT NULL AND (id IN (SELECT {id} FROM stored)) IS TRUE
    ORDER BY key
)",
                    insert = key_sql::insert(names),
                    id = names.id_column(),
                ),
            ),
        }
    }

    /// Returns the statement for these parts, if each has a single event; no entity and no key twice.
    pub(crate) fn query(
        &self,
        parts: &[impl AsRef<Prepared>],
    ) -> Option<Query<'static, Postgres, PgArguments>> {
        let rows = parts.iter().map(|part| Row::of(part.as_ref()));
        let rows: Vec<Row<'_>> = rows.collect::<Option<_>>()?;
        let key = |row: &Row<'_>| row.part.key.as_ref().map(|key| key.key.clone());
        let mut keys = rows.iter().filter_map(|row| row.part.key.as_ref());
        Some(match keys.next() {
            None => query(&self.plain, &rows),
            Some(Key { entity, .. }) => query(&self.keyed, &rows)
                .bind(*entity)
                .bind(each(&rows, key)),
        })
    }
}

/// Returns the text of the statement.
///
/// Heads are locked in the order of their ids; a locked one counts as missing. `IS TRUE` keeps an `IN` from becoming a join: nobody knows how many there are, and for
/// few the planner would compare each with each.
fn statement(names: &Names, keys: &str, key: &str, is_free: &str, taken: &str) -> String {
    let id = names.id_column();
    format!(
        "WITH part AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[],
            $6::smallint[], $7::uuid[], $8::timestamptz[], $9::bigint[], $10::bigint[],
            $11::bigint[], $12::jsonb[], $13::jsonb[], $14::boolean[]{keys})
        AS part (id, expected, restarting, keep, add, event_type, event_id, now, has, lacks, either,
            data, metadata, is_first{key})
), found AS MATERIALIZED (
    SELECT * FROM {heads} WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED
), next AS (
    INSERT INTO {log} ({columns})
    SELECT id, seq + 1, event_id, event_type, state, state & keep | add, version,
        version + restarting, greatest(now, updated_at), data, metadata
    FROM found JOIN part USING (id)
    WHERE NOT is_first AND state & has = has AND state & lacks = 0
        AND (either = 0 OR state & either <> 0) AND seq = coalesce(expected, seq){is_free}
    RETURNING {returning}
), first AS (
    INSERT INTO {log} ({columns})
    SELECT id, 1, event_id, event_type, 0, add, 0, 1, now, data, metadata
    FROM part WHERE is_first{is_free}
    ORDER BY id
    ON CONFLICT ({id}, seq) DO NOTHING
    RETURNING {returning}
), stored AS (
    SELECT * FROM next UNION ALL SELECT * FROM first
){moved}{taken}
SELECT id, seq, version, state, last_event_type, last_event_id, created_at, updated_at,
    NULL::bigint AS clock
FROM found
UNION ALL
SELECT {id}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, clock FROM stored",
        heads = names.heads(),
        log = names.log(),
        columns = format_args!(
            "{id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata"
        ),
        returning = format_args!("{id}, seq, clock{}", heads_sql::returning(names)),
        moved = heads_sql::moved(names),
    )
}

fn query(sql: &str, rows: &[Row<'_>]) -> Query<'static, Postgres, PgArguments> {
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(each(rows, |row| row.part.entity_id))
        .bind(each(rows, |row| row.part.expected))
        .bind(each(rows, |row| row.step.restarting))
        .bind(each(rows, |row| row.step.after.0))
        .bind(each(rows, |row| row.step.after.1))
        .bind(each(rows, |row| row.step.event_type))
        .bind(each(rows, |row| row.step.event_id))
        .bind(each(rows, |row| row.step.now))
        .bind(each(rows, |row| row.demand.has))
        .bind(each(rows, |row| row.demand.lacks))
        .bind(each(rows, |row| row.demand.any))
        .bind(each(rows, |row| Json(&*row.step.payload)))
        .bind(each(rows, |row| Json(&*row.step.metadata)))
        .bind(each(rows, |row| row.is_first))
}

fn each<'a, T>(rows: &'a [Row<'a>], column: impl Fn(&'a Row<'a>) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}
