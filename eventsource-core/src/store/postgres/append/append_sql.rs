//! General statement: appends to many entities.
//!
//! For each part, the statement takes the head row under its lock, picks the course whose demands
//! the state meets, and writes what that course says. A part that is refused writes nothing and
//! leaves the others alone. What is returned of each part is the head that was found, from which
//! the caller knows the reason.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres};

use crate::Metadata;
use crate::store::contract::names::Names;
use crate::store::contract::rows::Payload;
use crate::store::postgres::append::prepared::Prepared;
use crate::store::postgres::append::{heads_sql, key_sql};

/// Treatment of a head that another transaction has locked.
#[derive(Clone, Copy)]
pub(crate) enum Locked {
    /// Wait for the lock.
    Wait,
    /// Skip the head and report it, so that the other parts do not wait.
    Skip,
}

/// Text of the statement without and with idempotency keys.
#[derive(Debug)]
pub(crate) struct General {
    plain: String,
    keyed: String,
}

impl General {
    pub(crate) fn new(names: &Names, locked: Locked) -> Self {
        Self {
            plain: statement(names, locked, &Keys::default()),
            keyed: statement(names, locked, &Keys::of(names)),
        }
    }

    /// Returns the statement for these parts, no entity twice.
    pub(crate) fn query(&self, parts: &[&Prepared]) -> Query<'static, Postgres, PgArguments> {
        let Some(entity) = parts
            .iter()
            .find_map(|part| Some(part.key.as_ref()?.entity))
        else {
            return query(&self.plain, parts);
        };
        let key = |part: &&Prepared| part.key.as_ref().map(|key| key.key.clone());
        let steps = parts.iter().flat_map(|part| &part.courses);
        let steps = steps.flat_map(|course| &course.steps);
        query(&self.keyed, parts)
            .bind(parts.iter().map(key).collect::<Vec<Option<String>>>())
            .bind(steps.map(|step| !step.foreseen.auto).collect::<Vec<_>>())
            .bind(entity)
    }
}

/// Fragments of the statement for idempotency keys.
#[derive(Default)]
struct Keys {
    /// Columns of the keys in the arguments.
    of_parts: &'static str,
    part: &'static str,
    of_steps: &'static str,
    step: &'static str,
    judged: &'static str,
    row: &'static str,
    is_free: String,
    taken: String,
}

impl Keys {
    fn of(names: &Names) -> Self {
        Self {
            of_parts: ", $22::text[]",
            part: ", key",
            of_steps: ", $23::boolean[]",
            step: ", requested",
            judged: ", part.key",
            row: ", judged.key, step.requested",
            is_free: format!(
                "\n        AND {}",
                key_sql::is_free(names, "$24::text", "judged.key")
            ),
            taken: format!(
                ", taken AS (
    {insert}
    SELECT $24, key, jsonb_agg({answered} ORDER BY seq), created_at
    FROM row WHERE key IS NOT NULL GROUP BY key, id, created_at ORDER BY key
)",
                insert = key_sql::insert(names),
                answered = key_sql::answered("id", "seq", "requested"),
            ),
        }
    }
}

fn statement(names: &Names, locked: Locked, keys: &Keys) -> String {
    let lock = match locked {
        Locked::Wait => "FOR UPDATE",
        Locked::Skip => "FOR UPDATE SKIP LOCKED",
    };
    format!(
        "WITH part AS (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[],
            $4::text[], $5::text[], $6::text[]{of_parts})
        WITH ORDINALITY AS part (id, expected, now, courses, has, lacks{part_key}, number)
), step AS (
    SELECT * FROM unnest($7::integer[], $8::integer[], $9::integer[], $10::uuid[], $11::smallint[],
            $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::integer[], $17::integer[],
            $18::integer[], $19::timestamptz[], $20::jsonb[], $21::jsonb[]{of_steps})
        AS step (part, course, number, event_id, event_type,
            prior_keep, prior_add, keep, add, version, first_version,
            restarting, now, data, metadata{requested})
), head AS MATERIALIZED (
    SELECT * FROM {heads} WHERE id = ANY($1) ORDER BY id {lock}
), judged AS MATERIALIZED (
    SELECT part.id, part.number, part.expected, part.now{judged_key},
        head.seq, head.version, head.state, head.last_event_type, head.last_event_id,
        head.created_at, head.updated_at,
        head.id IS NULL AND (SELECT true FROM {heads} AS other WHERE other.id = part.id) IS NOT NULL
            AS busy,
        (SELECT min(clause.course)
            FROM unnest(part.courses::integer[], part.has::bigint[], part.lacks::bigint[])
                AS clause (course, has, lacks)
            WHERE coalesce(head.state, 0) & clause.has = clause.has
                AND coalesce(head.state, 0) & clause.lacks = 0) AS course
    FROM part LEFT JOIN head ON head.id = part.id
), row AS MATERIALIZED (
    SELECT judged.id, judged.now AS created_at,
        coalesce(judged.seq, 0) + step.number AS seq,
        coalesce(judged.version + step.version, step.first_version) AS version,
        CASE WHEN judged.seq IS NULL AND step.number = 1 THEN 0
            ELSE coalesce(judged.version + step.version, step.first_version) - step.restarting
            END AS prior_version,
        coalesce(judged.state, 0) & step.prior_keep | step.prior_add AS prior_state,
        coalesce(judged.state, 0) & step.keep | step.add AS state,
        greatest(step.now, judged.updated_at) AS recorded_at,
        step.event_id, step.event_type, step.data, step.metadata{row_key}
    FROM judged JOIN step ON step.part = judged.number AND step.course = judged.course
    WHERE NOT judged.busy AND coalesce(judged.expected = coalesce(judged.seq, 0), true){is_free}
), stored AS (
    INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT id, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata
    FROM row ORDER BY id, seq
    RETURNING {id}, seq, clock{returning}
){moved}{taken}
SELECT number, id, seq, version, state, last_event_type, last_event_id, created_at, updated_at,
    busy, course, NULL AS clock
