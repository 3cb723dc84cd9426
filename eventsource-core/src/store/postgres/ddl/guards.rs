//! Triggers for rules that no constraint of one row can express: the log is append-only, each event
//! that is inserted by hand continues where the one before it ended, and takes the head along.

use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::append_only::APPEND_ONLY;
use crate::store::postgres::ddl::tables::partition_names;

/// Returns the SQL of the triggers and their functions.
pub(crate) fn create(names: &Names, options: &SchemaOptions) -> String {
    let refuse = names.qualified(APPEND_ONLY);
    // A statement that names a partition does not fire the triggers of the partitioned table.
    let logs: Vec<String> = partition_names(names, options, names.log_unquoted())
        .chain([names.log()])
        .collect();
    let heads: Vec<String> = partition_names(names, options, names.entity().to_owned())
        .chain([names.heads()])
        .collect();
    let each = |tables: &[String], trigger: &str, when: &str, how: &str| -> String {
        let trigger = names.of_log(trigger);
        let of = |table: &String| format!("CREATE TRIGGER {trigger} {when} ON {table}{how}\n");
        tables.iter().map(of).collect()
    };
    let refused = format!("\n    FOR EACH STATEMENT EXECUTE FUNCTION {refuse}();");
    let nothing_back = each(
        &logs,
        "append_only",
        "BEFORE UPDATE OR DELETE OR TRUNCATE",
        &refused,
    ) + &each(&heads, "keeps_heads", "BEFORE DELETE OR TRUNCATE", &refused);
    // The functions that append move the heads themselves. Only the owner has the right to make
    // triggers, so nobody else can pass for one of them.
    let by_hand = format!(
        "current_setting('eventsource.append', true) IS DISTINCT FROM 'on'
        OR NOT has_table_privilege({}::regclass, 'TRIGGER')",
        literal(&names.log())
    );
    let moves_head = each(
        &logs,
        "moves_head",
        "AFTER INSERT",
        &format!(
            " REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT WHEN ({by_hand})
    EXECUTE FUNCTION {}();",
            names.qualified(&names.of_log_unquoted("moves_head"))
        ),
    );
    let only_so = each(
        &heads,
        "leads_heads",
        "BEFORE INSERT OR UPDATE",
        &format!(
            "
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0 AND ({by_hand}))
    EXECUTE FUNCTION {}();",
            names.qualified(&names.of_log_unquoted("leads_heads"))
        ),
    );
    format!(
        "\n-- Nothing is taken back.\n{nothing_back}{functions}{moves_head}{only_so}",
        functions = functions(names),
    )
}

/// Returns the SQL of the trigger functions.
///
/// The first runs as the owner, whoever inserts events; so no other role may use it as a trigger of
/// its own table.
///
/// Its statements are planned once a session, for the rows of the first call: a plan that reads all
/// heads, made while they were few, would be used ever after. So plans other than by key are off.
///
/// Two transactions cannot insert the same event of an entity: one waits for the primary key and
/// fails. So a head that precedes the new event when it is checked still does when it is updated.
fn functions(names: &Names) -> String {
    format!(
        "
-- An event is the first of its entity, or goes on where the head is; and it takes the head along.
CREATE FUNCTION {moves_head}() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    events bigint;
    entities bigint;
    firsts bigint;
    made bigint := 0;
    moved bigint := 0;
BEGIN
    SELECT count(*), count(DISTINCT {id}), count(*) FILTER (WHERE seq = 1)
    INTO events, entities, firsts FROM stored;
    IF events > entities THEN
        WITH event AS (
            SELECT *,
                lag(seq) OVER entity AS before_seq,
                lag(version) OVER entity AS before_version,
                lag(state) OVER entity AS before_state,
                lag(recorded_at) OVER entity AS before_at,
                first_value(seq) OVER entity AS first_seq,
                first_value(version) OVER entity AS first_version,
                first_value(prior_version) OVER entity AS from_version,
                first_value(prior_state) OVER entity AS from_state,
                first_value(recorded_at) OVER entity AS from_at,
                lead(seq) OVER entity IS NULL AS is_last
            FROM stored WINDOW entity AS (PARTITION BY {id} ORDER BY seq)
        ), made AS (
            INSERT INTO {heads}
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT {id}, seq, version, state, event_type, event_id, from_at, recorded_at
            FROM event
            WHERE is_last AND first_seq = 1 AND first_version = 1
                AND from_version = 0 AND from_state = 0
            RETURNING id
        ), moved AS (
            UPDATE {heads} AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM event
            WHERE is_last AND head.id = event.{id} AND head.seq = first_seq - 1
                AND head.version = from_version AND head.state = from_state
                AND head.updated_at <= from_at
            RETURNING head.id
        )
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM moved)
        INTO made, moved
        WHERE NOT EXISTS (
            SELECT FROM event
            WHERE seq <> before_seq + 1 OR prior_version <> before_version
                OR prior_state <> before_state OR recorded_at < before_at);
    ELSE
        -- The same, of one event each.
        IF firsts > 0 THEN
            INSERT INTO {heads}
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT {id}, seq, version, state, event_type, event_id, recorded_at, recorded_at
            FROM stored
            WHERE seq = 1 AND version = 1 AND prior_version = 0 AND prior_state = 0;
            GET DIAGNOSTICS made = ROW_COUNT;
        END IF;
        IF events > firsts THEN
            UPDATE {heads} AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM stored AS event
            WHERE head.id = event.{id} AND head.seq = event.seq - 1
                AND head.version = event.prior_version AND head.state = event.prior_state
                AND head.updated_at <= event.recorded_at;
            GET DIAGNOSTICS moved = ROW_COUNT;
        END IF;
    END IF;
    IF made + moved IS DISTINCT FROM entities THEN
        RAISE EXCEPTION 'an event goes on where the one before it ended' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = {follows};
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION {moves_head}() FROM PUBLIC;
CREATE FUNCTION {leads_heads}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a head is moved by the event that is inserted' USING
        ERRCODE = 'integrity_constraint_violation';
END $$;
",
        moves_head = names.qualified(&names.of_log_unquoted("moves_head")),
        leads_heads = names.qualified(&names.of_log_unquoted("leads_heads")),
        follows = literal(&names.of_log_unquoted("follows")),
        heads = names.heads(),
        id = names.id_column(),
    )
}
