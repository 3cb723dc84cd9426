//! The statements about snapshots, which both databases understand.

use crate::store::contract::as_of::AsOf;
use crate::store::contract::names::Names;
use crate::store::sql::statements::{COLUMNS, column};

pub(crate) const SNAPSHOTS: &str = "eventsource_snapshot";

/// A stream from its snapshot on, the last event of that included, or from its first event.
///
/// A snapshot counts only while its last event is in the log: not after the database was restored to
/// a time before it, whatever has been appended since.
pub(crate) fn select_tail(names: &Names, until: Option<AsOf>, value: &str) -> String {
    let until = until.map_or_else(String::new, |as_of| {
        format!(" AND e.{} <= $6", column(as_of))
    });
    format!(
        "WITH snapshot AS MATERIALIZED (
    SELECT s.seq, s.created_at, s.value
    FROM {snapshots} AS s
    JOIN {log} AS e ON e.{id} = s.entity_id AND e.seq = s.seq AND e.event_id = s.event_id
    WHERE s.entity_id = $1 AND s.entity = $3 AND s.fold = $4 AND s.fingerprint = $5{until}
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

/// Keeps a snapshot, unless there is one of a later event: a slower reader takes nothing back.
///
/// One of an event that is not in the log gives way. Whether it is, is asked of the snapshot that the
/// statement sees: the one that it finds in its way may be of events that came since.
pub(crate) fn upsert_snapshot(names: &Names, value: &str) -> String {
    format!(
        "WITH gone AS MATERIALIZED (
    SELECT s.seq, s.event_id FROM {snapshots} AS s
    WHERE s.entity_id = $1 AND s.entity = $2 AND s.fold = $3 AND NOT EXISTS (
        SELECT 1 FROM {log} AS e
        WHERE e.{id} = s.entity_id AND e.seq = s.seq AND e.event_id = s.event_id)
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

pub(crate) fn delete_snapshots(names: &Names) -> String {
    format!(
        "DELETE FROM {} WHERE entity = $1 AND fold = $2",
        names.shared(SNAPSHOTS)
    )
}
