//! Function that appends one event by the name of its type: for people and for programs in other
//! languages.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::postgres::ddl::append::batch::BATCH;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::outcomes::{BUSY, REFUSED, REPEATED};
use crate::store::postgres::ddl::append::settings::SETTINGS;
use crate::store::postgres::ddl::json_fault::JSON_FAULT;
use crate::store::sql::statements::IDEMPOTENCY;

/// Suffix of the name of the function.
pub(crate) const BY_NAME: &str = "append";

/// Types of the arguments.
pub(crate) const BY_NAME_ARGUMENTS: &str = "uuid, text, json, integer, json, text";

/// Returns the SQL that creates the function. Its errors have SQLSTATEs of class `EV`.
#[allow(clippy::too_many_lines, reason = "one text of SQL")]
pub(crate) fn create(migration: &Migration, rules: &Expressions<'_>) -> String {
    let names = &migration.names;
    let entity = literal(names.entity());
    let missing = match rules.missing_field("kind", "data") {
        Some(missing) => format!(
            "
        missing := {missing};
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION 'Event type ''%'' requires ''%''', event_type, missing USING ERRCODE = 'EV003',
                HINT = 'Give the field a value that is not null.';
        END IF;"
        ),
        None => String::new(),
    };
    let uncounted = match migration.counts {
        true => "
        IF given_id IS NOT NULL AND answer.other_seqs[1] = 0 THEN
            RAISE EXCEPTION 'id % was not allocated by the counter', given_id USING ERRCODE = 'EV007',
                HINT = 'Begin an entity with NULL as its id.';
        END IF;",
        false => "",
    };
    let new_id = match migration.counts {
        true => "",
        false => "
    IF given_id IS NULL THEN
        given_id := (left(now_hex, 8) || '-' || right(now_hex, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid;
    END IF;",
    };
    format!(
        "
CREATE FUNCTION {by_name}(
    entity_id uuid, event_type text, data json DEFAULT '{{}}', expected_seq integer DEFAULT NULL,
    metadata json DEFAULT '{{}}', idempotency_key text DEFAULT NULL)
RETURNS SETOF {view} LANGUAGE plpgsql {SETTINGS} AS $$
#variable_conflict use_variable
DECLARE
    given_id uuid := entity_id;
    kind smallint := {number};
    now_hex text := lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0');
    event_id uuid := (left(now_hex, 8) || '-' || right(now_hex, 4) || '-7'
        || substr(gen_random_uuid()::text, 16, 19) || '00')::uuid;
    answer record;
    fault text;
    missing text;
    stored record;
BEGIN
    IF kind IS NULL THEN
        RAISE EXCEPTION 'unknown event type ''%''', event_type USING ERRCODE = 'EV005';
    END IF;
    fault := coalesce({json_fault}(data), CASE WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' END,
        CASE WHEN data IS NULL THEN 'is NULL' END);
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'the data of ''%'' %', event_type, fault USING ERRCODE = 'EV006';
    END IF;
    fault := coalesce({json_fault}(metadata), CASE WHEN metadata IS NULL THEN 'is NULL' END);
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'the metadata of ''%'' %', event_type, fault USING ERRCODE = 'EV006';
    END IF;{new_id}
    SELECT * INTO answer FROM {batch}(ARRAY[given_id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
        ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[metadata::text], ARRAY[idempotency_key], true);
    CASE coalesce(answer.other_outcomes[1], 0)
    WHEN {REFUSED} THEN
        IF expected_seq <> answer.other_seqs[1] THEN
            RAISE EXCEPTION 'entity % has changed: expected sequence %, actual %',
                given_id, expected_seq, answer.other_seqs[1] USING ERRCODE = 'EV002',
                HINT = 'Read the entity again, and decide again.';
        END IF;{missing}
        IF ({legal}) IS NOT TRUE THEN
            IF answer.other_seqs[1] = 0 THEN
                RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type USING ERRCODE = 'EV001';
            END IF;
            RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type,
                array_to_string({names_of_state}, ', ')
                USING ERRCODE = 'EV001', DETAIL = format('entity %s at sequence %s', given_id, answer.other_seqs[1]);
        END IF;{uncounted}
        RAISE EXCEPTION 'no auto transition can follow event type ''%'' with this data', event_type
            USING ERRCODE = 'EV008';
    WHEN {BUSY} THEN
        RAISE EXCEPTION 'another transaction is creating entity %', given_id
            USING ERRCODE = 'serialization_failure', HINT = 'Try again.';
    WHEN {REPEATED} THEN
        SELECT event.{id} AS id, event.event_type, event.data,
            (SELECT array_agg((answered ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS answered) AS seqs
        INTO stored
        FROM {keys} AS taken
        JOIN {log} AS event ON event.{id} = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer
        WHERE taken.entity = {entity} AND taken.key = idempotency_key;
        IF stored.event_type IS DISTINCT FROM kind OR stored.data::jsonb IS DISTINCT FROM data::jsonb
            OR stored.id IS DISTINCT FROM coalesce(entity_id, stored.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' was used for another request', idempotency_key
                USING ERRCODE = 'EV004';
        END IF;
        RETURN QUERY SELECT * FROM {view} AS event
            WHERE event.{id} = stored.id AND event.seq = ANY (stored.seqs) ORDER BY event.seq;
    ELSE
        RETURN QUERY SELECT * FROM {view} AS event
            WHERE event.{id} = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
    END CASE;
END $$;
",
        by_name = names.function(BY_NAME),
        batch = names.function(BATCH),
        view = names.view(),
        number = rules.number("event_type"),
        json_fault = names.shared(JSON_FAULT),
        legal = rules.is_legal("kind", "answer.other_states[1]"),
        names_of_state = rules.names("answer.other_states[1]"),
        keys = names.shared(IDEMPOTENCY),
        log = names.log(),
        id = names.id_column(),
    )
}
