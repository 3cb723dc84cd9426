//! SQL of the checks of a stored history, and the decoding of the rows that they return.
//!
//! The database reads each log once, in the order of its primary key, and returns only suspect
//! rows. Their columns are texts and 64-bit integers, which both databases can return.

use std::fmt::Write;

use sqlx::{ColumnIndex, Decode, Row, Type};
use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::literal;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::suspects::{
    HEAD, HistorySql, PrecedingEvent, SuspectEvent, SuspectHead, SuspectRows, Suspects,
};
use crate::store::rules::checks::{Columns, generation_begun, required_checks, rules_check};

impl Suspects {
    /// Decodes the rows that the statements returned.
    pub(crate) fn of<'r, R>(
        rows: &'r SuspectRows<R>,
        failed: fn(sqlx::Error) -> Error,
    ) -> Result<Self, Error>
    where
        R: Row,
        for<'c> &'c str: ColumnIndex<R>,
        String: Decode<'r, R::Database> + Type<R::Database>,
        i64: Decode<'r, R::Database> + Type<R::Database>,
    {
        let mut found = Self::default();
        for row in &rows.counts {
            found.events = count(row, "events", failed)?;
            found.entities = count(row, "entities", failed)?;
        }
        for row in &rows.events {
            found.of_events.push(event(row, failed)?);
        }
        for row in &rows.twice {
            found.twice.push(twice(row, failed)?);
        }
        for row in &rows.heads {
            found.heads.push(head(row, failed)?);
        }
        Ok(found)
    }
}

impl HistorySql {
    /// Writes the statements for an entity type.
    ///
    /// `payload` is the SQL of a payload that may be read as JSON.
    pub(crate) fn of(context: &EntityContext, options: &SchemaOptions, payload: &str) -> Self {
        let (log, heads) = (context.names.log(), context.names.heads());
        let id = context.names.id_column();
        Self {
            events: events(context, options, payload),
            twice: format!(
                "SELECT CAST({id} AS text) AS entity_id, CAST(event_id AS text) AS event_id,
    CAST(max(seq) AS bigint) AS seq
FROM {log} GROUP BY event_id, {id} HAVING count(*) > 1 ORDER BY 1, 2 LIMIT $1"
            ),
            heads: of_heads(context),
            counts: format!(
                "SELECT (SELECT count(*) FROM {log}) AS events, (SELECT count(*) FROM {heads}) AS entities"
            ),
        }
    }
}

/// Returns the statement that checks each event against the previous one.
fn events(context: &EntityContext, options: &SchemaOptions, payload: &str) -> String {
    let machine = context.rules.machine;
    let begins = generation_begun(machine, &context.codes, "event_type");
    let required = required_checks(machine, &context.codes, Columns::Plain);
    let missing = if required.is_empty() {
        "CAST(NULL AS text)".to_owned()
    } else {
        let arms = required
            .iter()
            .fold(String::new(), |mut arms, (field, condition)| {
                // Writing into a string cannot fail.
                let _ = write!(
                    arms,
                    " WHEN NOT coalesce({condition}, FALSE) THEN {}",
                    literal(field)
                );
                arms
            });
        format!("CASE{arms} END")
    };
    // On Citus each node draws log sequences of its own.
    let (log_seq, log_seqs) = if options.citus {
        ("CAST(NULL AS bigint)", "")
    } else {
        ("lag(clock) OVER stream", " AND clock > before_clock")
    };
    format!(
        "SELECT CAST(entity_id AS text) AS entity_id, CAST(seq AS bigint) AS seq,
    CAST(event_type AS bigint) AS event_type, prior_state, state,
    CAST(version AS bigint) AS version, clock, CAST(recorded_at AS text) AS recorded_at, missing,
    CAST(before_seq AS bigint) AS before_seq, before_state,
    CAST(before_version AS bigint) AS before_version, before_clock,
    CAST(before_at AS text) AS before_at,
    CAST(CASE WHEN before_at > recorded_at THEN 1 ELSE 0 END AS bigint) AS is_earlier
FROM (
    SELECT {id} AS entity_id, seq, event_type, prior_state, state, version, clock, recorded_at,
        {missing} AS missing,
        lag(seq) OVER stream AS before_seq, lag(state) OVER stream AS before_state,
        lag(version) OVER stream AS before_version, {log_seq} AS before_clock,
        lag(recorded_at) OVER stream AS before_at
    FROM (
        SELECT {id}, seq, event_type, prior_state, state, version, clock, recorded_at, {payload} AS data
        FROM {log}
    ) AS log WINDOW stream AS (PARTITION BY {id} ORDER BY seq, clock)
) AS event
WHERE NOT coalesce(missing IS NULL
    AND CASE WHEN before_seq IS NULL THEN seq = 1 AND prior_state = 0 AND version = 1
        ELSE seq = before_seq + 1 AND prior_state = before_state
            AND version = before_version{begins}
            AND recorded_at >= before_at{log_seqs} END
    AND {rules}, FALSE)
ORDER BY entity_id, seq LIMIT $1",
        id = context.names.id_column(),
        log = context.names.log(),
        rules = rules_check(machine, &context.codes, Columns::Plain),
    )
}

