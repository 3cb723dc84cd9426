//! Function that appends one event to each of several entities: what group commit sends most often.
//!
//! One statement decides and writes for all of them. It is cheaper than the loop of the batch function,
//! which can do everything else.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::outcomes::{AUTO_FOLLOWS, BUSY, REFUSED, STORED};
use crate::store::postgres::ddl::append::settings::{BEGIN_WRITES, END_WRITES};
use crate::store::sql::statements::LOG_SEQ;

/// Suffix of the name of the function.
pub(crate) const EACH: &str = "append_each";

/// Types of the arguments.
pub(crate) const EACH_ARGUMENTS: &str =
    "uuid[], smallint[], uuid[], integer[], text[], text[], bigint";

/// Settings of the function: those of the others, but for hash joins, of what was sent with what was
/// found.
const SETTINGS: &str = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off";

/// Returns the SQL that creates the function.
///
/// Arguments and answers are arrays with one element for each event. An entity that is named twice
/// fails the call.
pub(crate) fn create(migration: &Migration, rules: &Expressions<'_>) -> String {
    let names = &migration.names;
    let missing = match rules.missing_field("asked.kind", "asked.data::json") {
        Some(missing) => format!("\n                AND ({missing}) IS NULL"),
        None => String::new(),
    };
    let counted = match migration.counts {
        true => "\n                AND found.seq IS NOT NULL",
        false => "",
    };
    let auto = match rules.auto_transition("state_after") {
        Some(auto) => format!("({auto}) IS NOT NULL"),
        None => "false".to_owned(),
    };
    format!(
        "
CREATE OR REPLACE FUNCTION {each}(
    entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[],
    metadata text[], unknown_types bigint DEFAULT 0,
    OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[],
    OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamptz[], OUT clocks bigint[])
LANGUAGE plpgsql {SETTINGS} AS $$
#variable_conflict use_column
DECLARE
    marker text;
BEGIN
    {BEGIN_WRITES}
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(entity_ids, event_types, event_ids, expected_seqs, payloads, metadata)
            WITH ORDINALITY AS asked (id, kind, event_id, expected_seq, data, metadata, place)
    ), found AS MATERIALIZED (
        SELECT head.id, head.seq, head.version, head.state, head.last_event_id, head.updated_at
        FROM {heads} AS head WHERE head.id = ANY (entity_ids)
        ORDER BY head.id FOR UPDATE SKIP LOCKED
    ), joined AS (
        SELECT asked.*, coalesce(found.seq, 0) AS prior_seq, coalesce(found.version, 0) AS prior_version,
            coalesce(found.state, 0) AS prior_state, found.last_event_id AS parent_id,
            greatest(clock_timestamp(), found.updated_at) AS at,
            (asked.expected_seq = coalesce(found.seq, 0)) IS NOT FALSE
                AND coalesce(found.state, 0) & unknown_types = 0{unknown_after}
                AND ({legal}) IS TRUE{missing}{counted} AS is_legal,
            {after} AS state_after
        FROM asked LEFT JOIN found ON found.id = asked.id
    ), decided AS (
        SELECT *, CASE WHEN NOT is_legal THEN {REFUSED} WHEN {auto} THEN {AUTO_FOLLOWS} ELSE {STORED} END AS outcome,
            CASE WHEN prior_seq = 0 THEN 1 WHEN {restarts} THEN prior_version + 1 ELSE prior_version END AS version
        FROM joined
    ), numbered AS MATERIALIZED (
        SELECT *, CASE WHEN outcome = {STORED} THEN nextval({log_seq}) END AS clock FROM decided
    ), moved AS (
        UPDATE {heads} AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = {STORED} AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO {heads} (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = {STORED} AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO {log} ({id}, seq, version, clock, event_id, prior_state, state, recorded_at,
            prior_version, event_type, data, metadata)
        SELECT id, prior_seq + 1, version, clock, event_id, prior_state, state_after, at, prior_version,
            kind, data::json, metadata::json
        FROM numbered WHERE outcome = {STORED}
    )
    SELECT array_agg(outcome::smallint ORDER BY place), array_agg(prior_seq ORDER BY place),
        array_agg(CASE outcome WHEN {STORED} THEN version ELSE prior_version END ORDER BY place),
        array_agg(prior_state ORDER BY place), array_agg(state_after ORDER BY place),
        array_agg(parent_id ORDER BY place), array_agg(at ORDER BY place), array_agg(clock ORDER BY place)
    INTO outcomes, seqs, versions, prior_states, states, parent_ids, recorded_ats, clocks
    FROM numbered;
    {END_WRITES}
    IF {REFUSED} = ANY (outcomes) THEN
        -- No head was found: is there none, or was it locked?
        SELECT array_agg(CASE WHEN answer.outcome = {REFUSED} AND answer.seq = 0
            AND EXISTS (SELECT FROM {heads} AS head WHERE head.id = answer.id)
            THEN {BUSY} ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;
",
        each = names.function(EACH),
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        legal = rules.is_legal("asked.kind", "coalesce(found.state, 0)"),
        unknown_after =
            rules.unknown_after("AND", "asked.kind", "coalesce(found.state, 0)", "="),
        after = rules.state_after("asked.kind", "coalesce(found.state, 0)"),
        restarts = rules.restarts("kind"),
        log_seq = literal(&names.shared(LOG_SEQ)),
    )
}
