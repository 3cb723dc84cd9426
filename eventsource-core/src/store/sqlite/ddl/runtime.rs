//! Tables of the runtime, which all machines of a file share.
//!
//! What `postgres/ddl/runtime/tables.rs` says of later columns holds here too.

use crate::store::contract::names::Names;
use crate::store::sql::runtime::{
    COMMANDS, DEADLINES, GENERATIONS, PARKED, SCHEDULES, SHARDS, SUBSCRIPTIONS, WORKERS,
};

/// Returns the SQL that creates the tables unless they exist.
pub(crate) fn create(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {subscriptions} (
    name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 48 AND name GLOB '[a-z]*'
        AND NOT name GLOB '*[^a-z0-9_]*'),
    kind TEXT NOT NULL
        CHECK (kind IN ('view', 'projection', 'inline', 'handler', 'process', 'deadline')),
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    shards INTEGER NOT NULL CHECK (shards BETWEEN 1 AND 256 AND shards & (shards - 1) = 0),
    reads TEXT NOT NULL CHECK (json_valid(reads)),
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS {generations} (
    subscription TEXT NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 1),
    version INTEGER NOT NULL,
    tables TEXT NOT NULL CHECK (json_valid(tables)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (subscription, generation)
) STRICT;
CREATE TABLE IF NOT EXISTS {shards} (
    subscription TEXT NOT NULL,
    generation INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    epoch INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    moved_at TEXT NOT NULL,
    building INTEGER NOT NULL CHECK (building IN (0, 1)),
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at TEXT,
    halted TEXT CHECK (json_valid(halted)),
    PRIMARY KEY (subscription, generation, shard)
) STRICT;
CREATE TABLE IF NOT EXISTS {parked} (
    entity_id TEXT NOT NULL,
    subscription TEXT NOT NULL,
    position INTEGER NOT NULL,
    entity TEXT NOT NULL,
    seq INTEGER NOT NULL,
    key TEXT NOT NULL,
    shard INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at TEXT,
    error TEXT NOT NULL,
    parked_at TEXT NOT NULL,
    PRIMARY KEY (entity_id, subscription, position)
) STRICT;
CREATE INDEX IF NOT EXISTS eventsource_parked_key ON {parked} (subscription, key, position);
CREATE INDEX IF NOT EXISTS eventsource_parked_due ON {parked} (subscription, next_try_at);
CREATE TABLE IF NOT EXISTS {workers} (
    id TEXT PRIMARY KEY,
    program TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    knows TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS {commands} (
    entity_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    actor TEXT NOT NULL,
    command_id TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    metadata TEXT NOT NULL CHECK (json_valid(metadata)),
    received_at TEXT NOT NULL,
    outcome TEXT NOT NULL
        CHECK (outcome IN ('pending', 'accepted', 'rejected', 'refused', 'failed')),
    answer TEXT CHECK (json_valid(answer)),
    first_seq INTEGER,
    last_seq INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    PRIMARY KEY (entity_id, entity, actor, command_id)
) STRICT;
CREATE INDEX IF NOT EXISTS eventsource_command_due ON {commands} (next_try_at)
    WHERE outcome = 'pending';
CREATE TABLE IF NOT EXISTS {deadlines} (
    entity_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    event_type INTEGER NOT NULL,
    since_seq INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    PRIMARY KEY (entity_id, entity, event_type)
) STRICT;
CREATE INDEX IF NOT EXISTS eventsource_deadline_due ON {deadlines} (due_at);
CREATE TABLE IF NOT EXISTS {schedules} (
    name TEXT PRIMARY KEY,
    cron TEXT,
    zone TEXT,
    command TEXT NOT NULL CHECK (json_valid(command)),
    next_at TEXT,
    last_at TEXT,
    last TEXT CHECK (json_valid(last))
) STRICT;
",
        subscriptions = names.shared(SUBSCRIPTIONS),
        generations = names.shared(GENERATIONS),
        shards = names.shared(SHARDS),
        parked = names.shared(PARKED),
        workers = names.shared(WORKERS),
        commands = names.shared(COMMANDS),
        deadlines = names.shared(DEADLINES),
        schedules = names.shared(SCHEDULES),
    )
}
