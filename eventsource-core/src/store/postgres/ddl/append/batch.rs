//! Function that appends any number of events, of any number of requests and entities, in order.
//!
//! Each request is stored as a whole or not at all. The call locks all heads in the order of their
//! ids, then the counter, then applies the rules event by event in memory, and writes what is left.
//! Two calls therefore wait for each other but do not deadlock, unless they store the same new
//! idempotency keys in opposite orders.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::outcomes::{BUSY, REFUSED, REPEATED, STORED};
use crate::store::postgres::ddl::append::settings::{BEGIN_WRITES, END_WRITES, SETTINGS};
use crate::store::postgres::ddl::keys::KeySql;
use crate::store::postgres::sqlstates::{CREATED_MEANWHILE, INVALID_ARGUMENT};
use crate::store::sql::statements::{COUNTERS, KEYS, LOG_SEQ};

/// Suffix of the name of the function.
pub(crate) const BATCH: &str = "append_batch";

/// Types of the arguments.
pub(crate) const BATCH_ARGUMENTS: &str = "uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint";

/// Most auto transitions after one event: their ids count on from the event's in the last byte.
const MAX_AUTO_TRANSITIONS: u8 = 255;

/// Parts of the function that only some machines need.
struct Parts {
    /// Declarations, assignments and conditions for counted ids.
    declare_number: String,
    take_counter: String,
    begin_entity: String,
    save_number: &'static str,
    restore_number: &'static str,
    give_number_back: &'static str,
    move_counter: String,
    /// Refusal of an event without a required field.
    missing: String,
    /// Storing of auto transitions.
    auto: String,
    begin_autos: &'static str,
    forget_auto: &'static str,
}

impl Parts {
    fn of(migration: &Migration, rules: &Expressions<'_>) -> Self {
        let names = &migration.names;
        let (counters, entity) = (names.shared(COUNTERS), literal(names.entity()));
        let mut parts = Self {
            declare_number: String::new(),
            take_counter: String::new(),
            begin_entity: String::new(),
            save_number: "",
            restore_number: "",
            give_number_back: "",
            move_counter: String::new(),
            missing: String::new(),
            auto: "\n                EXIT;".to_owned(),
            begin_autos: "",
            forget_auto: "",
        };
        if migration.counts {
            "\n    number bigint;\n    number_before bigint;".clone_into(&mut parts.declare_number);
            parts.take_counter = format!(
                "
    -- New entities: nobody else takes a number before the end of the transaction.
    IF array_position(entity_ids, NULL) IS NOT NULL THEN
        SELECT counter.last INTO number FROM {counters} AS counter
        WHERE counter.entity = {entity} FOR UPDATE;
    END IF;"
            );
            parts.save_number = "\n        number_before := number;";
            parts.begin_entity = format!(
                "
            IF entity_ids[place] IS NULL THEN
                -- An earlier attempt whose answer was lost may have begun the entity.
                PERFORM FROM {log} AS event WHERE event.event_id = event_ids[source];
                IF FOUND THEN
                    outcome := {REPEATED};
                    CONTINUE;
                END IF;
                number := number + 1;
                entity_ids[place] := ('0000000000008000' || to_hex(number | (1::bigint << 63)))::uuid;
                begun := begun || place;
            ELSIF seq = 0 THEN
                outcome := {REFUSED};
            END IF;",
                log = names.log(),
            );
            parts.restore_number = "
            number := number_before;
            FOREACH place IN ARRAY begun LOOP
                entity_ids[place] := NULL;
            END LOOP;";
            parts.give_number_back = "\n        begun := '{}';";
            parts.declare_number += "\n    begun integer[];";
            parts.move_counter = format!(
                "
    UPDATE {counters} AS counter SET last = number WHERE counter.entity = {entity} AND number > counter.last;"
            );
        }
        if let Some(missing) = rules.missing_field("kind", "payloads[source]::json") {
            parts.missing = format!(" OR ({missing}) IS NOT NULL");
        }
        if let Some(auto) = rules.auto_transition("state") {
            let missing = match rules.missing_field("kind", "auto_data[row_count + 1]::json") {
                Some(missing) => format!(" OR ({missing}) IS NOT NULL"),
                None => String::new(),
            };
            parts.auto = format!(
                "
                kind := {auto};
                EXIT WHEN kind IS NULL;
                step := step + 1;
                auto_types[row_count + 1] := kind;
                auto_steps[row_count + 1] := step;
                IF carried[source] IS NULL THEN
                    auto_data[row_count + 1] := {built}::text;
                ELSE
                    auto_data[row_count + 1] := carried[source]::json ->> kind::text;
                END IF;
                IF auto_data[row_count + 1] IS NULL OR step > {MAX_AUTO_TRANSITIONS}
                    OR unknown_types & (1::bigint << kind) <> 0{unknown_after}{missing}
                THEN
                    auto_types[row_count + 1] := NULL;
                    auto_steps[row_count + 1] := NULL;
                    auto_data[row_count + 1] := NULL;
                    outcome := {REFUSED};
                    EXIT;
                END IF;",
                unknown_after = rules.unknown_after("OR", "kind", "state", "<>"),
                built = rules.carried("kind", "payloads[source]::json"),
            );
            // An array that begins at its first element, whichever is assigned first.
            parts.begin_autos = "
    auto_types := ARRAY[NULL]::smallint[];
    auto_steps := ARRAY[NULL]::integer[];
    auto_data := ARRAY[NULL]::text[];";
            parts.forget_auto = "
                auto_types[row_count] := NULL;
                auto_steps[row_count] := NULL;
                auto_data[row_count] := NULL;";
        }
        parts
    }
}

