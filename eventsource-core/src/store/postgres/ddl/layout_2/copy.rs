//! Copy of the events in batches, in the order of the log sequence.
//!
//! Whoever inserts an event has a lock of the log when its log sequence is drawn. So when those who
//! have a lock are gone, all events up to the last one that was drawn before are committed, and
//! later events have higher log sequences. No lock is taken to find that out.

use crate::Error;
use crate::store::contract::names::literal;
use crate::store::postgres::ddl::layout_2::step::Step;
use crate::store::postgres::ddl::{data_indexes, tables};
use crate::store::postgres::sqlstates::LAYOUT_REFUSED;

/// Events of a batch.
const BATCH: u32 = 5_000;

/// Events of a round below which the rest is left to the next part of the step.
const FEW: u32 = 500;

/// Most rounds, should more events come than can be copied.
const ROUNDS: u32 = 100;

/// Returns the loop that copies what is committed.
///
/// Rounds become shorter, since a round copies what came during the one before.
pub(super) fn batches(step: &Step<'_>, title: &str) -> String {
    let log = step.migration.names.log();
    format!(
        "
-- {title}
DO $copy$ DECLARE
    logs CONSTANT oid[] NOT NULL := ARRAY[{logs}]::regclass[]::oid[];
    writers text[];
    bound bigint;
    start bigint;
    finish bigint;
    copied bigint;
    in_round bigint;
BEGIN
    FOR round IN 1..{ROUNDS} LOOP
        PERFORM {as_owner};
        bound := {last_drawn};
        writers := ARRAY({writers});
        WHILE EXISTS ({writers} AND virtualtransaction = ANY (writers)) LOOP
            COMMIT;
            PERFORM pg_sleep(0.01);
        END LOOP;
        in_round := 0;
        LOOP
            PERFORM {as_owner}, set_config('enable_seqscan', 'off', true);
            SELECT through INTO STRICT start FROM {progress};
            SELECT max(clock) INTO finish FROM (
                SELECT clock FROM {log} WHERE clock > start AND clock <= bound
                ORDER BY clock LIMIT {BATCH}
            ) AS event;
            EXIT WHEN finish IS NULL;
{insert}
            UPDATE {progress} SET through = finish, events = events + copied;
            in_round := in_round + copied;
            COMMIT;
        END LOOP;
        UPDATE {progress} SET through = greatest(through, bound);
        COMMIT;
        EXIT WHEN in_round < {FEW};
    END LOOP;
END $copy$;
",
        logs = literals(&step.logs()),
        writers = WRITERS,
        last_drawn = step.last_drawn(),
        as_owner = step.as_owner(),
        progress = step.progress(),
        insert = insert(step, "clock > start AND clock <= finish"),
    )
}

/// Transactions that may have inserted into one of the `logs`.
const WRITERS: &str = "SELECT virtualtransaction FROM pg_locks
            WHERE locktype = 'relation' AND relation = ANY (logs) AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                    'AccessExclusiveLock')";

/// Returns the statements that copy the events with this condition, and set `copied`.
///
/// An error names the first event that the copy refuses, which no error of the database does.
pub(super) fn insert(step: &Step<'_>, condition: &str) -> String {
    let (names, copy) = (&step.migration.names, &step.scratch.names);
    let id = names.id_column();
    let xid = match step.migration.options.has_outbox() {
        true => "",
        false => "xid, ",
    };
    let columns = format!(
        "{id}, seq, version, clock, {xid}event_id, prior_state, state, recorded_at, prior_version, event_type"
    );
    let insert = format!(
        "INSERT INTO {copy} ({columns}, data, metadata)
                    SELECT {columns}, data::text::json, metadata::text::json FROM {log}",
        copy = copy.log(),
        log = names.log(),
    );
    format!(
        "            BEGIN
                {insert}
                    WHERE {condition};
                GET DIAGNOSTICS copied = ROW_COUNT;
            EXCEPTION WHEN check_violation THEN
                DECLARE
                    event record;
                    rule text;
                BEGIN
                    FOR event IN SELECT {id} AS entity_id, seq FROM {log} WHERE {condition} ORDER BY clock LOOP
                        {insert}
                        WHERE {id} = event.entity_id AND seq = event.seq;
                    END LOOP;
                EXCEPTION WHEN check_violation THEN
                    GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
                    RAISE EXCEPTION 'event % of entity % breaks %: data and metadata are to be objects, the members of metadata what a program reads, and stored events legal under its rules',
                        event.seq, event.entity_id, rule USING ERRCODE = '{LAYOUT_REFUSED}';
                END;
            END;",
        log = names.log(),
    )
}

/// Returns the transaction that makes keys and indexes, which no writer waits for.
pub(super) fn indexes(step: &Step<'_>) -> Result<String, Error> {
    Ok(format!(
        "
-- 3. Keys and indexes of the copy.
BEGIN;
SELECT {as_owner};
{keys}{data_indexes}ANALYZE {copy};
COMMIT;
",
        as_owner = step.as_owner(),
        keys = tables::log_keys(&step.scratch),
        data_indexes = data_indexes::create(&step.scratch, &step.steps.codes)?,
        copy = step.scratch.names.log(),
    ))
}

/// Returns the SQL that fails unless the copy has as many events as the log had so far: neither
/// changes while it counts.
pub(super) fn compare(step: &Step<'_>) -> String {
    format!(
        "DO $$ BEGIN
    PERFORM {as_owner};
    IF (SELECT count(*) FROM {log} WHERE clock <= (SELECT through FROM {progress}))
        <> (SELECT count(*) FROM {copy})
        OR (SELECT events FROM {progress}) <> (SELECT count(*) FROM {copy})
    THEN
        RAISE EXCEPTION 'the copy of % has not all events: were log sequences set back?', {literal}
            USING ERRCODE = '{LAYOUT_REFUSED}';
    END IF;
END $$;
",
        as_owner = step.as_owner(),
        log = step.migration.names.log(),
        copy = step.scratch.names.log(),
        progress = step.progress(),
        literal = literal(&step.migration.names.log()),
    )
}

/// Returns the names as a list of literals.
pub(super) fn literals(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    names.join(", ")
}
