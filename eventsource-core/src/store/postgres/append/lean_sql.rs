//! Statement for the most frequent append: one event of one entity.
//!
//! Stores the event, or returns the head that it found; if it found none, or a locked one, the
//! general statement follows. Arrays, their joins, and the choice between courses cost a server more
//! than to store an event.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres};

use crate::store::contract::names::Names;
use crate::store::postgres::append::prepared::{Course, Key, Prepared, Step};
use crate::store::postgres::append::{heads_sql, key_sql};

/// Statements for the tables of one entity.
#[derive(Debug)]
pub(crate) struct Lean {
    first: Text,
    next: Text,
}

/// Text of a statement without and with an idempotency key.
#[derive(Debug)]
struct Text {
    plain: String,
    keyed: String,
}

impl Text {
    /// Binds the arguments, the key after all others.
    fn bind<'q>(
        &self,
        part: &Prepared,
        arguments: impl FnOnce(&str) -> Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments> {
        match &part.key {
            None => arguments(&self.plain),
            Some(Key { entity, key }) => arguments(&self.keyed).bind(*entity).bind(key.clone()),
        }
    }
}

impl Lean {
    pub(crate) fn new(names: &Names) -> Self {
        Self {
            first: Text {
                plain: first(names, "", ""),
                keyed: first(
                    names,
                    &format!(
                        "\n    WHERE {}",
                        key_sql::is_free(names, "$8::text", "$9::text")
                    ),
                    &taken(names, "$8, $9", "$1", "1", "$5 FROM stored"),
                ),
            },
            next: Text {
                plain: next(names, "", ""),
                keyed: next(
                    names,
                    &format!(
                        "\n        AND {}",
                        key_sql::is_free(names, "$14::text", "$15::text")
                    ),
                    &taken(
                        names,
                        "$14, $15",
                        "found.id",
                        "found.seq + 1",
                        "$7 FROM found, stored",
                    ),
                ),
            },
        }
    }

    /// Returns the statement for this append, if it has a single event. Its row is the head that was
    /// found, and the log sequence if the event was stored.
    pub(crate) fn query(&self, part: &Prepared) -> Option<Query<'static, Postgres, PgArguments>> {
        if let Some(next) = Next::of(part) {
            let query = |sql: &str| query_next(sql, next);
            return Some(self.next.bind(part, query));
        }
        let step = first_step(part)?;
        Some(self.first.bind(part, |sql| query_first(sql, part, step)))
    }
}

/// Append of one event to an entity that has a head.
#[derive(Clone, Copy)]
pub(crate) struct Next<'a> {
    pub(crate) part: &'a Prepared,
    pub(crate) step: &'a Step,
    pub(crate) demand: Demand,
}

impl<'a> Next<'a> {
    pub(crate) fn of(part: &'a Prepared) -> Option<Self> {
        let (course, step) = only_step(part)?;
        let may_be_first = match part.expected {
            Some(expected) => expected == 0,
            None => course.when.iter().any(|(has, _)| *has == 0),
        };
        if may_be_first {
            return None;
        }
        let demand = Demand::of(&course.when)?;
        Some(Self { part, step, demand })
    }
}

/// Returns the one event, if it is the first of an entity or refused.
pub(crate) fn first_step(part: &Prepared) -> Option<&Step> {
    let (course, step) = only_step(part)?;
    let mut clauses = course.when.iter();
    let is_first = match part.expected {
        // What is legal from nothing is legal for a new entity.
        Some(0) => clauses.any(|(has, _)| *has == 0),
        None => clauses.all(|(_, lacks)| *lacks == ALL),
        Some(_) => false,
    };
    is_first.then_some(step)
}

fn only_step(part: &Prepared) -> Option<(&Course, &Step)> {
    let [course] = part.courses.as_slice() else {
        return None;
    };
    let [step] = course.steps.as_slice() else {
        return None;
    };
    Some((course, step))
}

/// Mask of `nothing()`.
const ALL: i64 = -1;

/// Condition on the state, if three masks can express it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Demand {
    pub(crate) has: i64,
    pub(crate) lacks: i64,
    /// Bits of which the state must have at least one, unless none is given.
    pub(crate) any: i64,
}