/// Returns the SQL that creates the function.
///
/// Arrays of the arguments are by entity (`entity_ids`; NULL is for the counter to name), by event
/// (`event_requests` to `carried`) and by request (`metadata`, `keys`). An event without a type is a
/// condition: its entity has to be at the expected sequence. `unknown_types`: bits of the event types
/// that the program does not know; it could read no state that has one, and is refused. The answer has the heads that were
/// found, the stored events with the numbers of the rows before them, and the requests that were not
/// stored with the head that refused each.
#[allow(clippy::too_many_lines, reason = "one text of SQL")]
pub(crate) fn create(migration: &Migration, rules: &Expressions<'_>) -> String {
    let names = &migration.names;
    let lock = |how: &str| {
        format!(
            "FOR locked IN
            SELECT found.seq, found.version, found.state, found.last_event_id, found.updated_at,
                asked.place
            FROM unnest(entity_ids) WITH ORDINALITY AS asked (id, place)
            JOIN {heads} AS found ON found.id = asked.id
            ORDER BY found.id FOR UPDATE OF found{how}
        LOOP
            head_seqs[locked.place] := locked.seq;
            head_versions[locked.place] := locked.version;
            head_states[locked.place] := locked.state;
            head_events[locked.place] := locked.last_event_id;
            head_times[locked.place] := locked.updated_at;
        END LOOP;",
            heads = names.heads(),
        )
    };
    let keys = KeySql::new(names, &migration.options);
    let forget = match keys.forget("key_count") {
        forget if forget.is_empty() => forget,
        forget => format!("\n    IF key_count > 0 THEN{forget}\n    END IF;"),
    };
    let Parts {
        declare_number,
        take_counter,
        begin_entity,
        save_number,
        restore_number,
        give_number_back,
        move_counter,
        missing,
        auto,
        begin_autos,
        forget_auto,
    } = Parts::of(migration, rules);
    format!(
        "
CREATE OR REPLACE FUNCTION {batch}(
    INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[],
    event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[],
    keys text[], waits boolean, unknown_types bigint DEFAULT 0,
    OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[],
    OUT head_times timestamptz[], OUT stored_at timestamptz,
    OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[],
    OUT states bigint[], OUT clocks bigint[],
    OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[],
    OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[],
    OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[])
LANGUAGE plpgsql {SETTINGS} AS $$
#variable_conflict use_variable
DECLARE
    head_versions integer[];
    -- The last row of each entity, by its place; 0 while it has none.
    last_rows integer[];
    row_count integer := 0;
    other_count integer := 0;
    source integer;
    next_source integer := 1;
    locked record;
    created integer;
    outcome smallint;
    first_row integer;
    place integer;
    before integer;
    kind smallint;
    step integer;
    seq integer;
    version integer;
    state bigint;
    asked_by text;
    key_count integer := 0;
    marker text;{declare_number}
BEGIN
    -- Places are counted in two ways below, which differ for any other array.
    IF array_ndims(entity_ids) <> 1 OR array_lower(entity_ids, 1) <> 1 THEN
        RAISE EXCEPTION 'entity_ids is not an array of one dimension that begins at 1'
            USING ERRCODE = '{INVALID_ARGUMENT}';
    END IF;{begin_autos}
    head_seqs := array_fill(0, ARRAY[cardinality(entity_ids)]);
    head_versions := head_seqs;
    last_rows := head_seqs;
    head_states := array_fill(0::bigint, ARRAY[cardinality(entity_ids)]);
    head_events := array_fill(NULL::uuid, ARRAY[cardinality(entity_ids)]);
    head_times := array_fill(NULL::timestamptz, ARRAY[cardinality(entity_ids)]);
    IF waits THEN
        {lock}
    ELSE
        {lock_free}
    END IF;{take_counter}
    stored_at := clock_timestamp();
    FOR request IN 1 .. cardinality(metadata) LOOP
        outcome := {STORED};
        first_row := row_count + 1;{save_number}{give_number_back}
        IF keys[request] IS NOT NULL THEN
            asked_by := coalesce(metadata[request]::json ->> 'actor', '');
            IF {is_taken} THEN
                outcome := {REPEATED};
                place := event_entities[next_source];
            END IF;
        END IF;
        WHILE event_requests[next_source] = request LOOP
            source := next_source;
            next_source := next_source + 1;
            CONTINUE WHEN outcome <> {STORED};
            place := event_entities[source];
            kind := event_types[source];
            before := last_rows[place];
            IF before = 0 THEN
                seq := head_seqs[place];
                version := head_versions[place];
                state := head_states[place];
            ELSE
                seq := seqs[before];
                version := versions[before];
                state := states[before];
            END IF;{begin_entity}
            -- An event of a place that no entity has is in no state.
            IF seq IS NULL OR expected_seqs[source] <> seq OR state & unknown_types <> 0{unknown_after}
                OR kind IS NOT NULL AND ((
                {legal}) IS NOT TRUE{missing})
            THEN
                outcome := {REFUSED};
            END IF;
            CONTINUE WHEN outcome <> {STORED} OR kind IS NULL;
            step := 0;
            LOOP
                state := {after};
                version := CASE WHEN seq = 0 THEN 1 WHEN {restarts} THEN version + 1 ELSE version END;
                seq := seq + 1;
                row_count := row_count + 1;
                sources[row_count] := source;
                befores[row_count] := before;
                seqs[row_count] := seq;
                versions[row_count] := version;
                states[row_count] := state;
                clocks[row_count] := nextval({log_seq});
                before := row_count;
                last_rows[place] := row_count;{auto}
            END LOOP;
        END LOOP;
        IF outcome = {STORED} AND keys[request] IS NOT NULL THEN
            INSERT INTO {taken} AS taken (entity, key, actor, answered, created_at)
            SELECT {entity}, keys[request], asked_by, coalesce(jsonb_agg(jsonb_build_object(
                    'entity_id', entity_ids[event_entities[sources[at]]], 'seq', seqs[at],
                    'requested', auto_types[at] IS NULL) ORDER BY at), '[]'), stored_at
            FROM generate_series(first_row, row_count) AS at
            {on_conflict};
            IF FOUND THEN
                key_count := key_count + 1;
            ELSE
                outcome := {REPEATED};
            END IF;
        END IF;
        IF outcome <> {STORED} THEN
            -- The request leaves nothing behind.
            WHILE row_count >= first_row LOOP
                last_rows[event_entities[sources[row_count]]] := befores[row_count];{forget_auto}
                row_count := row_count - 1;
            END LOOP;
            before := last_rows[place];
            other_count := other_count + 1;
            other_requests[other_count] := request;
            other_places[other_count] := place;
            IF before > 0 THEN
                other_seqs[other_count] := seqs[before];
                other_versions[other_count] := versions[before];
                other_states[other_count] := states[before];
            ELSE
                other_seqs[other_count] := head_seqs[place];
                other_versions[other_count] := head_versions[place];
                other_states[other_count] := head_states[place];
                IF outcome = {REFUSED} AND head_seqs[place] = 0 THEN
                    PERFORM FROM {heads} AS found WHERE found.id = entity_ids[place];
                    IF FOUND THEN
                        outcome := {BUSY};
                    END IF;
                END IF;
            END IF;
            other_outcomes[other_count] := outcome;{restore_number}
        END IF;
    END LOOP;
    sources := sources[:row_count];
    befores := befores[:row_count];
    seqs := seqs[:row_count];
    versions := versions[:row_count];
    states := states[:row_count];
    clocks := clocks[:row_count];
    IF row_count = 0 THEN
        RETURN;
    END IF;
    {BEGIN_WRITES}{move_counter}
    IF 0 < ANY (head_seqs) THEN
        UPDATE {heads} AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = {last_id}, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO {heads} (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT last.id, seqs[last.at], versions[last.at], states[last.at],
            coalesce(auto_types[last.at], event_types[sources[last.at]]),
            {last_id}, stored_at, stored_at
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found = 0 AND last.at > 0 ORDER BY last.id
        ON CONFLICT (id) DO NOTHING;
        GET DIAGNOSTICS created = ROW_COUNT;
        IF created < (SELECT count(*) FROM unnest(last_rows, head_seqs) AS last (at, found)
                WHERE last.found = 0 AND last.at > 0) THEN
            RAISE EXCEPTION 'another transaction created an entity of the call at the same moment'
                USING ERRCODE = '{CREATED_MEANWHILE}', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    INSERT INTO {log} ({id}, seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    SELECT entity_ids[event_entities[event.source]], event.seq, event.version, event.clock,
        {event_id},
        CASE WHEN event.before > 0 THEN states[event.before]
            ELSE head_states[event_entities[event.source]] END,
        event.state, greatest(stored_at, head_times[event_entities[event.source]]),
        CASE WHEN event.before > 0 THEN versions[event.before]
            ELSE head_versions[event_entities[event.source]] END,
        coalesce(event.auto, event_types[event.source]),
        coalesce(event.data, payloads[event.source])::json,
        metadata[event_requests[event.source]]::json
    FROM unnest(sources, befores, seqs, versions, states, clocks, auto_types, auto_steps, auto_data)
        AS event (source, before, seq, version, state, clock, auto, step, data)
    WHERE event.source IS NOT NULL;
    {END_WRITES}{forget}
END $$;
",
        batch = names.function(BATCH),
        lock = lock(""),
        lock_free = lock(" SKIP LOCKED"),
        taken = names.shared(KEYS),
        is_taken = keys.is_taken("keys[request]", "asked_by"),
        on_conflict = keys.on_conflict(),
        entity = literal(names.entity()),
        legal = rules.is_legal("kind", "state"),
        unknown_after = rules.unknown_after("OR", "kind", "state", "<>"),
        after = rules.state_after("kind", "state"),
        restarts = rules.restarts("kind"),
        log_seq = literal(&names.shared(LOG_SEQ)),
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        last_id = event_id("sources[last.at]", "auto_steps[last.at]"),
        event_id = event_id("event.source", "event.step"),
    )
}

/// Returns the id of an event, or of an auto transition that many steps after it.
fn event_id(source: &str, step: &str) -> String {
    format!(
        "CASE WHEN {step} IS NULL THEN event_ids[{source}] ELSE
            overlay(event_ids[{source}]::text PLACING lpad(to_hex({step}), 2, '0') FROM 35)::uuid END"
    )
}
