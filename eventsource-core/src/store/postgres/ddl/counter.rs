//! Counter of an entity, and the trigger that refuses ids it has not given.

use crate::store::contract::names::{Names, literal};
use crate::store::postgres::ddl::append_only::APPEND_ONLY;
use crate::store::postgres::sqlstates::UNCOUNTED;
use crate::store::sql::statements::COUNTERS;

/// Returns the SQL of the counter and of its guard.
pub(crate) fn create(names: &Names, has_triggers: bool) -> String {
    let counters = names.shared(COUNTERS);
    let guard = if has_triggers {
        guard(names)
    } else {
        String::new()
    };
    format!(
        "
-- The last number that an entity was given.
CREATE TABLE IF NOT EXISTS {counters} (
    entity text PRIMARY KEY,
    last bigint NOT NULL CHECK (last >= 0)
);
CREATE OR REPLACE TRIGGER \"eventsource_counter_forward\" BEFORE UPDATE ON {counters}
    FOR EACH ROW WHEN (NEW.last < OLD.last OR NEW.entity <> OLD.entity)
    EXECUTE FUNCTION {append_only}();
CREATE OR REPLACE TRIGGER \"eventsource_counter_stays\" BEFORE DELETE OR TRUNCATE ON {counters}
    FOR EACH STATEMENT EXECUTE FUNCTION {append_only}();
INSERT INTO {counters} (entity, last) VALUES ({entity}, 0) ON CONFLICT DO NOTHING;
{guard}",
        append_only = names.qualified(APPEND_ONLY),
        entity = literal(names.entity()),
    )
}

/// Returns the SQL of the trigger by which only ids of the counter begin a stream.
///
/// A counted id is a UUID of version 8 that ends in the number, so ids sort like numbers.
fn guard(names: &Names) -> String {
    format!(
        "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM {counters} AS counter WHERE counter.entity = {entity}
            AND NEW.id >= '00000000-0000-8000-8000-000000000001'
            AND NEW.id <= ('0000000000008000' || to_hex(counter.last | (1::bigint << 63)))::uuid)
    THEN
        RAISE EXCEPTION 'the counter has not given this id'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
CREATE TRIGGER {trigger} BEFORE INSERT ON {heads}
    FOR EACH ROW EXECUTE FUNCTION {function}();
",
        function = names.qualified(&names.of_log_unquoted("counted")),
        counters = names.shared(COUNTERS),
        entity = literal(names.entity()),
        trigger = names.of_log("counted"),
        heads = names.heads(),
    )
}

/// Returns the SQL that raises [`UNCOUNTED`] if there are entities already.
pub(crate) fn none_uncounted(names: &Names) -> String {
    format!(
        "DO $$ BEGIN
    IF EXISTS (SELECT FROM {}) THEN
        RAISE EXCEPTION 'there are entities that no counter has named' USING ERRCODE = '{UNCOUNTED}';
    END IF;
END $$;
",
        names.heads()
    )
}
