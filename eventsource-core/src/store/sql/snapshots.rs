//! Statements about snapshots of folds.

use crate::store::contract::as_of::AsOf;
use crate::store::contract::names::Names;
use crate::store::sql::statements::{COLUMNS, column};

/// Table of snapshots.
pub(crate) const SNAPSHOTS: &str = "eventsource_snapshot";

/// Selects a stream from the last event of its snapshot on, or from its first event.
///
/// A snapshot is used only if its last event is in the log, where it is looked up by the whole primary
/// key: a planner that takes the entity for a short one could join all of its events. Otherwise the database was restored to
/// an earlier time, and other events may have been appended since.
pub(crate) fn select_tail(names: &Names, until: Option<AsOf>, value: &str) -> String {
    let until = until.map_or_else(String::new, |as_of| {
        format!(" AND e.{} <= $6", column(as_of))
    });
    format!(
        "WITH snapshot AS MATERIALIZED (
    SELECT s.seq, s.created_at, s.value
    FROM {snapshots} AS s
    WHERE s.entity_id = $1 AND s.entity = $3 AND s.fold = $4 AND s.fingerprint = $5
        AND s.event_id = (SELECT e.event_id FROM {log} AS e
            WHERE e.{id} = s.entity_id AND e.seq = s.seq{until})
)
SELECT e.{id} AS entity_id, NULL AS parent_id, e.prior_state, {columns},
    CASE WHEN e.seq = (SELECT seq FROM snapshot) THEN (SELECT {value} FROM snapshot) END AS value,
    CASE WHEN e.seq = (SELECT seq FROM snapshot) THEN (SELECT created_at FROM snapshot) END
        AS created_at
FROM {log} AS e
WHERE e.{id} = $1 AND e.seq >= coalesce((SELECT seq FROM snapshot), 0){until}
ORDER BY e.seq LIMIT $2",
        snapshots = names.shared(SNAPSHOTS),
        log = names.log(),
        id = names.id_column(),
        columns = COLUMNS,
    )
}

/// Stores a snapshot, unless there is one of a later event, so that a slower reader replaces none.
///
/// A snapshot whose last event is not in the log is replaced too. The statement decides that in
/// `gone` for the snapshot that it sees; the one that it conflicts with may be newer, with newer
/// events.
pub(crate) fn upsert_snapshot(names: &Names, value: &str) -> String {
    format!(
        "WITH gone AS MATERIALIZED (
    SELECT s.seq, s.event_id FROM {snapshots} AS s
    WHERE s.entity_id = $1 AND s.entity = $2 AND s.fold = $3 AND s.event_id IS DISTINCT FROM (
        SELECT e.event_id FROM {log} AS e WHERE e.{id} = s.entity_id AND e.seq = s.seq)
)
INSERT INTO {snapshots} AS kept
    (entity_id, entity, fold, fingerprint, seq, event_id, created_at, taken_at, value)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {value})
ON CONFLICT (entity_id, entity, fold) DO UPDATE
SET fingerprint = excluded.fingerprint, seq = excluded.seq, event_id = excluded.event_id,
    created_at = excluded.created_at, taken_at = excluded.taken_at, value = excluded.value
WHERE kept.fingerprint <> excluded.fingerprint OR kept.seq <= excluded.seq
    OR EXISTS (SELECT 1 FROM gone WHERE gone.seq = kept.seq AND gone.event_id = kept.event_id)",
        snapshots = names.shared(SNAPSHOTS),
        log = names.log(),
        id = names.id_column(),
    )
}

/// Deletes the snapshots of a fold.
pub(crate) fn delete_snapshots(names: &Names) -> String {
    format!(
        "DELETE FROM {} WHERE entity = $1 AND fold = $2",
        names.shared(SNAPSHOTS)
    )
}
