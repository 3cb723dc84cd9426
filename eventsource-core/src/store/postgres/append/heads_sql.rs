//! Heads that the statement moves which stores their events, where no trigger does.

use crate::store::contract::names::Names;

/// What is to be added to a statement whose events are `stored`; nothing where the log moves the heads.
/// It goes between the other parts of a `WITH` and what is selected in the end.
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

/// The columns of `stored` that this needs, beside those that the statement itself returns: the
/// entity's id, the sequence and the clock.
pub(crate) fn returning(names: &Names) -> &'static str {
    if names.has_triggers() {
        ""
    } else {
        ", version, state, event_type, event_id, recorded_at"
    }
}
