//! Functions by which a worker lets the owner switch to another generation, and drop an old one.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::postgres::sqlstates::UNKNOWN_GENERATION;
use crate::store::sql::runtime::{GENERATIONS, RETIRE, SHARDS, SUBSCRIPTIONS, SWITCH, WORKERS};

/// Returns the SQL that creates the functions, or replaces them.
///
/// Views for people have the names of the tables without the generation. A name that is that of
/// something else is left alone.
pub(crate) fn create(names: &Names) -> String {
    let (switch, retire) = (names.shared(SWITCH), names.shared(RETIRE));
    format!(
        "
-- Makes a generation the live one, in one row, and points the views for people to it.
CREATE OR REPLACE FUNCTION {switch}(model text, wanted integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    chosen record;
    stored text;
    shown text;
    grantee text;
    mark constant text := 'The live rows of the read model ';
BEGIN
    SELECT version, tables, (SELECT count(*) FROM {shards} AS shard
            WHERE shard.subscription = model AND shard.generation = wanted) AS shards
    INTO chosen FROM {generations} WHERE subscription = model AND generation = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the read model % has no generation %', model, wanted
            USING ERRCODE = '{UNKNOWN_GENERATION}';
    END IF;
    UPDATE {subscriptions}
    SET generation = wanted, version = chosen.version, shards = greatest(chosen.shards, 1)
    WHERE name = model;
    UPDATE {shards} SET building = false
    WHERE subscription = model AND generation = wanted AND building;
    FOREACH stored IN ARRAY chosen.tables LOOP
        shown := regexp_replace(stored, '__[0-9]+$', '');
        -- What has the name and was not made here stays.
        CONTINUE WHEN shown = stored OR EXISTS (SELECT FROM pg_class
            WHERE relnamespace = {schema}::regnamespace AND relname = shown
                AND obj_description(oid, 'pg_class') IS DISTINCT FROM mark || model);
        BEGIN
            EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT * FROM %I.%I',
                {schema_literal}, shown, {schema_literal}, stored);
        EXCEPTION WHEN invalid_table_definition THEN
            -- It has other columns.
            EXECUTE format('DROP VIEW %I.%I', {schema_literal}, shown);
            EXECUTE format('CREATE VIEW %I.%I AS SELECT * FROM %I.%I',
                {schema_literal}, shown, {schema_literal}, stored);
        END;
        EXECUTE format('COMMENT ON VIEW %I.%I IS %L', {schema_literal}, shown, mark || model);
        -- Whoever may read the table may read the view.
        FOR grantee IN SELECT DISTINCT entry.grantee::regrole::text
            FROM pg_class, aclexplode(relacl) AS entry
            WHERE relnamespace = {schema}::regnamespace AND relname = stored
                AND entry.privilege_type = 'SELECT' AND entry.grantee <> 0
        LOOP
            EXECUTE format('GRANT SELECT ON %I.%I TO %s', {schema_literal}, shown, grantee);
        END LOOP;
    END LOOP;
END $$;

-- Drops the tables of a generation, unless it is live or a worker has been processing it within a
-- minute; returns whether it is gone.
CREATE OR REPLACE FUNCTION {retire}(model text, unwanted integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored text;
BEGIN
    -- Nobody switches to it meanwhile.
    PERFORM FROM {subscriptions} WHERE name = model FOR UPDATE;
    IF EXISTS (SELECT FROM {subscriptions} WHERE name = model AND generation = unwanted)
        OR EXISTS (SELECT FROM {shards} AS shard JOIN {workers} AS worker ON worker.id = shard.owner
            WHERE shard.subscription = model AND shard.generation = unwanted
                AND worker.seen_at > clock_timestamp() - interval '60 seconds')
    THEN
        RETURN false;
    END IF;
    FOR stored IN SELECT unnest(tables) FROM {generations}
        WHERE subscription = model AND generation = unwanted
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', {schema_literal}, stored);
    END LOOP;
    DELETE FROM {shards} WHERE subscription = model AND generation = unwanted;
    DELETE FROM {generations} WHERE subscription = model AND generation = unwanted;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION {switch}(text, integer), {retire}(text, integer) FROM PUBLIC;
",
        subscriptions = names.shared(SUBSCRIPTIONS),
        generations = names.shared(GENERATIONS),
        shards = names.shared(SHARDS),
        workers = names.shared(WORKERS),
        schema = literal(&quoted(names.schema().unwrap_or_default())),
        schema_literal = literal(names.schema().unwrap_or_default()),
    )
}
