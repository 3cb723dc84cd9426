//! SQL of the first and the last event of each type in a part of a log.

use crate::store::contract::names::Names;

/// Returns the statement of the payloads of a part of a log, which takes the first log sequence and the
/// number of events.
///
/// Event types have no index: the first and the last of each are looked up among events that are next
/// to each other in the index of log sequences.
pub(crate) fn select(names: &Names) -> String {
    format!(
        "WITH part AS (SELECT clock, event_type FROM {log} WHERE clock >= $1 ORDER BY clock LIMIT $2),
    ends AS (
        SELECT min(clock) AS clock FROM part GROUP BY event_type
        UNION SELECT max(clock) FROM part GROUP BY event_type
    )
SELECT CAST(e.{id} AS text), CAST(e.seq AS bigint), CAST(e.event_type AS bigint), CAST(e.data AS text)
FROM ends JOIN {log} e ON e.clock = ends.clock ORDER BY e.clock",
        log = names.log(),
        id = names.id_column(),
    )
}

/// Returns the statement of the first and the last log sequence, which are null in an empty log.
pub(crate) fn select_ends(names: &Names) -> String {
    format!("SELECT min(clock), max(clock) FROM {}", names.log())
}
