//! Function that gives committed events their positions, one batch a call.
//!
//! The rights are those of the owner, so no other role may write to the feed.
//!
//! With one statement no lock is held while a client works: a process that is stopped has either
//! sent nothing, or the server finishes without it.

use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::feed_text::{EACH_LOG, LAST, LOGS, head, notify};
use crate::store::postgres::ddl::{outbox, resync};
use crate::store::postgres::sqlstates::{NOT_ALONE, UNKNOWN_LOG};
use crate::store::sql::statements::{CATCH_UP, FEED, FEED_ENTITIES, RESYNC, SEQUENCER};

/// Returns the SQL that creates the function, or replaces it by one that knows all entities that
/// are registered by now; nothing on Citus, which has no feed.
///
/// Each migration that adds an entity contains it.
pub(crate) fn create(names: &Names, options: &SchemaOptions) -> String {
    if options.citus {
        return String::new();
    }
    let catch_up = names.shared(CATCH_UP);
    if options.has_outbox() {
        return format!(
            "
-- Whoever may call this gives events their positions, and has no right to the tables.
{function};
REVOKE ALL ON FUNCTION {catch_up}(bigint) FROM PUBLIC;
",
            function = outbox::catch_up(names),
        );
    }
    format!(
        "
-- Whoever may call this gives events their positions, and has no right to the tables. The functions
-- name all logs of the schema, those of other entities too.
DO $migration$
DECLARE
    fresh text;
    stored text;
    logs text;
    last text;
BEGIN
    SELECT string_agg(format({fresh}, number, entity || '_id', {schema}, entity || '_event'),
            {union} ORDER BY number),
        string_agg(format({stored}, number, entity || '_id', {schema}, entity || '_event'),
            {union} ORDER BY number),
        string_agg(format('%I.%I', {schema}, entity || '_event'), ', ' ORDER BY number),
        max(number)::text
    INTO fresh, stored, logs, last FROM {entities};
    EXECUTE replace(replace($create${function}$create$,
        '{EACH_LOG}', fresh), '{LAST}', last);
    EXECUTE replace(replace(replace($create${resync_function}$create$,
        '{EACH_LOG}', stored), '{LOGS}', logs), '{LAST}', last);
END $migration$;
REVOKE ALL ON FUNCTION {catch_up}(bigint), {resync}() FROM PUBLIC;
",
        fresh = literal(FRESH),
        stored = literal(resync::STORED),
        union = "E'\\n        UNION ALL\\n        '",
        schema = literal(names.schema().unwrap_or_default()),
        entities = names.shared(FEED_ENTITIES),
        function = function(names),
        resync_function = resync::function(names),
        resync = names.shared(RESYNC),
    )
}

/// Format of the SELECT of the new events of one log.
///
/// The OFFSET keeps the planner from walking the index of the log sequence to have them in order.
const FRESH: &str = "SELECT %s::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, %I AS entity_id, seq FROM %I.%I
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)";

