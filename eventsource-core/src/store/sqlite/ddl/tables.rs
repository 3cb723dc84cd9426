//! Tables of an entity, with its rules as constraints and triggers.

use eventsource_model::Machine;

use crate::store::contract::migration::MigrationSteps;
use crate::store::contract::names::{Names, literal, quoted};
use crate::store::sql::statements::{COUNTERS, EVENT_TYPES, MACHINES};
use crate::store::sqlite::ddl::{feed, keys, snapshots, unique};

/// Returns the SQL that creates all tables of an entity and registers its rules.
pub(crate) fn create(names: &Names, machine: &Machine, steps: &MigrationSteps) -> String {
    let (shared, tables) = (create_shared(names), create_tables(names, steps));
    let counter = if steps.counter {
        create_counter(names)
    } else {
        String::new()
    };
    let unique = unique::create(names, machine, &steps.codes);
    format!(
        "{shared}{tables}{unique}{counter}\n{}",
        register(names, steps)
    )
}

/// Returns the SQL that registers the rules of the tables and the numbers of new event types.
pub(crate) fn register(names: &Names, steps: &MigrationSteps) -> String {
    let entity = literal(names.entity());
    let mut sql = String::new();
    for (name, number) in &steps.new_event_types {
        sql += &format!(
            "INSERT INTO {} (entity, number, name) VALUES ({entity}, {number}, {});\n",
            names.shared(EVENT_TYPES),
            literal(name),
        );
    }
    // A machine is names, flags and formulas: it always has a JSON form.
    let rules = serde_json::to_string(&steps.rules).unwrap_or_default();
    sql + &format!(
        "INSERT INTO {machines} (entity, fingerprint, rules, migrated_at)
VALUES ({entity}, {fingerprint}, {rules}, strftime('%Y-%m-%dT%H:%M:%fZ'))
ON CONFLICT (entity) DO UPDATE
SET fingerprint = excluded.fingerprint, rules = excluded.rules, migrated_at = excluded.migrated_at;
",
        machines = names.shared(MACHINES),
        fingerprint = literal(&steps.fingerprint),
        rules = literal(&rules),
    )
}

fn create_shared(names: &Names) -> String {
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
) STRICT;",
        machines = names.shared(MACHINES),
        event_types = names.shared(EVENT_TYPES),
    ) + &keys::create(names)
        + &feed::create_shared(names)
        + &snapshots::create(names)
}

fn create_tables(names: &Names, steps: &MigrationSteps) -> String {
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
END;{log}{around}{guards}",
        heads = names.heads(),
        keep = names.of_log("keeps_head"),
        log = create_log(names, &names.log(), steps),
        around = create_log_triggers(names),
        guards = guard_heads(names),
    ) + &feed::create_for(names)
}

/// Returns the SQL of the counter of an entity, and of the trigger that refuses other ids.
///
/// A counted id is a UUID of version 8 that ends in the number, so ids sort like numbers.
pub(crate) fn create_counter(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {counters} (
    entity TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last >= 0)
) STRICT;
CREATE TRIGGER IF NOT EXISTS eventsource_counter_forward BEFORE UPDATE ON {counters}
WHEN NEW.last < OLD.last OR NEW.entity <> OLD.entity BEGIN
    SELECT RAISE(ABORT, 'a counter goes forward only');
END;
CREATE TRIGGER IF NOT EXISTS eventsource_counter_stays BEFORE DELETE ON {counters} BEGIN
    SELECT RAISE(ABORT, 'a counter goes forward only');
END;
INSERT INTO {counters} (entity, last) VALUES ({entity}, 0) ON CONFLICT DO NOTHING;
CREATE TRIGGER {counted} BEFORE INSERT ON {heads} BEGIN
    SELECT RAISE(ABORT, 'the counter has not given this id') WHERE NOT EXISTS (
        SELECT 1 FROM (
            SELECT printf('%016x', last | (1 << 63)) AS hex FROM {counters} WHERE entity = {entity})
        WHERE NEW.id BETWEEN '00000000-0000-8000-8000-000000000001'
            AND '00000000-0000-8000-' || substr(hex, 1, 4) || '-' || substr(hex, 5));
END;",
        counters = names.shared(COUNTERS),
        entity = literal(names.entity()),
        counted = names.of_log("counted"),
        heads = names.heads(),
    )
}

/// Returns the query whether the entity has heads.
pub(crate) fn select_has_entities(names: &Names) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {})", names.heads())
}

