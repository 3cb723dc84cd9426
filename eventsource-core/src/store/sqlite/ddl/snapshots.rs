//! Table of snapshots.

use crate::store::contract::names::Names;
use crate::store::sql::snapshots::SNAPSHOTS;

/// Returns the SQL that creates the table unless it exists.
pub(crate) fn create(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {snapshots} (
    entity_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    fold TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    event_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (entity_id, entity, fold)
) STRICT;",
        snapshots = names.shared(SNAPSHOTS),
    )
}