/// Returns the statement that checks each head against the last event of its entity.
fn of_heads(context: &EntityContext) -> String {
    let (mut both, mut same) = (String::new(), Vec::new());
    for (of_head, of_event) in HEAD {
        let _ = write!(
            both,
            ",\n    CAST(head.{of_head} AS text) AS head_{of_head}, CAST(last.{of_event} AS text) AS last_{of_head}"
        );
        same.push(format!("head.{of_head} = last.{of_event}"));
    }
    format!(
        "SELECT CAST(coalesce(head.id, last.entity_id) AS text) AS entity_id{both}
FROM {heads} AS head FULL JOIN (
    SELECT * FROM (
        SELECT {id} AS entity_id, seq, version, state, event_type, event_id, recorded_at,
            first_value(recorded_at) OVER stream AS created_at, lead(seq) OVER stream AS next_seq
        FROM {log} WINDOW stream AS (PARTITION BY {id} ORDER BY seq)
    ) AS event WHERE next_seq IS NULL
) AS last ON last.entity_id = head.id
WHERE NOT coalesce({same}, FALSE)
ORDER BY 1 LIMIT $1",
        heads = context.names.heads(),
        log = context.names.log(),
        id = context.names.id_column(),
        same = same.join(" AND "),
    )
}

/// Parses an id.
fn uuid(text: &str) -> Result<Uuid, Error> {
    text.parse()
        .map_err(|_| Error::database(format!("the id '{text}' is not a UUID")))
}

/// Decodes a row of [`HistorySql::events`].
fn event<'r, R>(row: &'r R, failed: fn(sqlx::Error) -> Error) -> Result<SuspectEvent, Error>
where
    R: Row,
    for<'c> &'c str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column: &str| row.try_get::<Option<String>, _>(column).map_err(failed);
    let integer = |column: &str| row.try_get::<Option<i64>, _>(column).map_err(failed);
    let or_zero = |column: &str| integer(column).map(Option::unwrap_or_default);
    let previous = match integer("before_seq")? {
        None => None,
        Some(seq) => Some(PrecedingEvent {
            seq,
            state: or_zero("before_state")?,
            generation: or_zero("before_version")?,
            log_seq: or_zero("before_clock")?,
            recorded_at: text("before_at")?.unwrap_or_default(),
            is_later: or_zero("is_earlier")? != 0,
        }),
    };
    Ok(SuspectEvent {
        entity_id: uuid(&text("entity_id")?.unwrap_or_default())?,
        seq: or_zero("seq")?,
        event_type: or_zero("event_type")?,
        prior_state: or_zero("prior_state")?,
        state: or_zero("state")?,
        generation: or_zero("version")?,
        log_seq: or_zero("clock")?,
        recorded_at: text("recorded_at")?.unwrap_or_default(),
        missing: text("missing")?,
        previous,
    })
}

/// Decodes a row of [`HistorySql::twice`].
fn twice<'r, R>(row: &'r R, failed: fn(sqlx::Error) -> Error) -> Result<(Uuid, Uuid, i64), Error>
where
    R: Row,
    for<'c> &'c str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column: &str| row.try_get::<String, _>(column).map_err(failed);
    Ok((
        uuid(&text("entity_id")?)?,
        uuid(&text("event_id")?)?,
        row.try_get("seq").map_err(failed)?,
    ))
}

/// Decodes a row of [`HistorySql::heads`].
fn head<'r, R>(row: &'r R, failed: fn(sqlx::Error) -> Error) -> Result<SuspectHead, Error>
where
    R: Row,
    for<'c> &'c str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    let (mut head, mut last) = (
        <[Option<String>; 7]>::default(),
        <[Option<String>; 7]>::default(),
    );
    for (at, (column, _)) in HEAD.iter().enumerate() {
        head[at] = row.try_get(&*format!("head_{column}")).map_err(failed)?;
        last[at] = row.try_get(&*format!("last_{column}")).map_err(failed)?;
    }
    let entity_id: String = row.try_get("entity_id").map_err(failed)?;
    Ok(SuspectHead {
        entity_id: uuid(&entity_id)?,
        last,
        head,
    })
}

/// Decodes a number of [`HistorySql::counts`].
fn count<'r, R>(row: &'r R, column: &str, failed: fn(sqlx::Error) -> Error) -> Result<u64, Error>
where
    R: Row,
    for<'c> &'c str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let count: i64 = row.try_get(column).map_err(failed)?;
    Ok(count.unsigned_abs())
}