/// Returns the SQL of triggers by which a head always equals the last event of its entity.
fn guard_heads(names: &Names) -> String {
    let (log, heads, id) = (names.log(), names.heads(), names.id_column());
    let refuse = |suffix: &str, what: &str, created: &str| {
        format!(
            "
CREATE TRIGGER {trigger} BEFORE {what} ON {heads} BEGIN
    SELECT RAISE(ABORT, 'a head is the last event') WHERE NOT EXISTS (
        SELECT 1 FROM {log}
        WHERE {id} = NEW.id AND seq = NEW.seq AND version = NEW.version AND state = NEW.state
            AND event_type = NEW.last_event_type AND event_id = NEW.last_event_id
            AND recorded_at = NEW.updated_at)
        OR EXISTS (SELECT 1 FROM {log} WHERE {id} = NEW.id AND seq = NEW.seq + 1)
        OR {created};
END;",
            trigger = names.of_log(suffix),
        )
    };
    let inserted = refuse(
        "head_made",
        "INSERT",
        &format!(
            "NOT EXISTS (SELECT 1 FROM {log} WHERE {id} = NEW.id AND seq = 1 AND recorded_at = NEW.created_at)"
        ),
    );
    let updated = refuse(
        "head_moved",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.created_at <> OLD.created_at",
    );
    format!("{inserted}{updated}")
}

/// Returns the SQL of the table of events, under the name `log`.
fn create_log(names: &Names, log: &str, steps: &MigrationSteps) -> String {
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
    {id} TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    event_id TEXT NOT NULL,
    event_type INTEGER NOT NULL,
    prior_state INTEGER NOT NULL,
    state INTEGER NOT NULL,
    prior_version INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    recorded_at TEXT NOT NULL,
    data TEXT NOT NULL CHECK (json_type(data) = 'object'),
    metadata TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
    UNIQUE ({id}, seq),
    CONSTRAINT {first} CHECK (seq > 1 OR (prior_state = 0 AND prior_version = 0 AND version = 1)){checks}
) STRICT;",
        id = names.id_column(),
        first = names.of_log("first"),
    )
}

/// Returns the SQL of the triggers that tie each event to the one before it, and the head to the
/// last one.
///
/// Foreign keys would not do: SQLite checks them only if the client asks for it, and `INSERT OR
/// REPLACE` deletes without a DELETE.
fn create_log_triggers(names: &Names) -> String {
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
    SELECT RAISE(ABORT, 'an entity has no event twice') WHERE EXISTS (
        SELECT 1 FROM {log} WHERE event_id = NEW.event_id AND {id} = NEW.{id});
    SELECT RAISE(ABORT, 'an event follows the one before it') WHERE NEW.seq > 1 AND NOT EXISTS (
        SELECT 1 FROM {log}
        WHERE {id} = NEW.{id} AND seq = NEW.seq - 1 AND state = NEW.prior_state
            AND version = NEW.prior_version AND recorded_at <= NEW.recorded_at);
END;
CREATE TRIGGER {makes_head} AFTER INSERT ON {log} WHEN NEW.seq = 1 BEGIN
    INSERT INTO {heads}
        (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
    VALUES (NEW.{id}, NEW.seq, NEW.version, NEW.state, NEW.event_type, NEW.event_id,
        NEW.recorded_at, NEW.recorded_at);
END;
CREATE TRIGGER {moves_head} AFTER INSERT ON {log} WHEN NEW.seq > 1 BEGIN
    UPDATE {heads} SET seq = NEW.seq, version = NEW.version, state = NEW.state,
        last_event_type = NEW.event_type, last_event_id = NEW.event_id,
        updated_at = NEW.recorded_at
    WHERE id = NEW.{id};
END;",
        makes_head = names.of_log("makes_head"),
        moves_head = names.of_log("moves_head"),
        by_event_id = names.of_log("by_event_id"),
        update = refuse("no_update", "UPDATE"),
        delete = refuse("no_delete", "DELETE"),
        follows = names.of_log("follows"),
    )
}

/// Query of the indexes and triggers on the log, and of all views and all triggers on the heads,
/// which may name the log: dropping the log destroys them.
pub(crate) const LOG_DEPENDENTS: &str = "\
SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND (type = 'view' OR (tbl_name = $1 AND type IN ('index', 'trigger'))
    OR (tbl_name = $2 AND type = 'trigger'))
ORDER BY rowid";

/// Returns the SQL that moves the events to a table with new constraints, as SQLite cannot change a
/// CHECK.
///
/// `drop` removes objects that name the log and would block the move, `around` creates the objects
/// that the move destroys.
pub(crate) fn rebuild_log(
    names: &Names,
    steps: &MigrationSteps,
    drop: &str,
    around: &str,
) -> String {
    let (log, new) = (names.log(), quoted("eventsource_rebuild"));
    let columns = format!(
        "clock, {id}, seq, event_id, event_type, prior_state, state, prior_version, version, \
         recorded_at, data, metadata",
        id = names.id_column()
    );
    format!(
        "{drop}{create}
INSERT INTO {new} ({columns}) SELECT {columns} FROM {log};
DROP TABLE {log};
ALTER TABLE {new} RENAME TO {log};
{around}",
        create = create_log(names, &new, steps),
    )
}
