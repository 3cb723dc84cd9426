//! Function that appends a single event: the most frequent append, at the least cost.
//!
//! A call locks the head, applies the rules, moves the head and stores the event. It never waits for
//! a locked head, so that those who are sent after it never wait for one either.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::outcomes::{
    AUTO_FOLLOWS, BUSY, REFUSED, REPEATED, STORED,
};
use crate::store::postgres::ddl::append::settings::{BEGIN_WRITES, END_WRITES, SETTINGS};
use crate::store::postgres::ddl::keys::KeySql;
use crate::store::postgres::sqlstates::CREATED_MEANWHILE;
use crate::store::sql::statements::{KEYS, LOG_SEQ};

/// Suffix of the name of the function.
pub(crate) const ONE: &str = "append_one";

/// Types of the arguments.
pub(crate) const ONE_ARGUMENTS: &str = "uuid, smallint, uuid, integer, text, text, text, bigint";

/// Returns the SQL that creates the function.
///
/// `unknown_types`: bits of the event types that the program does not know. It could not read a state
/// that has one, and is refused. A machine whose ids are counted begins entities by the batch function only, which takes the
/// number.
pub(crate) fn create(migration: &Migration, rules: &Expressions<'_>) -> String {
    let names = &migration.names;
    let keys = KeySql::new(names, &migration.options);
    let forget = match keys.forget("1") {
        forget if forget.is_empty() => forget,
        forget => format!("\n    IF idempotency_key IS NOT NULL THEN{forget}\n    END IF;"),
    };
    let missing = match rules.missing_field("event_type", "data::json") {
        Some(missing) => format!("\n            OR ({missing}) IS NOT NULL"),
        None => String::new(),
    };
    let uncounted = match migration.counts {
        true => "\n            OR seq = 0",
        false => "",
    };
    let auto = match rules.auto_transition("state") {
        Some(auto) => format!(
            "
    IF ({auto}) IS NOT NULL THEN
        outcome := {AUTO_FOLLOWS};
        RETURN;
    END IF;"
        ),
        None => String::new(),
    };
    format!(
        "
CREATE OR REPLACE FUNCTION {one}(
    entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text,
    idempotency_key text, unknown_types bigint DEFAULT 0,
    OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint,
    OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamptz, OUT clock bigint)
LANGUAGE plpgsql {SETTINGS} AS $$
#variable_conflict use_variable
DECLARE
    prior_version integer;
    asked_by text;
    marker text;
BEGIN
    outcome := {REFUSED};
    IF expected_seq IS DISTINCT FROM 0 THEN
        SELECT head.seq, head.version, head.state, head.last_event_id, head.updated_at
        INTO seq, version, prior_state, parent_id, recorded_at
        FROM {heads} AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF {is_taken} THEN
            outcome := {REPEATED};
            RETURN;
        END IF;
    END IF;
    IF expected_seq <> seq OR prior_state & unknown_types <> 0{unknown_after}
            OR ({legal}) IS NOT TRUE{missing}{uncounted}
    THEN
        IF seq = 0 THEN
            PERFORM FROM {heads} AS head WHERE head.id = entity_id;
            IF FOUND THEN
                outcome := {BUSY};
            END IF;
        END IF;
        RETURN;
    END IF;
    state := {after};{auto}
    prior_version := version;
    version := CASE WHEN seq = 0 THEN 1 WHEN {restarts} THEN version + 1 ELSE version END;
    seq := seq + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    {BEGIN_WRITES}
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO {keys} AS taken (entity, key, actor, answered, created_at)
        VALUES ({entity}, idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        {on_conflict};
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = '{CREATED_MEANWHILE}', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO {heads} (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        VALUES (entity_id, seq, version, state, event_type, event_id, recorded_at, recorded_at)
        ON CONFLICT (id) DO NOTHING;
        IF NOT FOUND THEN
            IF idempotency_key IS NOT NULL THEN
                RAISE EXCEPTION 'another transaction created entity % at the same moment', entity_id
                    USING ERRCODE = '{CREATED_MEANWHILE}', HINT = 'Try again: it can be read now.';
            END IF;
            {END_WRITES}
            outcome := {BUSY};
            RETURN;
        END IF;
    ELSE
        UPDATE {heads} AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval({log_seq});
    INSERT INTO {log} ({id}, seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    {END_WRITES}{forget}
    outcome := {STORED};
END $$;
",
        one = names.function(ONE),
        heads = names.heads(),
        keys = names.shared(KEYS),
        is_taken = keys.is_taken("idempotency_key", "asked_by"),
        on_conflict = keys.on_conflict(),
        entity = literal(names.entity()),
        legal = rules.is_legal("event_type", "prior_state"),
        unknown_after = rules.unknown_after("OR", "event_type", "prior_state", "<>"),
        after = rules.state_after("event_type", "prior_state"),
        restarts = rules.restarts("event_type"),
        log_seq = literal(&names.shared(LOG_SEQ)),
        log = names.log(),
        id = names.id_column(),
    )
}
