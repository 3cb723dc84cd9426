//! Tables that all entities of a schema share.

use crate::store::contract::names::Names;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::{append_only, feed, json_fault, keys};
use crate::store::sql::statements::{EVENT_TYPES, MACHINES};

/// Returns the SQL that creates them unless they exist.
pub(crate) fn create_shared(names: &Names, options: &SchemaOptions) -> String {
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
{keys}{guards}",
        machines = names.shared(MACHINES),
        event_types = names.shared(EVENT_TYPES),
        keys = keys::create(names, options),
        guards = append_only::create(names),
    ) + &json_fault::create(names)
        + &feed::create_shared(names, options)
}
