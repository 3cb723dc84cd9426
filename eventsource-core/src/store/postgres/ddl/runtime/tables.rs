//! Tables of the runtime.
//!
//! They have no layout: a program reads and writes the columns that it knows, by name. A column that
//! is added later is nullable or has a constant default, so that programs without it go on; it is
//! added to the table below, and for tables that exist by an `ALTER TABLE` at the end that looks for
//! the column first, as `feed::add_later_columns` does. On SQLite `sqlite/schema/runtime.rs` would
//! ask `pragma_table_info` for it. No column is ever renamed or dropped.

use crate::store::contract::names::{Names, quoted};
use crate::store::sql::runtime::{
    COMMANDS, DEADLINES, GENERATIONS, PARKED, SCHEDULES, SHARDS, SUBSCRIPTIONS, WORKERS,
};

/// Returns the SQL that creates the tables unless they exist.
pub(crate) fn create(names: &Names) -> String {
    format!(
        "
-- One row a subscription or read model. `generation` is the live one, `reads` has the machines as
-- keys, each with a list of event types or null for all.
CREATE TABLE IF NOT EXISTS {subscriptions} (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{{0,47}}$'),
    kind text NOT NULL
        CHECK (kind IN ('view', 'projection', 'inline', 'handler', 'process', 'deadline')),
    version integer NOT NULL,
    generation integer NOT NULL,
    shards smallint NOT NULL CHECK (shards BETWEEN 1 AND 256 AND shards & (shards - 1) = 0),
    reads jsonb NOT NULL,
    settings jsonb NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

-- The tables of each generation of a read model, and the version of the program that computes them.
CREATE TABLE IF NOT EXISTS {generations} (
    subscription text NOT NULL,
    generation integer NOT NULL CHECK (generation >= 1),
    version integer NOT NULL,
    tables text[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (subscription, generation)
);

-- One row a shard: everything up to `position` is done. Who writes it names its `epoch`. The owner is a
-- worker, and loses it when it was not seen for a while.
CREATE TABLE IF NOT EXISTS {shards} (
    subscription text NOT NULL,
    generation integer NOT NULL,
    shard smallint NOT NULL,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    epoch bigint NOT NULL DEFAULT 0,
    owner uuid,
    moved_at timestamptz NOT NULL,
    building boolean NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    halted jsonb,
    PRIMARY KEY (subscription, generation, shard)
) WITH (fillfactor = 50);

-- Events that wait because an event of their key has failed; their payloads are in the log.
CREATE TABLE IF NOT EXISTS {parked} (
    entity_id uuid NOT NULL,
    subscription text NOT NULL,
    position bigint NOT NULL,
    entity text NOT NULL,
    seq integer NOT NULL,
    key text NOT NULL,
    shard smallint NOT NULL,
    attempts integer NOT NULL,
    next_try_at timestamptz,
    error text NOT NULL,
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (entity_id, subscription, position)
);
CREATE INDEX IF NOT EXISTS {parked_key} ON {parked} (subscription, key, position);
CREATE INDEX IF NOT EXISTS {parked_due} ON {parked} (subscription, next_try_at);

-- Running programs that process subscriptions. `knows` lists the generations that one can process.
CREATE TABLE IF NOT EXISTS {workers} (
    id uuid PRIMARY KEY,
    program text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    knows text NOT NULL
);

-- Commands with their outcome, and those that are still to be executed.
CREATE TABLE IF NOT EXISTS {commands} (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    actor text NOT NULL,
    command_id text NOT NULL,
    name text NOT NULL,
    payload jsonb NOT NULL,
    metadata jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text NOT NULL
        CHECK (outcome IN ('pending', 'accepted', 'rejected', 'refused', 'failed')),
    answer jsonb,
    first_seq integer,
    last_seq integer,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    PRIMARY KEY (entity_id, entity, actor, command_id)
);
CREATE INDEX IF NOT EXISTS {commands_due} ON {commands} (next_try_at) WHERE outcome = 'pending';

-- Timed events of entities, each from the event on since which it has been legal.
CREATE TABLE IF NOT EXISTS {deadlines} (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    event_type smallint NOT NULL,
    since_seq integer NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (entity_id, entity, event_type)
);
CREATE INDEX IF NOT EXISTS {deadlines_due} ON {deadlines} (due_at);

-- Commands at a time, or again and again.
CREATE TABLE IF NOT EXISTS {schedules} (
    name text PRIMARY KEY,
    cron text,
    zone text,
    command jsonb NOT NULL,
    next_at timestamptz,
    last_at timestamptz,
    last jsonb
);
",
        subscriptions = names.shared(SUBSCRIPTIONS),
        generations = names.shared(GENERATIONS),
        shards = names.shared(SHARDS),
        parked = names.shared(PARKED),
        parked_key = quoted(&format!("{PARKED}_key")),
        parked_due = quoted(&format!("{PARKED}_due")),
        workers = names.shared(WORKERS),
        commands = names.shared(COMMANDS),
        commands_due = quoted(&format!("{COMMANDS}_due")),
        deadlines = names.shared(DEADLINES),
        deadlines_due = quoted(&format!("{DEADLINES}_due")),
        schedules = names.shared(SCHEDULES),
    )
}