FROM judged
UNION ALL
SELECT NULL, {id}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, clock FROM stored",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        returning = heads_sql::returning(names),
        moved = heads_sql::moved(names),
        of_parts = keys.of_parts,
        part_key = keys.part,
        of_steps = keys.of_steps,
        requested = keys.step,
        judged_key = keys.judged,
        row_key = keys.row,
        is_free = keys.is_free,
        taken = keys.taken,
    )
}

fn query(sql: &str, parts: &[&Prepared]) -> Query<'static, Postgres, PgArguments> {
    let mut columns = Columns::default();
    for (number, part) in (1..).zip(parts) {
        columns.push(number, part);
    }
    let Columns {
        courses,
        has,
        lacks,
        step_part,
        step_course,
        step_number,
        event_id,
        event_type,
        prior_keep,
        prior_add,
        keep,
        add,
        generation,
        first_version,
        restarting,
        now,
        data,
        metadata,
    } = columns;
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(parts.iter().map(|part| part.entity_id).collect::<Vec<_>>())
        .bind(parts.iter().map(|part| part.expected).collect::<Vec<_>>())
        .bind(parts.iter().map(|part| part.now).collect::<Vec<_>>())
        .bind(courses)
        .bind(has)
        .bind(lacks)
        .bind(step_part)
        .bind(step_course)
        .bind(step_number)
        .bind(event_id)
        .bind(event_type)
        .bind(prior_keep)
        .bind(prior_add)
        .bind(keep)
        .bind(add)
        .bind(generation)
        .bind(first_version)
        .bind(restarting)
        .bind(now)
        .bind(data)
        .bind(metadata)
}

/// Arguments: arrays of clauses and steps.
#[derive(Default)]
struct Columns<'a> {
    /// Clauses of each part as the text of an array, since an array of arrays must be rectangular.
    courses: Vec<String>,
    has: Vec<String>,
    lacks: Vec<String>,
    step_part: Vec<i32>,
    step_course: Vec<i32>,
    step_number: Vec<i32>,
    event_id: Vec<uuid::Uuid>,
    event_type: Vec<i16>,
    prior_keep: Vec<i64>,
    prior_add: Vec<i64>,
    keep: Vec<i64>,
    add: Vec<i64>,
    generation: Vec<i32>,
    first_version: Vec<i32>,
    restarting: Vec<i32>,
    now: Vec<DateTime<Utc>>,
    data: Vec<Json<&'a Payload>>,
    metadata: Vec<Json<&'a Metadata>>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, part: i32, prepared: &'a Prepared) {
        let clauses: Vec<(usize, i64, i64)> = prepared.clauses().collect();
        self.courses
            .push(array(clauses.iter().map(|clause| clause.0)));
        self.has.push(array(clauses.iter().map(|clause| clause.1)));
        self.lacks
            .push(array(clauses.iter().map(|clause| clause.2)));
        for (course_number, course) in (0..).zip(&prepared.courses) {
            for (number, step) in (1..).zip(&course.steps) {
                self.step_part.push(part);
                self.step_course.push(course_number);
                self.step_number.push(number);
                self.event_id.push(step.event_id);
                self.event_type.push(step.event_type);
                self.prior_keep.push(step.prior.0);
                self.prior_add.push(step.prior.1);
                self.keep.push(step.after.0);
                self.add.push(step.after.1);
                self.generation.push(step.restarts);
                self.first_version.push(step.first_version);
                self.restarting.push(step.restarting);
                self.now.push(step.now);
                self.data.push(Json(&step.payload));
                self.metadata.push(Json(&step.metadata));
            }
        }
    }
}

fn array(items: impl Iterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    format!("{{{}}}", items.join(","))
}
