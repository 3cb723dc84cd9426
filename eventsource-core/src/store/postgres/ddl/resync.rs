//! Function that compares the feed with the logs after the database was moved to another cluster.
//!
//! A dump contains transaction ids, which mean nothing in the cluster that it is restored into.
//! Events without a position are then found by comparing the feed with the logs, once, while appends
//! wait; from then on only events with a higher log sequence are found by their transaction id.

use crate::store::contract::names::Names;
use crate::store::postgres::ddl::feed_text::{EACH_LOG, LAST, LOGS, notify};
use crate::store::postgres::sqlstates::NOT_ALONE;
use crate::store::sql::statements::{FEED, FEED_ENTITIES, RESYNC, SEQUENCER};

/// Format of the SELECT of all events of one log.
pub(crate) const STORED: &str =
    "SELECT %s::smallint AS entity, clock, %I AS entity_id, seq FROM %I.%I";

/// Returns the function, which only the owner may call, and so the function that gives positions.
///
/// Its parts are those of a batch. Plans that read whole tables are on again.
pub(crate) fn function(names: &Names) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {resync}()
    RETURNS TABLE (last_position bigint, more boolean) LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = on AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a restored feed is compared with the logs: call this in READ COMMITTED'
            USING ERRCODE = '{NOT_ALONE}';
    END IF;
    -- Nobody may write from before the snapshot is taken until it is saved.
    LOCK TABLE {LOGS} IN SHARE MODE;
    WITH seen AS MATERIALIZED (
        SELECT sequencer.*, control.system_identifier AS cluster
        FROM {sequencer} AS sequencer, pg_control_system() AS control
    ), event AS MATERIALIZED (
        {EACH_LOG}
    ), missing AS MATERIALIZED (
        SELECT * FROM event WHERE NOT EXISTS (
            SELECT FROM {feed} AS feed
            WHERE feed.entity = event.entity AND feed.entity_id = event.entity_id
                AND feed.seq = event.seq)
    ), held AS MATERIALIZED (
        SELECT batch FROM {sequencer} FOR UPDATE
    ), turn AS MATERIALIZED (
        SELECT seen.* FROM seen JOIN held ON held.batch = seen.batch
        WHERE seen.system_identifier <> seen.cluster
            AND (SELECT max(number) FROM {entities}) = {LAST}
    ), placed AS (
        INSERT INTO {feed} (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM missing, turn
    ), moved AS (
        UPDATE {sequencer} AS sequencer SET batch = sequencer.batch + 1,
            position = sequencer.position + (SELECT count(*) FROM missing),
            snapshot = pg_current_snapshot(), target = NULL, reached_clock = 0,
            system_identifier = turn.cluster,
            restored_clock = coalesce((SELECT max(clock) FROM event), 0)
        FROM turn WHERE sequencer.batch = turn.batch
        RETURNING sequencer.position
    )
    -- Another call was faster if this one did not move the sequencer.
    SELECT coalesce(moved.position, seen.position), moved.position IS NULL
    INTO STRICT last_position, more
    FROM seen LEFT JOIN moved ON true;
    IF NOT more THEN
        {notify}
    END IF;
    RETURN NEXT;
END $$",
        resync = names.shared(RESYNC),
        sequencer = names.shared(SEQUENCER),
        feed = names.shared(FEED),
        entities = names.shared(FEED_ENTITIES),
        notify = notify(names),
    )
}
