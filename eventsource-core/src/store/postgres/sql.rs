//! The tables in Postgres' words, and its lock.

use super::feed;
use crate::store::migration::Steps;
use crate::store::names::{Names, quoted};
use crate::store::statements::{self, EVENT_TYPES, IDEMPOTENCY, MACHINES};

const APPEND_ONLY: &str = "eventsource_append_only";

/// Whatever the server's default is: a transaction that has waited for a lock must see what the one
/// before it has done.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A migration waits for the one before it, however long that takes.
pub(super) const NO_LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = 0";

/// One migration at a time in a database. Released with the transaction.
pub(super) const LOCK_MIGRATIONS: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0))";

/// The name to ask `to_regclass` for: null before the first migration.
pub(super) fn machines(names: &Names) -> String {
    names.shared(MACHINES)
}

pub(super) fn create_shared(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {machines} (
    entity text PRIMARY KEY,
    fingerprint text NOT NULL,
    rules jsonb NOT NULL,
    migrated_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS {event_types} (
    entity text NOT NULL,
    number smallint NOT NULL CHECK (number BETWEEN 0 AND 63),
    name text NOT NULL,
    PRIMARY KEY (entity, number),
    UNIQUE (entity, name)
);
CREATE TABLE IF NOT EXISTS {idempotency} (
    entity text NOT NULL,
    key text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (entity, key)
);
CREATE OR REPLACE FUNCTION {append_only}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;",
        machines = names.shared(MACHINES),
        event_types = names.shared(EVENT_TYPES),
        idempotency = names.shared(IDEMPOTENCY),
        append_only = names.qualified(APPEND_ONLY),
    ) + &feed::create_shared(names)
}

pub(super) fn create_tables(names: &Names, steps: &Steps) -> String {
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
CREATE TABLE {heads} (
    id uuid PRIMARY KEY,
    seq integer NOT NULL CHECK (seq >= 1),
    version integer NOT NULL CHECK (version >= 1),
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE SEQUENCE {clock};
CREATE TABLE {log} (
    {id} uuid NOT NULL REFERENCES {heads} (id),
    seq integer NOT NULL CHECK (seq >= 1),
    prior_seq integer GENERATED ALWAYS AS (NULLIF(seq - 1, 0)) STORED,
    clock bigint NOT NULL DEFAULT nextval('{clock_literal}'),
    event_id uuid NOT NULL,
    event_type smallint NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    recorded_at timestamptz NOT NULL,
    data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    PRIMARY KEY ({id}, seq),
    CONSTRAINT {event_id} UNIQUE (event_id, {id}),
    CONSTRAINT {chain} UNIQUE ({id}, seq, state),
    CONSTRAINT {follows} FOREIGN KEY ({id}, prior_seq, prior_state)
        REFERENCES {log} ({id}, seq, state),
    CONSTRAINT {first} CHECK (seq > 1 OR (prior_state = 0 AND version = 1)){checks}
);
ALTER SEQUENCE {clock} OWNED BY {log}.clock;
CREATE INDEX {by_clock} ON {log} (clock);
CREATE TRIGGER {append_only} BEFORE UPDATE OR DELETE OR TRUNCATE ON {log}
    FOR EACH STATEMENT EXECUTE FUNCTION {refuse}();",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        clock = names.qualified(&format!("{}_event_clock_seq", names.entity())),
        clock_literal = names
            .qualified(&format!("{}_event_clock_seq", names.entity()))
            .replace('\'', "''"),
        chain = names.of_log("chain"),
        follows = names.of_log("follows"),
        first = names.of_log("first"),
        event_id = names.of_log("event_id"),
        by_clock = names.of_log("by_clock"),
        append_only = names.of_log("append_only"),
        refuse = names.qualified(APPEND_ONLY),
    ) + &feed::create_for(names)
}

/// Which of the constraints on the log come from the rules, so that a migration may replace them.
pub(super) const RULE_CONSTRAINTS: &str = "\
SELECT conname FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'c'
    AND (conname = $2 OR conname LIKE $3)";

pub(super) fn replace_checks(names: &Names, old: &[String], steps: &Steps) -> String {
    let drop = old
        .iter()
        .map(|name| format!("DROP CONSTRAINT {}", quoted(name)));
    let add = steps.checks.iter().map(|(suffix, condition)| {
        format!(
            "ADD CONSTRAINT {} CHECK ({condition})",
            names.of_log(suffix)
        )
    });
    let changes: Vec<String> = drop.chain(add).collect();
    format!(
        "ALTER TABLE {}\n    {}",
        names.log(),
        changes.join(",\n    ")
    )
}

/// Locks the entity, so that appends to it take turns.
pub(super) fn lock_head(names: &Names) -> String {
    format!("{} FOR UPDATE", statements::select_head(names))
}
