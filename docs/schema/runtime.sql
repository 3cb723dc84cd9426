-- The tables of the runtime: subscriptions, read models, commands and deadlines.
BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') THEN
        CREATE SCHEMA "public";
    END IF;
END $$;

-- One row a subscription or read model. `generation` is the live one, `reads` has the machines as
-- keys, each with a list of event types or null for all.
CREATE TABLE IF NOT EXISTS "public"."eventsource_subscription" (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'),
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
CREATE TABLE IF NOT EXISTS "public"."eventsource_generation" (
    subscription text NOT NULL,
    generation integer NOT NULL CHECK (generation >= 1),
    version integer NOT NULL,
    tables text[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (subscription, generation)
);

-- One row a shard: everything up to `position` is done. Who writes it names its `epoch`. The owner is a
-- worker, and loses it when it was not seen for a while.
CREATE TABLE IF NOT EXISTS "public"."eventsource_shard" (
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
CREATE TABLE IF NOT EXISTS "public"."eventsource_parked" (
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
CREATE INDEX IF NOT EXISTS "eventsource_parked_key" ON "public"."eventsource_parked" (subscription, key, position);
CREATE INDEX IF NOT EXISTS "eventsource_parked_due" ON "public"."eventsource_parked" (subscription, next_try_at);

-- Running programs that process subscriptions. `knows` lists the generations that one can process.
CREATE TABLE IF NOT EXISTS "public"."eventsource_worker" (
    id uuid PRIMARY KEY,
    program text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    knows text NOT NULL
);

-- Commands with their outcome, and those that are still to be executed.
CREATE TABLE IF NOT EXISTS "public"."eventsource_command" (
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
CREATE INDEX IF NOT EXISTS "eventsource_command_due" ON "public"."eventsource_command" (next_try_at) WHERE outcome = 'pending';

-- Timed events of entities, each from the event on since which it has been legal.
CREATE TABLE IF NOT EXISTS "public"."eventsource_deadline" (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    event_type smallint NOT NULL,
    since_seq integer NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (entity_id, entity, event_type)
);
CREATE INDEX IF NOT EXISTS "eventsource_deadline_due" ON "public"."eventsource_deadline" (due_at);

-- Commands at a time, or again and again.
CREATE TABLE IF NOT EXISTS "public"."eventsource_schedule" (
    name text PRIMARY KEY,
    cron text,
    zone text,
    command jsonb NOT NULL,
    next_at timestamptz,
    last_at timestamptz,
    last jsonb
);

-- Makes a generation the live one, in one row, and points the views for people to it.
CREATE OR REPLACE FUNCTION "public"."eventsource_switch"(model text, wanted integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    chosen record;
    stored text;
    shown text;
    grantee text;
    mark constant text := 'The live rows of the read model ';
BEGIN
    SELECT version, tables, (SELECT count(*) FROM "public"."eventsource_shard" AS shard
            WHERE shard.subscription = model AND shard.generation = wanted) AS shards
    INTO chosen FROM "public"."eventsource_generation" WHERE subscription = model AND generation = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the read model % has no generation %', model, wanted
            USING ERRCODE = 'EV105';
    END IF;
    UPDATE "public"."eventsource_subscription"
    SET generation = wanted, version = chosen.version, shards = greatest(chosen.shards, 1)
    WHERE name = model;
    UPDATE "public"."eventsource_shard" SET building = false
    WHERE subscription = model AND generation = wanted AND building;
    FOREACH stored IN ARRAY chosen.tables LOOP
        shown := regexp_replace(stored, '__[0-9]+$', '');
        -- What has the name and was not made here stays.
        CONTINUE WHEN shown = stored OR EXISTS (SELECT FROM pg_class
            WHERE relnamespace = '"public"'::regnamespace AND relname = shown
                AND obj_description(oid, 'pg_class') IS DISTINCT FROM mark || model);
        BEGIN
            EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT * FROM %I.%I',
                'public', shown, 'public', stored);
        EXCEPTION WHEN invalid_table_definition THEN
            -- It has other columns.
            EXECUTE format('DROP VIEW %I.%I', 'public', shown);
            EXECUTE format('CREATE VIEW %I.%I AS SELECT * FROM %I.%I',
                'public', shown, 'public', stored);
        END;
        EXECUTE format('COMMENT ON VIEW %I.%I IS %L', 'public', shown, mark || model);
        -- Whoever may read the table may read the view.
        FOR grantee IN SELECT DISTINCT entry.grantee::regrole::text
            FROM pg_class, aclexplode(relacl) AS entry
            WHERE relnamespace = '"public"'::regnamespace AND relname = stored
                AND entry.privilege_type = 'SELECT' AND entry.grantee <> 0
        LOOP
            EXECUTE format('GRANT SELECT ON %I.%I TO %s', 'public', shown, grantee);
        END LOOP;
    END LOOP;
END $$;

-- Drops the tables of a generation, unless it is live or a worker has been processing it within a
-- minute; returns whether it is gone.
CREATE OR REPLACE FUNCTION "public"."eventsource_retire"(model text, unwanted integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored text;
BEGIN
    -- Nobody switches to it meanwhile.
    PERFORM FROM "public"."eventsource_subscription" WHERE name = model FOR UPDATE;
    IF EXISTS (SELECT FROM "public"."eventsource_subscription" WHERE name = model AND generation = unwanted)
        OR EXISTS (SELECT FROM "public"."eventsource_shard" AS shard JOIN "public"."eventsource_worker" AS worker ON worker.id = shard.owner
            WHERE shard.subscription = model AND shard.generation = unwanted
                AND worker.seen_at > clock_timestamp() - interval '60 seconds')
    THEN
        RETURN false;
    END IF;
    FOR stored IN SELECT unnest(tables) FROM "public"."eventsource_generation"
        WHERE subscription = model AND generation = unwanted
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', 'public', stored);
    END LOOP;
    DELETE FROM "public"."eventsource_shard" WHERE subscription = model AND generation = unwanted;
    DELETE FROM "public"."eventsource_generation" WHERE subscription = model AND generation = unwanted;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION "public"."eventsource_switch"(text, integer), "public"."eventsource_retire"(text, integer) FROM PUBLIC;

-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON "public"."eventsource_subscription", "public"."eventsource_generation", "public"."eventsource_shard", "public"."eventsource_parked", "public"."eventsource_worker", "public"."eventsource_command", "public"."eventsource_deadline", "public"."eventsource_schedule" FROM PUBLIC, "task_app", "task_report", "task_worker";
GRANT USAGE ON SCHEMA "public" TO "task_app";
GRANT SELECT ON "public"."eventsource_subscription", "public"."eventsource_generation", "public"."eventsource_shard", "public"."eventsource_deadline" TO "task_app";
GRANT USAGE ON SCHEMA "public" TO "task_report";
GRANT SELECT ON "public"."eventsource_subscription", "public"."eventsource_generation", "public"."eventsource_shard", "public"."eventsource_deadline" TO "task_report";
GRANT SELECT, INSERT, UPDATE ON "public"."eventsource_command" TO "task_app";
GRANT USAGE ON SCHEMA "public" TO "task_worker";
GRANT SELECT ON "public"."eventsource_subscription", "public"."eventsource_generation", "public"."eventsource_shard", "public"."eventsource_deadline" TO "task_worker";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."eventsource_parked", "public"."eventsource_worker", "public"."eventsource_command", "public"."eventsource_deadline", "public"."eventsource_schedule" TO "task_worker";
GRANT UPDATE (paused, settings) ON "public"."eventsource_subscription" TO "task_worker";
GRANT UPDATE (position, epoch, owner, moved_at, building, attempts, retry_at, halted) ON "public"."eventsource_shard" TO "task_worker";
GRANT EXECUTE ON FUNCTION "public"."eventsource_switch"(text, integer), "public"."eventsource_retire"(text, integer) TO "task_worker";
-- Logs of before; a migration grants the rights to its own.
DO $$
DECLARE
    machine text;
BEGIN
    IF to_regclass('"public"."eventsource_machine"') IS NULL THEN
        RETURN;
    END IF;
    GRANT SELECT ON "public"."eventsource_machine", "public"."eventsource_event_type", "public"."eventsource_feed", "public"."eventsource_feed_entity", "public"."eventsource_sequencer" TO "task_worker";
    FOR machine IN SELECT entity FROM "public"."eventsource_machine" LOOP
        EXECUTE format('GRANT SELECT ON %I.%I, %I.%I, %I.%I, %I.%I TO "task_worker"',
            'public', machine, 'public', machine || '_event',
            'public', machine || '_event_view', 'public', machine || '_view');
    END LOOP;
    IF to_regprocedure('"public"."eventsource_catch_up"(bigint)') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION "public"."eventsource_catch_up"(bigint) TO "task_worker";
    END IF;
END $$;
COMMIT;