/// Returns the function.
///
/// A batch has a limited number of events. The events of one snapshot may take several batches, in
/// the order of the log sequence: the snapshot is saved as the `target` until they are done,
/// together with the log sequence that was reached, and only then becomes the snapshot from which
/// the next batch begins. So all batches up to a target see the same events.
///
/// * `seen`: the sequencer's row as of the snapshot of this statement, with the target.
/// * `span`: the transactions that have finished between the saved snapshot and the target, as open
///   intervals of ids. Running transactions are excluded by their ids, so that the events of a
///   large one are not scanned each time.
/// * `fresh`: the events of those transactions, as many as fit the batch.
/// * `held`: the sequencer's row as it is now, locked, if there are events or a target has none
///   left. If another process has the lock there is nothing to do.
/// * `turn`: the row if it did not change between the snapshot and the lock. This is the fence:
///   positions are written only if the row they were computed from is still the current one.
/// * `placed`, `moved`: the new positions, and the sequencer's row with its new snapshot.
///
/// A transaction that had an id when the snapshot was taken would count as finished there, and what
/// it inserts later would never be found: so the function refuses to run in one.
///
/// A call that began before an entity was added may see its events with the function of before: then
/// nothing is done, and the next call runs the function of after.
fn function(names: &Names) -> String {
    format!(
        "{head}
    has_moved boolean;
    same_cluster boolean;
    all_known boolean;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'events get positions after their commit: call this first in a transaction'
            USING ERRCODE = '{NOT_ALONE}';
    END IF;
    WITH seen AS MATERIALIZED (
        SELECT sequencer.*,
            sequencer.system_identifier = control.system_identifier AS same_cluster,
            (SELECT max(number) FROM {entities}) IS NOT DISTINCT FROM {LAST} AS all_known,
            pg_snapshot_xmax(snapshot)::text::bigint AS xmax,
            coalesce(target, pg_current_snapshot()) AS up_to
        FROM {sequencer} AS sequencer, pg_control_system() AS control WHERE sequencer.id = 1
    ), bound AS (
        SELECT xmax - 1 AS xid FROM seen
        UNION ALL
        SELECT running::text::bigint FROM seen, pg_snapshot_xip(seen.up_to) AS running
        WHERE running::text::bigint >= xmax
        UNION ALL
        SELECT pg_snapshot_xmax(up_to)::text::bigint FROM seen
    ), stretch AS (
        SELECT xid AS low, lead(xid) OVER (ORDER BY xid) AS high FROM bound
        UNION ALL
        SELECT ended::text::bigint - 1, ended::text::bigint + 1
        FROM seen, pg_snapshot_xip(seen.snapshot) AS ended
        WHERE pg_visible_in_snapshot(ended, seen.up_to)
    ), span AS MATERIALIZED (
        SELECT low::text::xid8 AS low, high::text::xid8 AS high FROM stretch, seen
        WHERE high > low + 1 AND seen.same_cluster AND seen.all_known
    ), fresh AS MATERIALIZED (
        SELECT * FROM (
        {EACH_LOG}
        ) AS event ORDER BY clock FETCH FIRST most ROWS WITH TIES
    ), taken AS MATERIALIZED (
        SELECT count(*) AS events, max(clock) AS last_clock, count(*) >= most AS is_full FROM fresh
    ), held AS MATERIALIZED (
        SELECT batch FROM {sequencer} AS sequencer
        WHERE id = 1 AND (SELECT events > 0
            OR target IS NOT NULL AND seen.same_cluster AND seen.all_known FROM taken, seen)
        FOR UPDATE SKIP LOCKED
    ), turn AS MATERIALIZED (
        SELECT seen.batch, seen.position, seen.up_to, taken.*
        FROM seen JOIN held ON held.batch = seen.batch, taken
    ), placed AS (
        INSERT INTO {feed} (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM fresh, turn
    ), moved AS (
        UPDATE {sequencer} AS sequencer SET batch = sequencer.batch + 1,
            position = sequencer.position + turn.events,
            snapshot = CASE WHEN turn.is_full THEN sequencer.snapshot ELSE turn.up_to END,
            target = CASE WHEN turn.is_full THEN turn.up_to END,
            reached_clock = CASE WHEN turn.is_full THEN turn.last_clock ELSE 0 END
        FROM turn
        WHERE sequencer.id = 1 AND sequencer.batch = turn.batch
            AND sequencer.position = turn.position
        RETURNING sequencer.position, sequencer.target
    )
    SELECT coalesce(moved.position, seen.position),
        -- Another call was faster, or there are more events than fit a batch.
        EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM turn)
            OR moved.position IS NOT NULL AND (moved.target IS NOT NULL OR seen.target IS NOT NULL),
        moved.position IS NOT NULL, seen.same_cluster, seen.all_known
    INTO STRICT last_position, more, has_moved, same_cluster, all_known
    FROM seen LEFT JOIN moved ON true;
    IF has_moved THEN
        {notify}
    ELSIF NOT all_known THEN
        RAISE EXCEPTION 'an entity was added to the feed just now: call this again'
            USING ERRCODE = '{UNKNOWN_LOG}', HINT = 'If that does not help, migrate as the owner.';
    ELSIF NOT same_cluster THEN
        SELECT * INTO STRICT last_position, more FROM {resync}();
    END IF;
    RETURN NEXT;
END $$",
        head = head(names),
        entities = names.shared(FEED_ENTITIES),
        sequencer = names.shared(SEQUENCER),
        feed = names.shared(FEED),
        notify = notify(names),
        resync = names.shared(RESYNC),
    )
}
