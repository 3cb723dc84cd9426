//! Unique fields: a table of who has which value, and the trigger that keeps it.
//!
//! An entity has the last value that one of its events has set, also after its end; an event without
//! the field, or with null, changes nothing. A value is free again when another takes its place.

use eventsource_model::UniqueField;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, literal};
use crate::store::postgres::sqlstates::{TAKEN, TAKEN_TWICE};

/// Suffix of the trigger and of its function.
const UNIQUE: &str = "unique";

/// Most values that are locked one by one; a statement with more locks the table.
const MAX_LOCKS: u32 = 1000;

/// Most values in the message of a migration that is refused.
const MAX_NAMED: u32 = 10;

/// Returns the SQL of the table and the trigger; nothing without unique fields.
pub(crate) fn create(migration: &Migration, codes: &EventTypeCodes) -> String {
    let (names, fields) = (&migration.names, migration.machine.unique_fields());
    if fields.is_empty() {
        return String::new();
    }
    format!(
        "
-- Who has which value of a unique field. The hash stands for values of any length and type.
CREATE TABLE {table} (
    field text COLLATE \"C\" NOT NULL,
    value_hash bytea NOT NULL,
    value jsonb NOT NULL,
    entity_id uuid NOT NULL,
    PRIMARY KEY (field, value_hash),
    UNIQUE (entity_id, field)
);
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claims CONSTANT bigint NOT NULL := (SELECT count(*) FROM ({claims}) AS claim);
    lock bigint;
    claim record;
    holder uuid;
BEGIN
    -- Whoever claims one of these values waits here, in the order of all: nobody waits in a circle.
    IF claims > {MAX_LOCKS} THEN
        LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE;
    ELSE
        FOR lock IN SELECT DISTINCT hashtextextended(field || encode(value_hash, 'hex'), 0)
            FROM ({claims}) AS claim ORDER BY 1
        LOOP
            PERFORM pg_advisory_xact_lock(lock);
        END LOOP;
    END IF;
    FOR claim IN SELECT * FROM ({claims}) AS claim ORDER BY clock LOOP
        SELECT entity_id INTO holder FROM {table}
        WHERE field = claim.field AND value_hash = claim.value_hash;
        CONTINUE WHEN holder = claim.entity_id;
        IF holder IS NULL THEN
            DELETE FROM {table} WHERE entity_id = claim.entity_id AND field = claim.field;
            INSERT INTO {table} (field, value_hash, value, entity_id)
            VALUES (claim.field, claim.value_hash, claim.value, claim.entity_id)
            ON CONFLICT (field, value_hash) DO NOTHING;
            CONTINUE WHEN FOUND;
        END IF;
        RAISE EXCEPTION '% % of {plain} is taken', claim.field, left(claim.value::text, 200)
            USING ERRCODE = '{TAKEN}', TABLE = {entity}, COLUMN = claim.field,
                DETAIL = claim.value::text;
    END LOOP;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
CREATE TRIGGER {trigger} AFTER INSERT ON {log} REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
",
        table = names.unique(),
        function = function(names),
        trigger = names.of_log(UNIQUE),
        log = names.log(),
        plain = names.entity().replace('%', "%%").replace('\'', "''"),
        entity = literal(names.entity()),
        claims = claims(names, fields, codes, "stored"),
    )
}

/// Returns the SQL that makes the table anew for the rules of the program, with the values of all
/// entities; `had`: whether there is one.
///
/// It fails if two entities have the same value.
pub(crate) fn replace(migration: &Migration, codes: &EventTypeCodes, had: bool) -> String {
    let (names, fields) = (&migration.names, migration.machine.unique_fields());
    let (table, log, trigger) = (names.unique(), names.log(), names.of_log(UNIQUE));
    let drop = match had {
        true => format!(
            "DROP TRIGGER IF EXISTS {trigger} ON {log};
DROP FUNCTION IF EXISTS {function}();
DROP TABLE IF EXISTS {table};
",
            function = function(names),
        ),
        false => String::new(),
    };
    if fields.is_empty() {
        return drop;
    }
    let last = format!(
        "SELECT DISTINCT ON (field, entity_id) field, value_hash, value, entity_id
        FROM ({claims}) AS claim ORDER BY field, entity_id, seq DESC",
        claims = claims(names, fields, codes, &log),
    );
    format!(
        "LOCK TABLE {log} IN SHARE ROW EXCLUSIVE MODE;
{drop}{create}
DO $$ DECLARE twice text; BEGIN
    CREATE TEMPORARY TABLE eventsource_claim ON COMMIT DROP AS
    {last};
    SELECT string_agg(line, '; ') INTO twice FROM (
        SELECT format('%s %s: %s', field, left(min(value::text), 100),
            array_to_string((array_agg(entity_id::text ORDER BY entity_id))[:5], ', ')) AS line
        FROM eventsource_claim GROUP BY field, value_hash HAVING count(*) > 1
        ORDER BY 1 LIMIT {MAX_NAMED}
    ) AS line;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'entities have the same value of a unique field: %', twice
            USING ERRCODE = '{TAKEN_TWICE}', DETAIL = twice;
    END IF;
    INSERT INTO {table} (field, value_hash, value, entity_id)
    SELECT field, value_hash, value, entity_id FROM eventsource_claim;
END $$;
",
        create = create(migration, codes),
    )
}

/// Returns the name of the function of the trigger.
fn function(names: &Names) -> String {
    names.qualified(&names.of_log_unquoted(UNIQUE))
}

/// Returns the query of the values that the events of `table` set.
///
/// As `jsonb`, 1.0 and 1 are the same number but not the same text, so zeros at its end are taken off.
fn claims(names: &Names, fields: &[UniqueField], codes: &EventTypeCodes, table: &str) -> String {
    let value = |field: &UniqueField| {
        let arms = field.set_by.iter().map(|(event, from)| {
            let (number, from) = (codes.number(*event), literal(from));
            format!(" WHEN {number} THEN (data -> {from})::jsonb")
        });
        format!(
            "({}, CASE event_type{} END)",
            literal(&field.name),
            arms.collect::<String>()
        )
    };
    let values: Vec<String> = fields.iter().map(value).collect();
    format!(
        "SELECT clock, seq, entity_id, field, value, sha256(convert_to(value::text, 'UTF8')) AS value_hash
        FROM (
            SELECT clock, seq, {id} AS entity_id, field, CASE jsonb_typeof(set_to)
                WHEN 'number' THEN to_jsonb(trim_scale((set_to #>> '{{}}')::numeric))
                WHEN 'null' THEN NULL ELSE set_to END AS value
            FROM {table} CROSS JOIN LATERAL (VALUES {values}) AS given (field, set_to)
        ) AS event WHERE value IS NOT NULL",
        id = names.id_column(),
        values = values.join(", "),
    )
}
