//! Function that appends one event by the name of its type: for people and for programs in other
//! languages.
//!
//! `docs/other_languages.md` says how it is called, and what each error means.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::contract::text_checks::{MAX_ROLES, MAX_TEXT_BYTES};
use crate::store::postgres::ddl::append::answered::ANSWERED;
use crate::store::postgres::ddl::append::batch::BATCH;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::one::ONE;
use crate::store::postgres::ddl::append::outcomes::{BUSY, REFUSED, REPEATED, STORED};
use crate::store::postgres::ddl::append::settings::SETTINGS;
use crate::store::postgres::ddl::json_fault::JSON_FAULT;
use crate::store::postgres::sqlstates::{
    AUTO_TRANSITION_LOOP, CONFLICT, ID_NOT_ALLOCATED, INVALID_ARGUMENT, KEY_REUSED, MISSING_FIELD,
    REJECTED, UNKNOWN_FIELD, UNKNOWN_TYPE, UNREADABLE,
};

/// Suffix of the name of the function.
pub(crate) const BY_NAME: &str = "append";

/// Types of the arguments.
pub(crate) const BY_NAME_ARGUMENTS: &str = "uuid, text, json, integer, json, text";

/// Returns the SQL that creates the function.
///
/// The function checks the arguments, and has the function for one event append, or else the batch
/// function, waiting for a locked head. It returns the rows of the view, or raises why there are none: the head
/// stays locked, so that the reasons are those of the state that refused.
pub(crate) fn create(migration: &Migration, rules: &Expressions<'_>) -> String {
    let names = &migration.names;
    let new_id = match migration.counts {
        true => "",
        false => {
            "
    IF entity_id IS NULL THEN
        id := overlay(event_id::text PLACING substr(gen_random_uuid()::text, 16) FROM 16)::uuid;
    END IF;"
        }
    };
    format!(
        "
CREATE FUNCTION {by_name}(
    entity_id uuid, event_type text, data json DEFAULT '{{}}', expected_seq integer DEFAULT NULL,
    metadata json DEFAULT '{{}}', idempotency_key text DEFAULT NULL)
RETURNS SETOF {view} LANGUAGE plpgsql {SETTINGS} AS $$
#variable_conflict use_variable
DECLARE
    id uuid := entity_id;
    kind smallint := {number};
    now_hex text := lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0');
    -- A UUID of version 7. Auto transitions have the same id but for the last byte, in which they are
    -- counted.
    event_id uuid := (left(now_hex, 8) || '-' || right(now_hex, 4) || '-7'
        || substr(gen_random_uuid()::text, 16, 19) || '00')::uuid;
    subject text := coalesce('entity ' || entity_id, 'a new entity');
    stored_metadata json := metadata;
    alone record;
    answer record;
    at_seq integer;
    state bigint;
    fault text;
    carried json;
    earlier record;
BEGIN{arguments}{new_id}
    IF id IS NOT NULL AND idempotency_key IS NULL THEN
        SELECT * INTO alone FROM {one}(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = {STORED} THEN
            RETURN QUERY SELECT * FROM {view} AS event WHERE event.{id} = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM {batch}(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM {BUSY};
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM {view} AS event
        WHERE event.{id} = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;{repeated}{refused}
END $$;
",
        by_name = names.function(BY_NAME),
        one = names.function(ONE),
        batch = names.function(BATCH),
        view = names.view(),
        number = rules.number("event_type"),
        arguments = arguments(migration, rules),
        repeated = repeated(migration),
        refused = refused(migration, rules),
        id = names.id_column(),
    )
}

/// Returns the checks of what needs no state.
fn arguments(migration: &Migration, rules: &Expressions<'_>) -> String {
    let unknown_field = match rules.lacks_field("kind", "key") {
        None => String::new(),
        Some(lacks) => format!(
            "
    SELECT key INTO fault FROM json_object_keys(data) AS key WHERE {lacks} LIMIT 1;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'event type ''%'' has no field ''%''', event_type, left(fault, 100)
            USING ERRCODE = '{UNKNOWN_FIELD}', HINT = 'Is the name of the field spelled right?';
    END IF;"
        ),
    };
    format!(
        "
    IF kind IS NULL THEN
        RAISE EXCEPTION 'entity type ''%'' has no event type %', {entity}, coalesce(quote_literal(left(event_type, 100)), 'NULL')
            USING ERRCODE = '{UNKNOWN_TYPE}', HINT = 'Its event types are ' || {all_names} || '.';
    END IF;
    IF expected_seq < 0 THEN
        RAISE EXCEPTION 'expected_seq is %', expected_seq USING ERRCODE = '{INVALID_ARGUMENT}',
            HINT = 'Give the seq of the last event that you know, or 0 for an entity that is to be new.';
    END IF;
    IF octet_length(idempotency_key) NOT BETWEEN 1 AND {MAX_TEXT_BYTES} THEN
        RAISE EXCEPTION 'idempotency_key has % bytes', octet_length(idempotency_key)
            USING ERRCODE = '{INVALID_ARGUMENT}', HINT = 'Give 1 to {MAX_TEXT_BYTES} bytes, or NULL for none.';
    END IF;
    fault := CASE WHEN data IS NULL THEN 'is NULL'
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE {json_fault}(data) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'data of event type ''%'' %', event_type, fault USING ERRCODE = '{UNREADABLE}',
            HINT = 'Give an object with the fields of the event.';
    END IF;{unknown_field}
    IF metadata::text IS DISTINCT FROM '{{}}' THEN
        fault := CASE WHEN metadata IS NULL THEN 'is NULL'
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE {json_fault}(metadata) END;
        IF fault IS NULL THEN
            SELECT format('does not have %s as ''%s''',
                CASE key WHEN 'roles' THEN 'a list of texts' WHEN 'idempotency_key' THEN 'the argument idempotency_key'
                    ELSE 'a text' END, key)
            INTO fault FROM json_each(metadata)
            WHERE CASE key
                WHEN 'roles' THEN CASE WHEN json_typeof(value) = 'array'
                    THEN EXISTS (SELECT FROM json_array_elements(value) AS role WHERE json_typeof(role) <> 'string')
                    ELSE true END
                WHEN 'idempotency_key' THEN json_typeof(value) <> 'null' AND value #>> '{{}}' IS DISTINCT FROM idempotency_key
                ELSE key IN ('actor', 'correlation_id', 'causation_id') AND json_typeof(value) NOT IN ('string', 'null')
                END
            LIMIT 1;
        END IF;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION 'metadata of event type ''%'' %', event_type, fault USING ERRCODE = '{UNREADABLE}',
                HINT = 'Give an object; actor, correlation_id and causation_id are texts, roles is a list of texts.';
        END IF;
        SELECT format('%s in metadata has %s bytes', CASE named.key WHEN 'roles' THEN 'a role' ELSE named.key END,
            octet_length(named.text))
        INTO fault FROM (
            SELECT entry.key, entry.value #>> '{{}}' FROM json_each(metadata) AS entry
            WHERE entry.key IN ('actor', 'correlation_id', 'causation_id')
            UNION ALL
            SELECT 'roles', role FROM json_array_elements_text(coalesce(metadata -> 'roles', '[]')) AS role
        ) AS named (key, text)
        WHERE octet_length(named.text) NOT BETWEEN 1 AND {MAX_TEXT_BYTES} LIMIT 1;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION '%', fault USING ERRCODE = '{INVALID_ARGUMENT}',
                HINT = 'Give 1 to {MAX_TEXT_BYTES} bytes; leave out what there is none of.';
        END IF;
        IF json_array_length(coalesce(metadata -> 'roles', '[]')) > {MAX_ROLES} THEN
            RAISE EXCEPTION 'metadata has % roles', json_array_length(metadata -> 'roles')
                USING ERRCODE = '{INVALID_ARGUMENT}', HINT = 'Give at most {MAX_ROLES}.';
        END IF;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        stored_metadata := (SELECT json_object_agg(key, value) FROM (
            SELECT key, value FROM json_each(metadata) WHERE key <> 'idempotency_key'
            UNION ALL SELECT 'idempotency_key', to_json(idempotency_key)) AS entry);
    END IF;",
        entity = literal(migration.names.entity()),
        all_names = rules.all_names(),
        json_fault = migration.names.shared(JSON_FAULT),
    )
}

/// Returns the answer to a key that is stored: the events of then, if the request is the same.
///
/// A field that is null is a field that is absent.
fn repeated(migration: &Migration) -> String {
    let names = &migration.names;
    format!(
        "
    IF answer.other_outcomes[1] = {REPEATED} THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM {answered}(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN {log} AS event ON event.{id} = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = '{KEY_REUSED}', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM {view} AS event
        WHERE event.{id} = earlier.id AND event.seq = ANY (earlier.seqs) ORDER BY event.seq;
        RETURN;
    END IF;",
        answered = names.function(ANSWERED),
        log = names.log(),
        view = names.view(),
        id = names.id_column(),
    )
}

/// Returns the errors of a request that the head refused, in the order of the planner's.
fn refused(migration: &Migration, rules: &Expressions<'_>) -> String {
    let missing = match rules.missing_field("kind", "data") {
        None => String::new(),
        Some(missing) => format!(
            "
    fault := {missing};
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'Event type ''%'' requires ''%''', event_type, fault USING ERRCODE = '{MISSING_FIELD}',
            HINT = 'Give the field a value that is not null.';
    END IF;"
        ),
    };
    let auto = auto_transitions(rules);
    let uncounted = match migration.counts {
        false => String::new(),
        true => format!(
            "
    IF at_seq = 0 AND entity_id IS NOT NULL THEN
        RAISE EXCEPTION 'id % was not allocated by the counter', entity_id
            USING ERRCODE = '{ID_NOT_ALLOCATED}', HINT = 'Begin an entity with NULL as its id.';
    END IF;"
        ),
    };
    format!(
        "
    -- {REFUSED}: refused.
    at_seq := answer.other_seqs[1];
    state := answer.other_states[1];
    IF expected_seq <> at_seq THEN
        RAISE EXCEPTION '% is at sequence %, not at the expected %', subject, at_seq, expected_seq
            USING ERRCODE = '{CONFLICT}', HINT = 'Read the entity again, and decide again.';
    END IF;{missing}
    IF ({legal}) IS NOT TRUE THEN
        IF at_seq = 0 THEN
            RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type
                USING ERRCODE = '{REJECTED}', DETAIL = format('There is no event of %s.', subject),
                HINT = 'Initial may be: ' || array_to_string({legal_names}, ', ') || '.';
        END IF;
        RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type, array_to_string({names}, ', ')
            USING ERRCODE = '{REJECTED}', DETAIL = format('That is the state of %s at sequence %s.', subject, at_seq),
            HINT = coalesce('Now may follow: ' || nullif(array_to_string({legal_names}, ', '), '') || '.', 'No event may follow.');
    END IF;{auto}{uncounted}
    RAISE EXCEPTION 'event type ''%'' was refused', event_type USING ERRCODE = '{REJECTED}';",
        legal = rules.is_legal("kind", "state"),
        legal_names = rules.legal_names("state"),
        names = rules.names("state"),
    )
}

/// Returns the errors of auto transitions that cannot follow a legal event.
fn auto_transitions(rules: &Expressions<'_>) -> String {
    let Some(auto) = rules.auto_transition("state") else {
        return String::new();
    };
    // The name of the only event type in a set.
    let name = rules.names("(1::bigint << kind)");
    let missing = match rules.missing_field("kind", "carried") {
        None => String::new(),
        Some(missing) => format!(
            "
        carried := {carried};
        fault := {missing};
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION 'auto transition ''%'' after ''%'' requires ''%''', ({name})[1], event_type, fault
                USING ERRCODE = '{MISSING_FIELD}', HINT = 'Give the field to the event that is appended.';
        END IF;",
            carried = rules.carried("kind", "data"),
        ),
    };
    format!(
        "
    FOR step IN 1 .. 256 LOOP
        state := {after};
        kind := {auto};
        EXIT WHEN kind IS NULL;
        IF step = 256 THEN
            RAISE EXCEPTION 'auto transitions after ''%'' have no end', event_type
                USING ERRCODE = '{AUTO_TRANSITION_LOOP}', HINT = 'The rules of the machine have to change.';
        END IF;{missing}
    END LOOP;",
        after = rules.state_after("kind", "state"),
    )
}