impl Demand {
    fn of(when: &[(i64, i64)]) -> Option<Self> {
        if let [(has, lacks)] = *when {
            return Some(Self { has, lacks, any: 0 });
        }
        let (_, lacks) = *when.first()?;
        let one = |(has, other): &(i64, i64)| has.count_ones() == 1 && *other == lacks;
        when.iter().all(one).then(|| Self {
            has: 0,
            lacks,
            any: when.iter().fold(0, |any, (has, _)| any | has),
        })
    }
}

/// Returns the CTE that stores the key with the event that answers it.
fn taken(names: &Names, key: &str, id: &str, seq: &str, at: &str) -> String {
    let answered = key_sql::answered(id, seq, "true");
    let insert = key_sql::insert(names);
    format!(
        ", taken AS (
    {insert}
    SELECT {key}, jsonb_build_array({answered}), {at}
)"
    )
}

fn first(names: &Names, is_free: &str, taken: &str) -> String {
    format!(
        "WITH stored AS (
    INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT $1::uuid, 1, $4::uuid, $3::smallint, 0, $2::bigint, 0, 1, $5::timestamptz, $6::jsonb,
        $7::jsonb{is_free}
    ON CONFLICT ({id}, seq) DO NOTHING
    RETURNING {id}, seq, clock{returning}
){moved}{taken}
SELECT $1 AS id, NULL::integer AS seq, clock FROM stored",
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
    )
}

fn query_first(sql: &str, part: &Prepared, step: &Step) -> Query<'static, Postgres, PgArguments> {
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(part.entity_id)
        .bind(step.after.1)
        .bind(step.event_type)
        .bind(step.event_id)
        .bind(step.now)
        .bind(Json(&*step.payload))
        .bind(Json(&*step.metadata))
}

/// Returns the statement for an entity that has a head.
///
/// A locked head counts as missing, so that no append waits. The head is returned whether or not the
/// event may follow it.
fn next(names: &Names, is_free: &str, taken: &str) -> String {
    format!(
        "WITH found AS MATERIALIZED (
    SELECT * FROM {heads} WHERE id = $1::uuid FOR UPDATE SKIP LOCKED
), stored AS (
    INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT id, seq + 1, $6::uuid, $5::smallint, state, state & $3::bigint | $4::bigint, version,
        version + $2::integer, greatest($7::timestamptz, updated_at), $12::jsonb, $13::jsonb
    FROM found
    WHERE state & $8::bigint = $8 AND state & $9::bigint = 0
        AND ($10::bigint = 0 OR state & $10 <> 0) AND seq = coalesce($11::integer, seq){is_free}
    RETURNING {id}, seq, clock{returning}
){moved}{taken}
SELECT found.*, clock FROM found LEFT JOIN stored ON true",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
    )
}

fn query_next(sql: &str, next: Next<'_>) -> Query<'static, Postgres, PgArguments> {
    let Next { part, step, demand } = next;
    let (keep, add) = step.after;
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(part.entity_id)
        .bind(step.restarting)
        .bind(keep)
        .bind(add)
        .bind(step.event_type)
        .bind(step.event_id)
        .bind(step.now)
        .bind(demand.has)
        .bind(demand.lacks)
        .bind(demand.any)
        .bind(part.expected)
        .bind(Json(&*step.payload))
        .bind(Json(&*step.metadata))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_demand_is_its_clauses(
            when in prop::collection::vec((0_i64..16, 0_i64..16), 1..4),
            bits in prop::collection::vec((0_u32..4).prop_map(|bit| 1_i64 << bit), 1..4),
            lacks in 0_i64..16,
        ) {
            let said = |when: &[(i64, i64)]| Demand::of(when).map(|Demand { has, lacks, any }| {
                let holds = move |state| {
                    state & has == has && state & lacks == 0 && (any == 0 || state & any != 0)
                };
                (0..16).filter(|state| holds(*state)).collect::<Vec<i64>>()
            });
            let meant = |when: &[(i64, i64)]| {
                let holds = |state: &i64| when.iter().any(|(has, lacks)| {
                    state & has == *has && state & lacks == 0
                });
                (0..16).filter(holds).collect::<Vec<_>>()
            };
            let singles: Vec<_> = bits.into_iter().map(|has| (has, lacks)).collect();
            prop_assert_eq!(said(&singles), Some(meant(&singles)));
            prop_assert!(said(&when).is_none_or(|said| said == meant(&when)));
        }
    }
}
