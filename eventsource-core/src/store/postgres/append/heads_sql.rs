//! Fragments that update the heads in the statement of their events, where no trigger does.

use crate::store::contract::names::Names;

/// Returns the CTE that updates the heads from the events in `stored`; empty where triggers do so.
pub(crate) fn moved(names: &Names) -> String {
    if names.has_triggers() {
        return String::new();
    }
    format!(
        ", moved AS (
    INSERT INTO {heads} AS head
        (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
    SELECT DISTINCT ON ({id}) {id}, seq, version, state, event_type, event_id,
        first_value(recorded_at) OVER (PARTITION BY {id} ORDER BY seq), recorded_at
    FROM stored ORDER BY {id}, seq DESC
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, version = excluded.version,
        state = excluded.state, last_event_type = excluded.last_event_type,
        last_event_id = excluded.last_event_id, updated_at = excluded.updated_at
)",
        heads = names.heads(),
        id = names.id_column(),
    )
}

/// Returns the columns of `stored` that [`moved`] needs, besides the id of the entity, the sequence
/// and the log sequence.
pub(crate) fn returning(names: &Names) -> &'static str {
    if names.has_triggers() {
        ""
    } else {
        ", version, state, event_type, event_id, recorded_at"
    }
}
