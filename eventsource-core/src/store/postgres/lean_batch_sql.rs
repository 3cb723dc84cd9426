//! The append that is most of all appends, for many entities: each has a head, and goes on by one event.
//!
//! It stores those events that it may, and says nothing of the others.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres};

use super::heads_sql;
use super::lean_sql::Next;
use super::prepared::Prepared;
use crate::store::names::Names;

/// The heads are locked in the order of their ids; one that someone else has locked is as one that is
/// not there.
pub(super) fn statement(names: &Names) -> String {
    format!(
        "WITH found AS MATERIALIZED (
    SELECT * FROM {heads} WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED
), stored AS (
    INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT id, seq + 1, part.event_id, part.event_type, state, state & part.keep | part.add, version,
        version + part.restarting, greatest(part.now, updated_at), part.data, part.metadata
    FROM found JOIN unnest($1, $2::integer[], $3::integer[], $4::bigint[], $5::bigint[],
            $6::smallint[], $7::uuid[], $8::timestamptz[], $9::bigint[], $10::bigint[],
            $11::bigint[], $12::jsonb[], $13::jsonb[])
        AS part (id, expected, restarting, keep, add, event_type, event_id, now, has, lacks, either,
            data, metadata) USING (id)
    WHERE state & part.has = part.has AND state & part.lacks = 0
        AND (part.either = 0 OR state & part.either <> 0)
        AND seq = coalesce(part.expected, seq)
    RETURNING {id}, seq, clock{returning}
){moved}
SELECT found.*, 0 AS course, clock FROM found JOIN stored ON stored.{id} = found.id",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
    )
}

/// The statement for these parts, no entity twice, if all are of that kind.
pub(super) fn query(
    sql: &str,
    parts: &[impl AsRef<Prepared>],
) -> Option<Query<'static, Postgres, PgArguments>> {
    let parts = parts.iter().map(|part| Next::of(part.as_ref()));
    let parts: Vec<Next<'_>> = parts.collect::<Option<_>>()?;
    // The text is made once for each store, of quoted identifiers only.
    Some(
        sqlx::query(AssertSqlSafe(sql.to_owned()))
            .bind(each(&parts, |next| next.part.entity_id))
            .bind(each(&parts, |next| next.part.expected))
            .bind(each(&parts, |next| next.step.restarting))
            .bind(each(&parts, |next| next.step.after.0))
            .bind(each(&parts, |next| next.step.after.1))
            .bind(each(&parts, |next| next.step.event_type))
            .bind(each(&parts, |next| next.step.event_id))
            .bind(each(&parts, |next| next.step.now))
            .bind(each(&parts, |next| next.demand.has))
            .bind(each(&parts, |next| next.demand.lacks))
            .bind(each(&parts, |next| next.demand.any))
            .bind(each(&parts, |next| Json(&*next.step.payload)))
            .bind(each(&parts, |next| Json(&*next.step.metadata))),
    )
}

fn each<'a, T>(parts: &[Next<'a>], column: impl Fn(&Next<'a>) -> T) -> Vec<T> {
    parts.iter().map(column).collect()
}
