//! What all entities share in Postgres' words, and its lock.

use super::feed;
use crate::store::names::Names;
use crate::store::schema::SchemaOptions;
use crate::store::statements::{self, EVENT_TYPES, IDEMPOTENCY, MACHINES};

/// The function that refuses what would take something back.
pub(super) const APPEND_ONLY: &str = "eventsource_append_only";

/// Whatever the server's default is: a transaction that has waited for a lock must see what the one
/// before it has done.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

pub(super) fn create_shared(names: &Names, options: &SchemaOptions) -> String {
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
    ) + &feed::create_shared(names, options)
}

/// Locks the entity, so that appends to it take turns.
pub(super) fn lock_head(names: &Names) -> String {
    format!("{} FOR UPDATE", statements::select_head(names))
}
