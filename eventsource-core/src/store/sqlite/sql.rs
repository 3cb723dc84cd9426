//! The tables in SQLite's words, and its lock.

use super::feed;
use crate::store::migration::Steps;
use crate::store::names::{Names, quoted};
use crate::store::statements::{EVENT_TYPES, IDEMPOTENCY, MACHINES};

/// Begins a transaction that may write, waiting for other writers first.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

pub(super) const MACHINES_EXIST: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'eventsource_machine'";

pub(super) fn create_shared(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {machines} (
    entity TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    rules TEXT NOT NULL CHECK (json_valid(rules)),
    migrated_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS {event_types} (
    entity TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 63),
    name TEXT NOT NULL,
    PRIMARY KEY (entity, number),
    UNIQUE (entity, name)
) STRICT;
CREATE TABLE IF NOT EXISTS {idempotency} (
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    answered TEXT NOT NULL CHECK (json_valid(answered)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (entity, key)
) STRICT;",
        machines = names.shared(MACHINES),
        event_types = names.shared(EVENT_TYPES),
        idempotency = names.shared(IDEMPOTENCY),
    ) + &feed::create_shared(names)
}

pub(super) fn create_tables(names: &Names, steps: &Steps) -> String {
    format!(
        "
CREATE TABLE {heads} (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    version INTEGER NOT NULL CHECK (version >= 1),
    state INTEGER NOT NULL,
    last_event_type INTEGER NOT NULL,
    last_event_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER {keep} BEFORE DELETE ON {heads} BEGIN
    SELECT RAISE(ABORT, 'an entity stays as long as its events');
END;{log}{around}",
        heads = names.heads(),
        keep = names.of_log("keeps_head"),
        log = create_log(names, &names.log(), steps),
        around = create_around_log(names),
    ) + &feed::create_for(names)
}

/// The table of events, called `log`.
fn create_log(names: &Names, log: &str, steps: &Steps) -> String {
    let checks: String = steps
        .checks
        .iter()
        .map(|(suffix, condition)| {
            format!(
                ",\n    CONSTRAINT {} CHECK ({condition})",
                names.of_log(suffix)
            )
        })
        .collect();
    format!(
        "
CREATE TABLE {log} (
    clock INTEGER PRIMARY KEY AUTOINCREMENT,
    {id} TEXT NOT NULL REFERENCES {heads} (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    event_id TEXT NOT NULL,
    event_type INTEGER NOT NULL,
    prior_state INTEGER NOT NULL,
    state INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    recorded_at TEXT NOT NULL,
    data TEXT NOT NULL CHECK (json_type(data) = 'object'),
    metadata TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
    UNIQUE ({id}, seq),
    CONSTRAINT {first} CHECK (seq > 1 OR (prior_state = 0 AND version = 1)){checks}
) STRICT;",
        heads = names.heads(),
        id = names.id_column(),
        first = names.of_log("first"),
    )
}

/// A foreign key is checked only where the client asks for it, and `INSERT OR REPLACE` deletes
/// without a DELETE: so it is triggers that tie each event to the one before it.
fn create_around_log(names: &Names) -> String {
    let (log, heads, id) = (names.log(), names.heads(), names.id_column());
    let refuse = |suffix: &str, what: &str| {
        format!(
            "
CREATE TRIGGER {trigger} BEFORE {what} ON {log} BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;",
            trigger = names.of_log(suffix),
        )
    };
    format!(
        "
CREATE INDEX {by_event_id} ON {log} (event_id);{update}{delete}
CREATE TRIGGER {follows} BEFORE INSERT ON {log} BEGIN
    SELECT RAISE(ABORT, 'events are append-only') WHERE EXISTS (
        SELECT 1 FROM {log} WHERE clock = NEW.clock OR ({id} = NEW.{id} AND seq = NEW.seq));
    SELECT RAISE(ABORT, 'an event is of an entity') WHERE NOT EXISTS (
        SELECT 1 FROM {heads} WHERE id = NEW.{id});
    SELECT RAISE(ABORT, 'an event follows the one before it') WHERE NEW.seq > 1 AND NOT EXISTS (
        SELECT 1 FROM {log}
        WHERE {id} = NEW.{id} AND seq = NEW.seq - 1 AND state = NEW.prior_state);
END;",
        by_event_id = names.of_log("by_event_id"),
        update = refuse("no_update", "UPDATE"),
        delete = refuse("no_delete", "DELETE"),
        follows = names.of_log("follows"),
    )
}

/// What stands on the log, and every view: they do not survive that the log is built anew.
pub(super) const AROUND_LOG: &str = "\
SELECT type, name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND (type = 'view' OR (tbl_name = $1 AND type IN ('index', 'trigger')))
ORDER BY rowid";

/// SQLite cannot change a CHECK: the events move to a table with the new ones.
///
/// `views` are the names of all views, `around` the statements that create what the move destroys.
pub(super) fn rebuild_log(names: &Names, steps: &Steps, views: &[String], around: &str) -> String {
    let (log, new) = (names.log(), quoted("eventsource_rebuild"));
    let drop_views: String = views
        .iter()
        .map(|view| format!("DROP VIEW {};\n", quoted(view)))
        .collect();
    let columns = format!(
        "clock, {id}, seq, event_id, event_type, prior_state, state, version, recorded_at, data, \
         metadata",
        id = names.id_column()
    );
    format!(
        "{drop_views}{create}
INSERT INTO {new} ({columns}) SELECT {columns} FROM {log};
DROP TABLE {log};
ALTER TABLE {new} RENAME TO {log};
{around}",
        create = create_log(names, &new, steps),
    )
}
