-- The tables of 'task', which enforce its rules (fingerprint 89e2fe734749432f).
BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';

DO $$ BEGIN
    IF to_regclass('"public"."eventsource_machine"') IS NOT NULL THEN
        IF EXISTS (SELECT FROM "public"."eventsource_machine" WHERE entity = 'task') THEN
            RAISE EXCEPTION 'the tables of task exist already' USING ERRCODE = 'EV101';
        END IF;
    END IF;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') THEN
        CREATE SCHEMA "public";
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS "public"."eventsource_machine" (
    entity text PRIMARY KEY,
    fingerprint text NOT NULL,
    rules jsonb NOT NULL,
    migrated_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS "public"."eventsource_event_type" (
    entity text NOT NULL,
    number smallint NOT NULL CHECK (number BETWEEN 0 AND 63),
    name text NOT NULL,
    PRIMARY KEY (entity, number),
    UNIQUE (entity, name)
);

-- Which events answer an idempotency key: of each actor its own. The actor is '' if there is none.
CREATE TABLE IF NOT EXISTS "public"."eventsource_idempotency_key" (
    entity text NOT NULL,
    key text NOT NULL,
    actor text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (entity, key, actor)
);
-- Those that programs of layouts 1 and 2 have stored, without their actors.
CREATE TABLE IF NOT EXISTS "public"."eventsource_idempotency" (
    entity text NOT NULL,
    key text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (entity, key)
);
CREATE OR REPLACE FUNCTION "public"."eventsource_keys_moved"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM "public"."eventsource_machine" AS machine WHERE machine.entity = NEW.entity
        AND machine.fingerprint ~ '^layout ([3-9]|[0-9]{2,}): ')
    THEN
        RAISE EXCEPTION 'the idempotency keys of ''%'' have moved', NEW.entity
            USING ERRCODE = 'serialization_failure', HINT = 'Try again: the functions are others by now.';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION "public"."eventsource_keys_moved"() FROM PUBLIC;
CREATE OR REPLACE TRIGGER eventsource_keys_moved BEFORE INSERT ON "public"."eventsource_idempotency"
    FOR EACH ROW EXECUTE FUNCTION "public"."eventsource_keys_moved"();
CREATE OR REPLACE FUNCTION "public"."eventsource_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE FUNCTION "public"."eventsource_functions_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written by functions only: append with %', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation',
        HINT = 'A program that inserts events itself is older than these tables: update it.';
END $$;
REVOKE ALL ON FUNCTION "public"."eventsource_append_only"(), "public"."eventsource_functions_only"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "public"."eventsource_json_fault"(value json) RETURNS text LANGUAGE plpgsql
IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Without escaped backslashes: a backslash begins another escape.
    written text := replace(value::text, E'\\\\', '__');
    number record;
    digits integer;
    fault text;
BEGIN
    IF strpos(written, E'\\u') > 0 THEN
        IF strpos(written, E'\\u0000') > 0 THEN
            RETURN 'contains the character U+0000';
        END IF;
        IF regexp_replace(written, E'\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..', '', 'g') ~ E'\\\\u[dD][89a-fA-F]' THEN
            RETURN 'contains half of a surrogate pair';
        END IF;
    END IF;
    -- Many digits, or an exponent of three.
    IF written ~ '[0-9]{200}|[eE][+]?0*[1-9][0-9]{2}' THEN
        FOR number IN
            SELECT part[1] AS whole, coalesce(left(part[2], 400), '') AS fraction, ltrim(part[3], '+0') AS exponent
            FROM regexp_matches(regexp_replace(written, E'"([^"\\\\]|\\\\.)*"', '""', 'g'),
                '([0-9]+)([.][0-9]+)?(?:[eE]([+-]?[0-9]+))?', 'g') AS part
        LOOP
            IF length(number.exponent) > 9 THEN
                CONTINUE WHEN number.exponent LIKE '-%';
                RETURN 'has a number that is too large';
            END IF;
            digits := length(number.whole) + coalesce(nullif(number.exponent, ''), '0')::integer;
            IF digits > 309 OR digits = 309
                AND (number.whole || number.fraction || 'e' || coalesce(nullif(number.exponent, ''), '0'))::numeric
                    > 1.797693134862315807e308
            THEN
                RETURN 'has a number that is too large';
            END IF;
        END LOOP;
    END IF;
    IF written ~ '[[{][^[{]*[[{]' THEN
        WITH RECURSIVE nested (value, depth) AS (
            SELECT value, 1
            UNION ALL
            SELECT part.value, depth + 1
            FROM nested, LATERAL (
                SELECT field.value FROM json_each(
                    CASE json_typeof(nested.value) WHEN 'object' THEN nested.value ELSE '{}' END) AS field
                UNION ALL
                SELECT element.value FROM json_array_elements(
                    CASE json_typeof(nested.value) WHEN 'array' THEN nested.value ELSE '[]' END) AS element
            ) AS part
            WHERE depth <= 127 AND json_typeof(part.value) IN ('object', 'array')
        )
        SELECT CASE WHEN depth > 127 THEN 'is nested deeper than 127 levels' ELSE wrong.fault END
        INTO fault
        FROM nested LEFT JOIN LATERAL (
            SELECT CASE WHEN count(*) > 1 THEN format('has the key ''%s'' twice', left(key, 100))
                ELSE format('has the reserved key ''%s''', left(key, 100)) END AS fault
            FROM json_object_keys(CASE json_typeof(nested.value) WHEN 'object' THEN nested.value ELSE '{}' END) AS key
            GROUP BY key HAVING count(*) > 1 OR starts_with(key, '$serde_json::private::') LIMIT 1) AS wrong ON true
        WHERE depth > 127 OR wrong.fault IS NOT NULL LIMIT 1;
    ELSIF json_typeof(value) = 'object' THEN
        fault := (
            SELECT CASE WHEN count(*) > 1 THEN format('has the key ''%s'' twice', left(key, 100))
                ELSE format('has the reserved key ''%s''', left(key, 100)) END AS fault
            FROM json_object_keys(value) AS key
            GROUP BY key HAVING count(*) > 1 OR starts_with(key, '$serde_json::private::') LIMIT 1);
    END IF;
    RETURN fault;
END $$;
REVOKE ALL ON FUNCTION "public"."eventsource_json_fault"(json) FROM PUBLIC;


-- The feed: one order of the events of all entities.
DO $$ BEGIN
    IF to_regclass('"public"."eventsource_sequencer"') IS NOT NULL AND (to_regclass('"public"."eventsource_outbox"') IS NOT NULL) <> false
    THEN
        RAISE EXCEPTION 'the feed of this schema has another strategy' USING ERRCODE = 'EV103';
    END IF;
END $$;
CREATE SEQUENCE IF NOT EXISTS "public"."eventsource_clock";
CREATE TABLE IF NOT EXISTS "public"."eventsource_feed_entity" (
    number smallint PRIMARY KEY CHECK (number >= 1),
    entity text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS "public"."eventsource_feed" (
    position bigint PRIMARY KEY CHECK (position >= 1),
    clock bigint NOT NULL,
    entity_id uuid NOT NULL,
    seq integer NOT NULL,
    entity smallint NOT NULL
);
CREATE OR REPLACE TRIGGER "eventsource_feed_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "public"."eventsource_feed"
    FOR EACH STATEMENT EXECUTE FUNCTION "public"."eventsource_append_only"();
CREATE TABLE IF NOT EXISTS "public"."eventsource_sequencer" (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL CHECK (position >= 0),
    batch bigint NOT NULL,
    snapshot pg_snapshot NOT NULL,
    system_identifier bigint NOT NULL,
    restored_clock bigint NOT NULL,
    target pg_snapshot,
    reached_clock bigint NOT NULL DEFAULT 0
);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = to_regclass('"public"."eventsource_sequencer"') AND attname = 'snapshot')
        AND NOT EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = to_regclass('"public"."eventsource_sequencer"') AND attname = 'reached_clock')
    THEN
        ALTER TABLE "public"."eventsource_sequencer" ADD COLUMN IF NOT EXISTS target pg_snapshot,
            ADD COLUMN IF NOT EXISTS reached_clock bigint NOT NULL DEFAULT 0;
    END IF;
END $$;
INSERT INTO "public"."eventsource_sequencer" (position, batch, snapshot, system_identifier, restored_clock)
SELECT 0, 0, pg_current_snapshot(), system_identifier, 0 FROM pg_control_system()
ON CONFLICT DO NOTHING;

-- Where each entity stands: its last event.
CREATE TABLE "public"."task" (
    id uuid PRIMARY KEY,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);

-- The rules of one event, by number. A state is a set of event types, one bit each by number.
CREATE TYPE "public"."task_event_row" AS (event_type smallint, prior_state bigint, state bigint, seq integer, version integer, prior_version integer, data json, metadata json);
CREATE DOMAIN "public"."task_event_rules_89e2fe73" AS "public"."task_event_row"
    CONSTRAINT "task_event_data_check" CHECK (coalesce(jsonb_typeof((VALUE).data::jsonb) = 'object', FALSE))
    CONSTRAINT "task_event_metadata_check" CHECK (coalesce(CASE WHEN (VALUE).metadata::text = '{}' THEN TRUE
        ELSE NOT jsonb_path_exists((VALUE).metadata::jsonb, 'strict $ ? (@.type() != "object"
            || exists(@.actor ? (@.type() != "string" && @.type() != "null"))
            || exists(@.correlation_id ? (@.type() != "string" && @.type() != "null"))
            || exists(@.causation_id ? (@.type() != "string" && @.type() != "null"))
            || exists(@.idempotency_key ? (@.type() != "string" && @.type() != "null"))
            || @.roles.type() != "array" || exists(@.roles[*] ? (@.type() != "string")))') END, FALSE))
    CONSTRAINT "task_event_rules" CHECK (coalesce(CASE (VALUE).event_type
        WHEN 0 THEN (VALUE).prior_state = 0 AND (VALUE).state = 1 -- CREATED
        WHEN 1 THEN ((VALUE).prior_state & 1) = 1 AND ((VALUE).prior_state & 2) = 0 AND (VALUE).state = (VALUE).prior_state | 2 -- ASSIGNED
        WHEN 2 THEN ((VALUE).prior_state & 1) = 1 AND ((VALUE).prior_state & 4) = 0 AND (VALUE).state = (VALUE).prior_state | 4 -- SCHEDULED
        WHEN 3 THEN ((VALUE).prior_state & 6) = 6 AND (VALUE).state = 8 -- STARTED
        WHEN 4 THEN ((VALUE).prior_state & 8) = 8 AND (VALUE).state = (VALUE).prior_state -- REASSIGNED
        WHEN 5 THEN ((VALUE).prior_state & 8) = 8 AND (VALUE).state = (VALUE).prior_state -- RESCHEDULED
        WHEN 6 THEN (((VALUE).prior_state & 1) = 1 OR ((VALUE).prior_state & 8) = 8) AND (VALUE).state = 1 -- REVISED
        WHEN 7 THEN ((VALUE).prior_state & 8) = 8 AND (VALUE).state = 128 -- CANCELED
        WHEN 8 THEN ((VALUE).prior_state & 8) = 8 AND (VALUE).state = 256 -- COMPLETED
        WHEN 9 THEN ((VALUE).prior_state & 256) = 256 AND (VALUE).state = 512 -- ENDED
        ELSE FALSE END, FALSE))
    CONSTRAINT "task_event_version" CHECK (coalesce((VALUE).seq = 1 OR (VALUE).version = (VALUE).prior_version + CASE WHEN (VALUE).event_type IN (6) THEN 1 ELSE 0 END, FALSE))
    CONSTRAINT "task_event_requires_assignee" CHECK (coalesce((VALUE).event_type NOT IN (1, 4) OR (VALUE).data ->> 'assignee' IS NOT NULL, FALSE))
    CONSTRAINT "task_event_requires_deadline" CHECK (coalesce((VALUE).event_type NOT IN (2, 5) OR (VALUE).data ->> 'deadline' IS NOT NULL, FALSE));

-- What happened, never changed. A state is a set of event types, one bit each by number.
CREATE TABLE "public"."task_event" (
    "task_id" uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint NOT NULL DEFAULT nextval('"public"."eventsource_clock"'),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    PRIMARY KEY ("task_id", seq),
    CONSTRAINT "task_event_event_id" UNIQUE (event_id, "task_id"),
    CONSTRAINT "task_event_legal" CHECK (ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::"public"."task_event_row"::"public"."task_event_rules_89e2fe73" IS DISTINCT FROM NULL)
);
CREATE INDEX "task_event_by_clock" ON "public"."task_event" (clock);
CREATE INDEX "task_event_by_xid" ON "public"."task_event" (xid);

-- Nothing is taken back.
CREATE TRIGGER "task_event_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "public"."task_event"
    FOR EACH STATEMENT EXECUTE FUNCTION "public"."eventsource_append_only"();
CREATE TRIGGER "task_event_keeps_heads" BEFORE DELETE OR TRUNCATE ON "public"."task"
    FOR EACH STATEMENT EXECUTE FUNCTION "public"."eventsource_append_only"();

-- Nothing is written by hand: functions append, and the owner imports.
CREATE TRIGGER "task_event_by_function" BEFORE INSERT ON "public"."task_event"
    FOR EACH STATEMENT WHEN (current_setting('eventsource.append', true) IS DISTINCT FROM 'on'
        OR NOT has_table_privilege('"public"."task_event"'::regclass, 'TRIGGER'))
    EXECUTE FUNCTION "public"."eventsource_functions_only"('task_append');
CREATE TRIGGER "task_event_heads_by_function" BEFORE INSERT OR UPDATE ON "public"."task"
    FOR EACH STATEMENT WHEN (current_setting('eventsource.append', true) IS DISTINCT FROM 'on'
        OR NOT has_table_privilege('"public"."task_event"'::regclass, 'TRIGGER'))
    EXECUTE FUNCTION "public"."eventsource_functions_only"('task_append');

-- The feed has its events too.
INSERT INTO "public"."eventsource_feed_entity" (number, entity)
SELECT coalesce(max(number), 0) + 1, 'task' FROM "public"."eventsource_feed_entity";

-- Whoever may call this gives events their positions, and has no right to the tables. The functions
-- name all logs of the schema, those of other entities too.
DO $migration$
DECLARE
    fresh text;
    stored text;
    logs text;
    last text;
BEGIN
    SELECT string_agg(format('SELECT %s::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, %I AS entity_id, seq FROM %I.%I
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)', number, entity || '_id', 'public', entity || '_event'),
            E'\n        UNION ALL\n        ' ORDER BY number),
        string_agg(format('SELECT %s::smallint AS entity, clock, %I AS entity_id, seq FROM %I.%I', number, entity || '_id', 'public', entity || '_event'),
            E'\n        UNION ALL\n        ' ORDER BY number),
        string_agg(format('%I.%I', 'public', entity || '_event'), ', ' ORDER BY number),
        max(number)::text
    INTO fresh, stored, logs, last FROM "public"."eventsource_feed_entity";
    EXECUTE replace(replace($create$CREATE OR REPLACE FUNCTION "public"."eventsource_catch_up"(max_events bigint DEFAULT 50000)
    RETURNS TABLE (last_position bigint, more boolean) LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    most CONSTANT bigint NOT NULL := greatest(max_events, 1);
    has_moved boolean;
    same_cluster boolean;
    all_known boolean;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'events get positions after their commit: call this first in a transaction'
            USING ERRCODE = 'EV021';
    END IF;
    WITH seen AS MATERIALIZED (
        SELECT sequencer.*,
            sequencer.system_identifier = control.system_identifier AS same_cluster,
            (SELECT max(number) FROM "public"."eventsource_feed_entity") IS NOT DISTINCT FROM @last@ AS all_known,
            pg_snapshot_xmax(snapshot)::text::bigint AS xmax,
            coalesce(target, pg_current_snapshot()) AS up_to
        FROM "public"."eventsource_sequencer" AS sequencer, pg_control_system() AS control WHERE sequencer.id = 1
    ), bound AS (
        SELECT xmax - 1 AS xid FROM seen
        UNION ALL
        SELECT running::text::bigint FROM seen, pg_snapshot_xip(seen.up_to) AS running
        WHERE running::text::bigint >= xmax
        UNION ALL
        SELECT pg_snapshot_xmax(up_to)::text::bigint FROM seen
    ), stretch AS (
        SELECT xid AS low, lead(xid) OVER (ORDER BY xid) AS high FROM bound
        UNION ALL
        SELECT ended::text::bigint - 1, ended::text::bigint + 1
        FROM seen, pg_snapshot_xip(seen.snapshot) AS ended
        WHERE pg_visible_in_snapshot(ended, seen.up_to)
    ), span AS MATERIALIZED (
        SELECT low::text::xid8 AS low, high::text::xid8 AS high FROM stretch, seen
        WHERE high > low + 1 AND seen.same_cluster AND seen.all_known
    ), fresh AS MATERIALIZED (
        SELECT * FROM (
        @each_log@
        ) AS event ORDER BY clock FETCH FIRST most ROWS WITH TIES
    ), taken AS MATERIALIZED (
        SELECT count(*) AS events, max(clock) AS last_clock, count(*) >= most AS is_full FROM fresh
    ), held AS MATERIALIZED (
        SELECT batch FROM "public"."eventsource_sequencer" AS sequencer
        WHERE id = 1 AND (SELECT events > 0
            OR target IS NOT NULL AND seen.same_cluster AND seen.all_known FROM taken, seen)
        FOR UPDATE SKIP LOCKED
    ), turn AS MATERIALIZED (
        SELECT seen.batch, seen.position, seen.up_to, taken.*
        FROM seen JOIN held ON held.batch = seen.batch, taken
    ), placed AS (
        INSERT INTO "public"."eventsource_feed" (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM fresh, turn
    ), moved AS (
        UPDATE "public"."eventsource_sequencer" AS sequencer SET batch = sequencer.batch + 1,
            position = sequencer.position + turn.events,
            snapshot = CASE WHEN turn.is_full THEN sequencer.snapshot ELSE turn.up_to END,
            target = CASE WHEN turn.is_full THEN turn.up_to END,
            reached_clock = CASE WHEN turn.is_full THEN turn.last_clock ELSE 0 END
        FROM turn
        WHERE sequencer.id = 1 AND sequencer.batch = turn.batch
            AND sequencer.position = turn.position
        RETURNING sequencer.position, sequencer.target
    )
    SELECT coalesce(moved.position, seen.position),
        -- Another call was faster, or there are more events than fit a batch.
        EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM turn)
            OR moved.position IS NOT NULL AND (moved.target IS NOT NULL OR seen.target IS NOT NULL),
        moved.position IS NOT NULL, seen.same_cluster, seen.all_known
    INTO STRICT last_position, more, has_moved, same_cluster, all_known
    FROM seen LEFT JOIN moved ON true;
    IF has_moved THEN
        PERFORM pg_notify('eventsource_feed', 'public');
    ELSIF NOT all_known THEN
        RAISE EXCEPTION 'an entity was added to the feed just now: call this again'
            USING ERRCODE = 'EV020', HINT = 'If that does not help, migrate as the owner.';
    ELSIF NOT same_cluster THEN
        SELECT * INTO STRICT last_position, more FROM "public"."eventsource_resync"();
    END IF;
    RETURN NEXT;
END $$$create$,
        '@each_log@', fresh), '@last@', last);
    EXECUTE replace(replace(replace($create$CREATE OR REPLACE FUNCTION "public"."eventsource_resync"()
    RETURNS TABLE (last_position bigint, more boolean) LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = on AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a restored feed is compared with the logs: call this in READ COMMITTED'
            USING ERRCODE = 'EV021';
    END IF;
    -- Nobody may write from before the snapshot is taken until it is saved.
    LOCK TABLE @logs@ IN SHARE MODE;
    WITH seen AS MATERIALIZED (
        SELECT sequencer.*, control.system_identifier AS cluster
        FROM "public"."eventsource_sequencer" AS sequencer, pg_control_system() AS control
    ), event AS MATERIALIZED (
        @each_log@
    ), missing AS MATERIALIZED (
        SELECT * FROM event WHERE NOT EXISTS (
            SELECT FROM "public"."eventsource_feed" AS feed
            WHERE feed.entity = event.entity AND feed.entity_id = event.entity_id
                AND feed.seq = event.seq)
    ), held AS MATERIALIZED (
        SELECT batch FROM "public"."eventsource_sequencer" FOR UPDATE
    ), turn AS MATERIALIZED (
        SELECT seen.* FROM seen JOIN held ON held.batch = seen.batch
        WHERE seen.system_identifier <> seen.cluster
            AND (SELECT max(number) FROM "public"."eventsource_feed_entity") = @last@
    ), placed AS (
        INSERT INTO "public"."eventsource_feed" (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM missing, turn
    ), moved AS (
        UPDATE "public"."eventsource_sequencer" AS sequencer SET batch = sequencer.batch + 1,
            position = sequencer.position + (SELECT count(*) FROM missing),
            snapshot = pg_current_snapshot(), target = NULL, reached_clock = 0,
            system_identifier = turn.cluster,
            restored_clock = coalesce((SELECT max(clock) FROM event), 0)
        FROM turn WHERE sequencer.batch = turn.batch
        RETURNING sequencer.position
    )
    -- Another call was faster if this one did not move the sequencer.
    SELECT coalesce(moved.position, seen.position), moved.position IS NULL
    INTO STRICT last_position, more
    FROM seen LEFT JOIN moved ON true;
    IF NOT more THEN
        PERFORM pg_notify('eventsource_feed', 'public');
    END IF;
    RETURN NEXT;
END $$$create$,
        '@each_log@', stored), '@logs@', logs), '@last@', last);
END $migration$;
REVOKE ALL ON FUNCTION "public"."eventsource_catch_up"(bigint), "public"."eventsource_resync"() FROM PUBLIC;

-- The log to be read by people.
CREATE VIEW "public"."task_event_view" AS
SELECT
    event."task_id",
    event.seq,
    event.clock,
    event.event_id,
    (SELECT prior.event_id FROM "public"."task_event" AS prior
        WHERE prior."task_id" = event."task_id" AND prior.seq = event.seq - 1) AS parent_id,
    CASE event.event_type
        WHEN 0 THEN 'CREATED'
        WHEN 1 THEN 'ASSIGNED'
        WHEN 2 THEN 'SCHEDULED'
        WHEN 3 THEN 'STARTED'
        WHEN 4 THEN 'REASSIGNED'
        WHEN 5 THEN 'RESCHEDULED'
        WHEN 6 THEN 'REVISED'
        WHEN 7 THEN 'CANCELED'
        WHEN 8 THEN 'COMPLETED'
        WHEN 9 THEN 'ENDED'
    END AS event_type,
    array_remove(ARRAY[
        CASE WHEN (event.prior_state & 2) <> 0 THEN 'ASSIGNED' END,
        CASE WHEN (event.prior_state & 128) <> 0 THEN 'CANCELED' END,
        CASE WHEN (event.prior_state & 256) <> 0 THEN 'COMPLETED' END,
        CASE WHEN (event.prior_state & 1) <> 0 THEN 'CREATED' END,
        CASE WHEN (event.prior_state & 512) <> 0 THEN 'ENDED' END,
        CASE WHEN (event.prior_state & 16) <> 0 THEN 'REASSIGNED' END,
        CASE WHEN (event.prior_state & 32) <> 0 THEN 'RESCHEDULED' END,
        CASE WHEN (event.prior_state & 64) <> 0 THEN 'REVISED' END,
        CASE WHEN (event.prior_state & 4) <> 0 THEN 'SCHEDULED' END,
        CASE WHEN (event.prior_state & 8) <> 0 THEN 'STARTED' END
    ], NULL) AS prior_state,
    array_remove(ARRAY[
        CASE WHEN (event.state & 2) <> 0 THEN 'ASSIGNED' END,
        CASE WHEN (event.state & 128) <> 0 THEN 'CANCELED' END,
        CASE WHEN (event.state & 256) <> 0 THEN 'COMPLETED' END,
        CASE WHEN (event.state & 1) <> 0 THEN 'CREATED' END,
        CASE WHEN (event.state & 512) <> 0 THEN 'ENDED' END,
        CASE WHEN (event.state & 16) <> 0 THEN 'REASSIGNED' END,
        CASE WHEN (event.state & 32) <> 0 THEN 'RESCHEDULED' END,
        CASE WHEN (event.state & 64) <> 0 THEN 'REVISED' END,
        CASE WHEN (event.state & 4) <> 0 THEN 'SCHEDULED' END,
        CASE WHEN (event.state & 8) <> 0 THEN 'STARTED' END
    ], NULL) AS state,
    event.version,
    event.recorded_at,
    event.data ->> 'description' AS "description",
    event.data ->> 'assignee' AS "assignee",
    event.data ->> 'deadline' AS "deadline",
    event.data::jsonb AS data,
    event.metadata::jsonb AS metadata
FROM "public"."task_event" AS event;

-- The entities to be read by people: where each stands, and the latest value of each field.
CREATE VIEW "public"."task_view" AS
SELECT
    head.id,
    head.seq,
    head.version,
    array_remove(ARRAY[
        CASE WHEN (head.state & 2) <> 0 THEN 'ASSIGNED' END,
        CASE WHEN (head.state & 128) <> 0 THEN 'CANCELED' END,
        CASE WHEN (head.state & 256) <> 0 THEN 'COMPLETED' END,
        CASE WHEN (head.state & 1) <> 0 THEN 'CREATED' END,
        CASE WHEN (head.state & 512) <> 0 THEN 'ENDED' END,
        CASE WHEN (head.state & 16) <> 0 THEN 'REASSIGNED' END,
        CASE WHEN (head.state & 32) <> 0 THEN 'RESCHEDULED' END,
        CASE WHEN (head.state & 64) <> 0 THEN 'REVISED' END,
        CASE WHEN (head.state & 4) <> 0 THEN 'SCHEDULED' END,
        CASE WHEN (head.state & 8) <> 0 THEN 'STARTED' END
    ], NULL) AS state,
    CASE head.last_event_type
        WHEN 0 THEN 'CREATED'
        WHEN 1 THEN 'ASSIGNED'
        WHEN 2 THEN 'SCHEDULED'
        WHEN 3 THEN 'STARTED'
        WHEN 4 THEN 'REASSIGNED'
        WHEN 5 THEN 'RESCHEDULED'
        WHEN 6 THEN 'REVISED'
        WHEN 7 THEN 'CANCELED'
        WHEN 8 THEN 'COMPLETED'
        WHEN 9 THEN 'ENDED'
    END AS last_event_type,
    head.created_at,
    head.updated_at,
    (SELECT value #>> '{}' FROM (
        SELECT event.seq, CASE event.event_type WHEN 0 THEN event.data -> 'description' END AS value
        FROM "public"."task_event" AS event WHERE event."task_id" = head.id
    ) AS given WHERE json_typeof(value) <> 'null' ORDER BY seq DESC LIMIT 1) AS "description",
    (SELECT value #>> '{}' FROM (
        SELECT event.seq, CASE event.event_type WHEN 1 THEN event.data -> 'assignee' WHEN 4 THEN event.data -> 'assignee' END AS value
        FROM "public"."task_event" AS event WHERE event."task_id" = head.id
    ) AS given WHERE json_typeof(value) <> 'null' ORDER BY seq DESC LIMIT 1) AS "assignee",
    (SELECT value #>> '{}' FROM (
        SELECT event.seq, CASE event.event_type WHEN 2 THEN event.data -> 'deadline' WHEN 5 THEN event.data -> 'deadline' END AS value
        FROM "public"."task_event" AS event WHERE event."task_id" = head.id
    ) AS given WHERE json_typeof(value) <> 'null' ORDER BY seq DESC LIMIT 1) AS "deadline"
FROM "public"."task" AS head;
COMMENT ON VIEW "public"."task_view" IS 'eventsource views 158620f4549f7bfe';

-- Appends: functions that know the rules, and have the rights to write. Outcomes of a request:
-- 0 stored, 1 refused, 2 locked by another transaction, 3 stored before,
-- 4 for the function for batches, since an auto transition follows.
CREATE OR REPLACE FUNCTION "public"."task_answered"(idempotency_key text, asked_by text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((SELECT taken.answered FROM "public"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key AND taken.actor = asked_by),
        (SELECT taken.answered FROM "public"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key));
END $$;

CREATE OR REPLACE FUNCTION "public"."task_lock"(entity_ids uuid[], appends boolean[])
RETURNS integer[] LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
    seqs integer[] NOT NULL := array_fill(0, ARRAY[cardinality(entity_ids)]);
    found_seq integer;
    place integer;
BEGIN
    FOR place IN SELECT ordinality FROM unnest(entity_ids) WITH ORDINALITY AS entity (id, ordinality)
        ORDER BY entity.id
    LOOP
        IF appends[place] THEN
            SELECT head.seq INTO found_seq FROM "public"."task" AS head WHERE head.id = entity_ids[place] FOR UPDATE;
        ELSE
            SELECT head.seq INTO found_seq FROM "public"."task" AS head WHERE head.id = entity_ids[place] FOR SHARE;
        END IF;
        seqs[place] := coalesce(found_seq, 0);
    END LOOP;
    RETURN seqs;
END $$;

CREATE OR REPLACE FUNCTION "public"."task_append_one"(
    entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text,
    idempotency_key text, unknown_types bigint DEFAULT 0,
    OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint,
    OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamptz, OUT clock bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
    prior_version integer;
    asked_by text;
    marker text;
BEGIN
    outcome := 1;
    IF expected_seq IS DISTINCT FROM 0 THEN
        SELECT head.seq, head.version, head.state, head.last_event_id, head.updated_at
        INTO seq, version, prior_state, parent_id, recorded_at
        FROM "public"."task" AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF EXISTS (SELECT FROM "public"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "public"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key) THEN
            outcome := 3;
            RETURN;
        END IF;
    END IF;
    IF expected_seq <> seq OR prior_state & unknown_types <> 0 OR (CASE event_type
                WHEN 0 THEN 1
                WHEN 1 THEN prior_state | 2
                WHEN 2 THEN prior_state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN prior_state
                WHEN 5 THEN prior_state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END) & unknown_types <> 0
            OR (CASE event_type
                WHEN 0 THEN prior_state = 0
                WHEN 1 THEN (prior_state & 1) = 1 AND (prior_state & 2) = 0
                WHEN 2 THEN (prior_state & 1) = 1 AND (prior_state & 4) = 0
                WHEN 3 THEN (prior_state & 6) = 6
                WHEN 4 THEN (prior_state & 8) = 8
                WHEN 5 THEN (prior_state & 8) = 8
                WHEN 6 THEN ((prior_state & 1) = 1 OR (prior_state & 8) = 8)
                WHEN 7 THEN (prior_state & 8) = 8
                WHEN 8 THEN (prior_state & 8) = 8
                WHEN 9 THEN (prior_state & 256) = 256
                END) IS NOT TRUE
            OR (CASE event_type
                WHEN 1 THEN CASE WHEN data::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN data::json ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN data::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN data::json ->> 'deadline' IS NULL THEN 'deadline' END
                END) IS NOT NULL
    THEN
        IF seq = 0 THEN
            PERFORM FROM "public"."task" AS head WHERE head.id = entity_id;
            IF FOUND THEN
                outcome := 2;
            END IF;
        END IF;
        RETURN;
    END IF;
    state := CASE event_type
                WHEN 0 THEN 1
                WHEN 1 THEN prior_state | 2
                WHEN 2 THEN prior_state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN prior_state
                WHEN 5 THEN prior_state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END;
    IF (CASE
                WHEN (state & 256) = 256 THEN 9
                END) IS NOT NULL THEN
        outcome := 4;
        RETURN;
    END IF;
    prior_version := version;
    version := CASE WHEN seq = 0 THEN 1 WHEN event_type IN (6) THEN version + 1 ELSE version END;
    seq := seq + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    marker := set_config('eventsource.append', 'on', true);
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO "public"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
        VALUES ('task', idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        ON CONFLICT (entity, key, actor) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO "public"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        VALUES (entity_id, seq, version, state, event_type, event_id, recorded_at, recorded_at)
        ON CONFLICT (id) DO NOTHING;
        IF NOT FOUND THEN
            IF idempotency_key IS NOT NULL THEN
                RAISE EXCEPTION 'another transaction created entity % at the same moment', entity_id
                    USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
            END IF;
            marker := set_config('eventsource.append', '', true);
            outcome := 2;
            RETURN;
        END IF;
    ELSE
        UPDATE "public"."task" AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval('"public"."eventsource_clock"');
    INSERT INTO "public"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    marker := set_config('eventsource.append', '', true);
    outcome := 0;
END $$;

CREATE OR REPLACE FUNCTION "public"."task_append_each"(
    entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[],
    metadata text[], unknown_types bigint DEFAULT 0,
    OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[],
    OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamptz[], OUT clocks bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    marker text;
BEGIN
    marker := set_config('eventsource.append', 'on', true);
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(entity_ids, event_types, event_ids, expected_seqs, payloads, metadata)
            WITH ORDINALITY AS asked (id, kind, event_id, expected_seq, data, metadata, place)
    ), found AS MATERIALIZED (
        SELECT head.id, head.seq, head.version, head.state, head.last_event_id, head.updated_at
        FROM "public"."task" AS head WHERE head.id = ANY (entity_ids)
        ORDER BY head.id FOR UPDATE SKIP LOCKED
    ), joined AS (
        SELECT asked.*, coalesce(found.seq, 0) AS prior_seq, coalesce(found.version, 0) AS prior_version,
            coalesce(found.state, 0) AS prior_state, found.last_event_id AS parent_id,
            greatest(clock_timestamp(), found.updated_at) AS at,
            (asked.expected_seq = coalesce(found.seq, 0)) IS NOT FALSE
                AND coalesce(found.state, 0) & unknown_types = 0 AND (CASE asked.kind
                WHEN 0 THEN 1
                WHEN 1 THEN coalesce(found.state, 0) | 2
                WHEN 2 THEN coalesce(found.state, 0) | 4
                WHEN 3 THEN 8
                WHEN 4 THEN coalesce(found.state, 0)
                WHEN 5 THEN coalesce(found.state, 0)
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END) & unknown_types = 0
                AND (CASE asked.kind
                WHEN 0 THEN coalesce(found.state, 0) = 0
                WHEN 1 THEN (coalesce(found.state, 0) & 1) = 1 AND (coalesce(found.state, 0) & 2) = 0
                WHEN 2 THEN (coalesce(found.state, 0) & 1) = 1 AND (coalesce(found.state, 0) & 4) = 0
                WHEN 3 THEN (coalesce(found.state, 0) & 6) = 6
                WHEN 4 THEN (coalesce(found.state, 0) & 8) = 8
                WHEN 5 THEN (coalesce(found.state, 0) & 8) = 8
                WHEN 6 THEN ((coalesce(found.state, 0) & 1) = 1 OR (coalesce(found.state, 0) & 8) = 8)
                WHEN 7 THEN (coalesce(found.state, 0) & 8) = 8
                WHEN 8 THEN (coalesce(found.state, 0) & 8) = 8
                WHEN 9 THEN (coalesce(found.state, 0) & 256) = 256
                END) IS TRUE
                AND (CASE asked.kind
                WHEN 1 THEN CASE WHEN asked.data::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN asked.data::json ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN asked.data::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN asked.data::json ->> 'deadline' IS NULL THEN 'deadline' END
                END) IS NULL AS is_legal,
            CASE asked.kind
                WHEN 0 THEN 1
                WHEN 1 THEN coalesce(found.state, 0) | 2
                WHEN 2 THEN coalesce(found.state, 0) | 4
                WHEN 3 THEN 8
                WHEN 4 THEN coalesce(found.state, 0)
                WHEN 5 THEN coalesce(found.state, 0)
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END AS state_after
        FROM asked LEFT JOIN found ON found.id = asked.id
    ), decided AS (
        SELECT *, CASE WHEN NOT is_legal THEN 1 WHEN (CASE
                WHEN (state_after & 256) = 256 THEN 9
                END) IS NOT NULL THEN 4 ELSE 0 END AS outcome,
            CASE WHEN prior_seq = 0 THEN 1 WHEN kind IN (6) THEN prior_version + 1 ELSE prior_version END AS version
        FROM joined
    ), numbered AS MATERIALIZED (
        SELECT *, CASE WHEN outcome = 0 THEN nextval('"public"."eventsource_clock"') END AS clock FROM decided
    ), moved AS (
        UPDATE "public"."task" AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = 0 AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO "public"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = 0 AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO "public"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
            prior_version, event_type, data, metadata)
        SELECT id, prior_seq + 1, version, clock, event_id, prior_state, state_after, at, prior_version,
            kind, data::json, metadata::json
        FROM numbered WHERE outcome = 0
    )
    SELECT array_agg(outcome::smallint ORDER BY place), array_agg(prior_seq ORDER BY place),
        array_agg(CASE outcome WHEN 0 THEN version ELSE prior_version END ORDER BY place),
        array_agg(prior_state ORDER BY place), array_agg(state_after ORDER BY place),
        array_agg(parent_id ORDER BY place), array_agg(at ORDER BY place), array_agg(clock ORDER BY place)
    INTO outcomes, seqs, versions, prior_states, states, parent_ids, recorded_ats, clocks
    FROM numbered;
    marker := set_config('eventsource.append', '', true);
    IF 1 = ANY (outcomes) THEN
        -- No head was found: is there none, or was it locked?
        SELECT array_agg(CASE WHEN answer.outcome = 1 AND answer.seq = 0
            AND EXISTS (SELECT FROM "public"."task" AS head WHERE head.id = answer.id)
            THEN 2 ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION "public"."task_append_batch"(
    INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[],
    event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[],
    keys text[], waits boolean, unknown_types bigint DEFAULT 0,
    OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[],
    OUT head_times timestamptz[], OUT stored_at timestamptz,
    OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[],
    OUT states bigint[], OUT clocks bigint[],
    OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[],
    OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[],
    OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
    head_versions integer[];
    -- The last row of each entity, by its place; 0 while it has none.
    last_rows integer[];
    row_count integer := 0;
    other_count integer := 0;
    source integer;
    next_source integer := 1;
    locked record;
    created integer;
    outcome smallint;
    first_row integer;
    place integer;
    before integer;
    kind smallint;
    step integer;
    seq integer;
    version integer;
    state bigint;
    asked_by text;
    key_count integer := 0;
    marker text;
BEGIN
    -- Places are counted in two ways below, which differ for any other array.
    IF array_ndims(entity_ids) <> 1 OR array_lower(entity_ids, 1) <> 1 THEN
        RAISE EXCEPTION 'entity_ids is not an array of one dimension that begins at 1'
            USING ERRCODE = 'EV009';
    END IF;
    auto_types := ARRAY[NULL]::smallint[];
    auto_steps := ARRAY[NULL]::integer[];
    auto_data := ARRAY[NULL]::text[];
    head_seqs := array_fill(0, ARRAY[cardinality(entity_ids)]);
    head_versions := head_seqs;
    last_rows := head_seqs;
    head_states := array_fill(0::bigint, ARRAY[cardinality(entity_ids)]);
    head_events := array_fill(NULL::uuid, ARRAY[cardinality(entity_ids)]);
    head_times := array_fill(NULL::timestamptz, ARRAY[cardinality(entity_ids)]);
    IF waits THEN
        FOR locked IN
            SELECT found.seq, found.version, found.state, found.last_event_id, found.updated_at,
                asked.place
            FROM unnest(entity_ids) WITH ORDINALITY AS asked (id, place)
            JOIN "public"."task" AS found ON found.id = asked.id
            ORDER BY found.id FOR UPDATE OF found
        LOOP
            head_seqs[locked.place] := locked.seq;
            head_versions[locked.place] := locked.version;
            head_states[locked.place] := locked.state;
            head_events[locked.place] := locked.last_event_id;
            head_times[locked.place] := locked.updated_at;
        END LOOP;
    ELSE
        FOR locked IN
            SELECT found.seq, found.version, found.state, found.last_event_id, found.updated_at,
                asked.place
            FROM unnest(entity_ids) WITH ORDINALITY AS asked (id, place)
            JOIN "public"."task" AS found ON found.id = asked.id
            ORDER BY found.id FOR UPDATE OF found SKIP LOCKED
        LOOP
            head_seqs[locked.place] := locked.seq;
            head_versions[locked.place] := locked.version;
            head_states[locked.place] := locked.state;
            head_events[locked.place] := locked.last_event_id;
            head_times[locked.place] := locked.updated_at;
        END LOOP;
    END IF;
    stored_at := clock_timestamp();
    FOR request IN 1 .. cardinality(metadata) LOOP
        outcome := 0;
        first_row := row_count + 1;
        IF keys[request] IS NOT NULL THEN
            asked_by := coalesce(metadata[request]::json ->> 'actor', '');
            IF EXISTS (SELECT FROM "public"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = keys[request] AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "public"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'task' AND taken.key = keys[request]) THEN
                outcome := 3;
                place := event_entities[next_source];
            END IF;
        END IF;
        WHILE event_requests[next_source] = request LOOP
            source := next_source;
            next_source := next_source + 1;
            CONTINUE WHEN outcome <> 0;
            place := event_entities[source];
            kind := event_types[source];
            before := last_rows[place];
            IF before = 0 THEN
                seq := head_seqs[place];
                version := head_versions[place];
                state := head_states[place];
            ELSE
                seq := seqs[before];
                version := versions[before];
                state := states[before];
            END IF;
            -- An event of a place that no entity has is in no state.
            IF seq IS NULL OR expected_seqs[source] <> seq OR state & unknown_types <> 0 OR (CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN state | 2
                WHEN 2 THEN state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN state
                WHEN 5 THEN state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END) & unknown_types <> 0
                OR kind IS NOT NULL AND ((
                CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1 AND (state & 2) = 0
                WHEN 2 THEN (state & 1) = 1 AND (state & 4) = 0
                WHEN 3 THEN (state & 6) = 6
                WHEN 4 THEN (state & 8) = 8
                WHEN 5 THEN (state & 8) = 8
                WHEN 6 THEN ((state & 1) = 1 OR (state & 8) = 8)
                WHEN 7 THEN (state & 8) = 8
                WHEN 8 THEN (state & 8) = 8
                WHEN 9 THEN (state & 256) = 256
                END) IS NOT TRUE OR (CASE kind
                WHEN 1 THEN CASE WHEN payloads[source]::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN payloads[source]::json ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN payloads[source]::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN payloads[source]::json ->> 'deadline' IS NULL THEN 'deadline' END
                END) IS NOT NULL)
            THEN
                outcome := 1;
            END IF;
            CONTINUE WHEN outcome <> 0 OR kind IS NULL;
            step := 0;
            LOOP
                state := CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN state | 2
                WHEN 2 THEN state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN state
                WHEN 5 THEN state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END;
                version := CASE WHEN seq = 0 THEN 1 WHEN kind IN (6) THEN version + 1 ELSE version END;
                seq := seq + 1;
                row_count := row_count + 1;
                sources[row_count] := source;
                befores[row_count] := before;
                seqs[row_count] := seq;
                versions[row_count] := version;
                states[row_count] := state;
                clocks[row_count] := nextval('"public"."eventsource_clock"');
                before := row_count;
                last_rows[place] := row_count;
                kind := CASE
                WHEN (state & 256) = 256 THEN 9
                END;
                EXIT WHEN kind IS NULL;
                step := step + 1;
                auto_types[row_count + 1] := kind;
                auto_steps[row_count + 1] := step;
                IF carried[source] IS NULL THEN
                    auto_data[row_count + 1] := (SELECT coalesce(json_object_agg(key, value), '{}') FROM json_each(payloads[source]::json)
                    WHERE CASE kind WHEN 9 THEN false ELSE true END)::text;
                ELSE
                    auto_data[row_count + 1] := carried[source]::json ->> kind::text;
                END IF;
                IF auto_data[row_count + 1] IS NULL OR step > 255
                    OR unknown_types & (1::bigint << kind) <> 0 OR (CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN state | 2
                WHEN 2 THEN state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN state
                WHEN 5 THEN state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END) & unknown_types <> 0 OR (CASE kind
                WHEN 1 THEN CASE WHEN auto_data[row_count + 1]::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN auto_data[row_count + 1]::json ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN auto_data[row_count + 1]::json ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN auto_data[row_count + 1]::json ->> 'deadline' IS NULL THEN 'deadline' END
                END) IS NOT NULL
                THEN
                    auto_types[row_count + 1] := NULL;
                    auto_steps[row_count + 1] := NULL;
                    auto_data[row_count + 1] := NULL;
                    outcome := 1;
                    EXIT;
                END IF;
            END LOOP;
        END LOOP;
        IF outcome = 0 AND keys[request] IS NOT NULL THEN
            INSERT INTO "public"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
            SELECT 'task', keys[request], asked_by, coalesce(jsonb_agg(jsonb_build_object(
                    'entity_id', entity_ids[event_entities[sources[at]]], 'seq', seqs[at],
                    'requested', auto_types[at] IS NULL) ORDER BY at), '[]'), stored_at
            FROM generate_series(first_row, row_count) AS at
            ON CONFLICT (entity, key, actor) DO NOTHING;
            IF FOUND THEN
                key_count := key_count + 1;
            ELSE
                outcome := 3;
            END IF;
        END IF;
        IF outcome <> 0 THEN
            -- The request leaves nothing behind.
            WHILE row_count >= first_row LOOP
                last_rows[event_entities[sources[row_count]]] := befores[row_count];
                auto_types[row_count] := NULL;
                auto_steps[row_count] := NULL;
                auto_data[row_count] := NULL;
                row_count := row_count - 1;
            END LOOP;
            before := last_rows[place];
            other_count := other_count + 1;
            other_requests[other_count] := request;
            other_places[other_count] := place;
            IF before > 0 THEN
                other_seqs[other_count] := seqs[before];
                other_versions[other_count] := versions[before];
                other_states[other_count] := states[before];
            ELSE
                other_seqs[other_count] := head_seqs[place];
                other_versions[other_count] := head_versions[place];
                other_states[other_count] := head_states[place];
                IF outcome = 1 AND head_seqs[place] = 0 THEN
                    PERFORM FROM "public"."task" AS found WHERE found.id = entity_ids[place];
                    IF FOUND THEN
                        outcome := 2;
                    END IF;
                END IF;
            END IF;
            other_outcomes[other_count] := outcome;
        END IF;
    END LOOP;
    sources := sources[:row_count];
    befores := befores[:row_count];
    seqs := seqs[:row_count];
    versions := versions[:row_count];
    states := states[:row_count];
    clocks := clocks[:row_count];
    IF row_count = 0 THEN
        RETURN;
    END IF;
    marker := set_config('eventsource.append', 'on', true);
    IF 0 < ANY (head_seqs) THEN
        UPDATE "public"."task" AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO "public"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT last.id, seqs[last.at], versions[last.at], states[last.at],
            coalesce(auto_types[last.at], event_types[sources[last.at]]),
            CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, stored_at, stored_at
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found = 0 AND last.at > 0 ORDER BY last.id
        ON CONFLICT (id) DO NOTHING;
        GET DIAGNOSTICS created = ROW_COUNT;
        IF created < (SELECT count(*) FROM unnest(last_rows, head_seqs) AS last (at, found)
                WHERE last.found = 0 AND last.at > 0) THEN
            RAISE EXCEPTION 'another transaction created an entity of the call at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    INSERT INTO "public"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    SELECT entity_ids[event_entities[event.source]], event.seq, event.version, event.clock,
        CASE WHEN event.step IS NULL THEN event_ids[event.source] ELSE
            overlay(event_ids[event.source]::text PLACING lpad(to_hex(event.step), 2, '0') FROM 35)::uuid END,
        CASE WHEN event.before > 0 THEN states[event.before]
            ELSE head_states[event_entities[event.source]] END,
        event.state, greatest(stored_at, head_times[event_entities[event.source]]),
        CASE WHEN event.before > 0 THEN versions[event.before]
            ELSE head_versions[event_entities[event.source]] END,
        coalesce(event.auto, event_types[event.source]),
        coalesce(event.data, payloads[event.source])::json,
        metadata[event_requests[event.source]]::json
    FROM unnest(sources, befores, seqs, versions, states, clocks, auto_types, auto_steps, auto_data)
        AS event (source, before, seq, version, state, clock, auto, step, data)
    WHERE event.source IS NOT NULL;
    marker := set_config('eventsource.append', '', true);
END $$;

CREATE FUNCTION "public"."task_append"(
    entity_id uuid, event_type text, data json DEFAULT '{}', expected_seq integer DEFAULT NULL,
    metadata json DEFAULT '{}', idempotency_key text DEFAULT NULL)
RETURNS SETOF "public"."task_event_view" LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
    id uuid := entity_id;
    kind smallint := CASE event_type
                WHEN 'CREATED' THEN 0
                WHEN 'ASSIGNED' THEN 1
                WHEN 'SCHEDULED' THEN 2
                WHEN 'STARTED' THEN 3
                WHEN 'REASSIGNED' THEN 4
                WHEN 'RESCHEDULED' THEN 5
                WHEN 'REVISED' THEN 6
                WHEN 'CANCELED' THEN 7
                WHEN 'COMPLETED' THEN 8
                WHEN 'ENDED' THEN 9
                END;
    now_hex text := lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0');
    -- A UUID of version 7. Auto transitions have the same id but for the last byte, in which they are
    -- counted.
    event_id uuid := (left(now_hex, 8) || '-' || right(now_hex, 4) || '-7'
        || substr(gen_random_uuid()::text, 16, 19) || '00')::uuid;
    subject text := coalesce('entity ' || entity_id, 'a new entity');
    stored_metadata json := metadata;
    alone record;
    answer record;
    at_seq integer;
    state bigint;
    fault text;
    carried json;
    earlier record;
BEGIN
    IF kind IS NULL THEN
        RAISE EXCEPTION 'entity type ''%'' has no event type %', 'task', coalesce(quote_literal(left(event_type, 100)), 'NULL')
            USING ERRCODE = 'EV005', HINT = 'Its event types are ' || 'CREATED, ASSIGNED, SCHEDULED, STARTED, REASSIGNED, RESCHEDULED, REVISED, CANCELED, COMPLETED, ENDED' || '.';
    END IF;
    IF expected_seq < 0 THEN
        RAISE EXCEPTION 'expected_seq is %', expected_seq USING ERRCODE = 'EV009',
            HINT = 'Give the seq of the last event that you know, or 0 for an entity that is to be new.';
    END IF;
    IF octet_length(idempotency_key) NOT BETWEEN 1 AND 255 THEN
        RAISE EXCEPTION 'idempotency_key has % bytes', octet_length(idempotency_key)
            USING ERRCODE = 'EV009', HINT = 'Give 1 to 255 bytes, or NULL for none.';
    END IF;
    fault := CASE WHEN data IS NULL THEN 'is NULL'
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE "public"."eventsource_json_fault"(data) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'data of event type ''%'' %', event_type, fault USING ERRCODE = 'EV006',
            HINT = 'Give an object with the fields of the event.';
    END IF;
    SELECT key INTO fault FROM json_object_keys(data) AS key WHERE CASE kind
            WHEN 0 THEN key NOT IN ('description')
            WHEN 1 THEN key NOT IN ('assignee')
            WHEN 2 THEN key NOT IN ('deadline')
            WHEN 3 THEN true
            WHEN 4 THEN key NOT IN ('assignee')
            WHEN 5 THEN key NOT IN ('deadline')
            WHEN 6 THEN true
            WHEN 7 THEN true
            WHEN 8 THEN true
            WHEN 9 THEN true ELSE false END LIMIT 1;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'event type ''%'' has no field ''%''', event_type, left(fault, 100)
            USING ERRCODE = 'EV011', HINT = 'Is the name of the field spelled right?';
    END IF;
    IF metadata::text IS DISTINCT FROM '{}' THEN
        fault := CASE WHEN metadata IS NULL THEN 'is NULL'
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE "public"."eventsource_json_fault"(metadata) END;
        IF fault IS NULL THEN
            SELECT format('does not have %s as ''%s''',
                CASE key WHEN 'roles' THEN 'a list of texts' WHEN 'idempotency_key' THEN 'the argument idempotency_key'
                    ELSE 'a text' END, key)
            INTO fault FROM json_each(metadata)
            WHERE CASE key
                WHEN 'roles' THEN CASE WHEN json_typeof(value) = 'array'
                    THEN EXISTS (SELECT FROM json_array_elements(value) AS role WHERE json_typeof(role) <> 'string')
                    ELSE true END
                WHEN 'idempotency_key' THEN json_typeof(value) <> 'null' AND value #>> '{}' IS DISTINCT FROM idempotency_key
                ELSE key IN ('actor', 'correlation_id', 'causation_id') AND json_typeof(value) NOT IN ('string', 'null')
                END
            LIMIT 1;
        END IF;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION 'metadata of event type ''%'' %', event_type, fault USING ERRCODE = 'EV006',
                HINT = 'Give an object; actor, correlation_id and causation_id are texts, roles is a list of texts.';
        END IF;
        SELECT format('%s in metadata has %s bytes', CASE named.key WHEN 'roles' THEN 'a role' ELSE named.key END,
            octet_length(named.text))
        INTO fault FROM (
            SELECT entry.key, entry.value #>> '{}' FROM json_each(metadata) AS entry
            WHERE entry.key IN ('actor', 'correlation_id', 'causation_id')
            UNION ALL
            SELECT 'roles', role FROM json_array_elements_text(coalesce(metadata -> 'roles', '[]')) AS role
        ) AS named (key, text)
        WHERE octet_length(named.text) NOT BETWEEN 1 AND 255 LIMIT 1;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION '%', fault USING ERRCODE = 'EV009',
                HINT = 'Give 1 to 255 bytes; leave out what there is none of.';
        END IF;
        IF json_array_length(coalesce(metadata -> 'roles', '[]')) > 64 THEN
            RAISE EXCEPTION 'metadata has % roles', json_array_length(metadata -> 'roles')
                USING ERRCODE = 'EV009', HINT = 'Give at most 64.';
        END IF;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        stored_metadata := (SELECT json_object_agg(key, value) FROM (
            SELECT key, value FROM json_each(metadata) WHERE key <> 'idempotency_key'
            UNION ALL SELECT 'idempotency_key', to_json(idempotency_key)) AS entry);
    END IF;
    IF entity_id IS NULL THEN
        id := overlay(event_id::text PLACING substr(gen_random_uuid()::text, 16) FROM 16)::uuid;
    END IF;
    IF id IS NOT NULL AND idempotency_key IS NULL THEN
        SELECT * INTO alone FROM "public"."task_append_one"(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = 0 THEN
            RETURN QUERY SELECT * FROM "public"."task_event_view" AS event WHERE event."task_id" = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM "public"."task_append_batch"(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM 2;
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM "public"."task_event_view" AS event
        WHERE event."task_id" = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    IF answer.other_outcomes[1] = 3 THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM "public"."task_answered"(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN "public"."task_event" AS event ON event."task_id" = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = 'EV004', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM "public"."task_event_view" AS event
        WHERE event."task_id" = earlier.id AND event.seq = ANY (earlier.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    -- 1: refused.
    at_seq := answer.other_seqs[1];
    state := answer.other_states[1];
    IF expected_seq <> at_seq THEN
        RAISE EXCEPTION '% is at sequence %, not at the expected %', subject, at_seq, expected_seq
            USING ERRCODE = 'EV002', HINT = 'Read the entity again, and decide again.';
    END IF;
    fault := CASE kind
                WHEN 1 THEN CASE WHEN data ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN data ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN data ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN data ->> 'deadline' IS NULL THEN 'deadline' END
                END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'Event type ''%'' requires ''%''', event_type, fault USING ERRCODE = 'EV003',
            HINT = 'Give the field a value that is not null.';
    END IF;
    IF (CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1 AND (state & 2) = 0
                WHEN 2 THEN (state & 1) = 1 AND (state & 4) = 0
                WHEN 3 THEN (state & 6) = 6
                WHEN 4 THEN (state & 8) = 8
                WHEN 5 THEN (state & 8) = 8
                WHEN 6 THEN ((state & 1) = 1 OR (state & 8) = 8)
                WHEN 7 THEN (state & 8) = 8
                WHEN 8 THEN (state & 8) = 8
                WHEN 9 THEN (state & 256) = 256
                END) IS NOT TRUE THEN
        IF at_seq = 0 THEN
            RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type
                USING ERRCODE = 'EV001', DETAIL = format('There is no event of %s.', subject),
                HINT = 'Initial may be: ' || array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'CREATED' END,
                CASE WHEN (state & 1) = 1 AND (state & 2) = 0 THEN 'ASSIGNED' END,
                CASE WHEN (state & 1) = 1 AND (state & 4) = 0 THEN 'SCHEDULED' END,
                CASE WHEN (state & 6) = 6 THEN 'STARTED' END,
                CASE WHEN (state & 8) = 8 THEN 'REASSIGNED' END,
                CASE WHEN (state & 8) = 8 THEN 'RESCHEDULED' END,
                CASE WHEN ((state & 1) = 1 OR (state & 8) = 8) THEN 'REVISED' END,
                CASE WHEN (state & 8) = 8 THEN 'CANCELED' END,
                CASE WHEN (state & 8) = 8 THEN 'COMPLETED' END,
                CASE WHEN (state & 256) = 256 THEN 'ENDED' END
    ], NULL), ', ') || '.';
        END IF;
        RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type, array_to_string(array_remove(ARRAY[
        CASE WHEN (state & 2) <> 0 THEN 'ASSIGNED' END,
        CASE WHEN (state & 128) <> 0 THEN 'CANCELED' END,
        CASE WHEN (state & 256) <> 0 THEN 'COMPLETED' END,
        CASE WHEN (state & 1) <> 0 THEN 'CREATED' END,
        CASE WHEN (state & 512) <> 0 THEN 'ENDED' END,
        CASE WHEN (state & 16) <> 0 THEN 'REASSIGNED' END,
        CASE WHEN (state & 32) <> 0 THEN 'RESCHEDULED' END,
        CASE WHEN (state & 64) <> 0 THEN 'REVISED' END,
        CASE WHEN (state & 4) <> 0 THEN 'SCHEDULED' END,
        CASE WHEN (state & 8) <> 0 THEN 'STARTED' END
    ], NULL), ', ')
            USING ERRCODE = 'EV001', DETAIL = format('That is the state of %s at sequence %s.', subject, at_seq),
            HINT = coalesce('Now may follow: ' || nullif(array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'CREATED' END,
                CASE WHEN (state & 1) = 1 AND (state & 2) = 0 THEN 'ASSIGNED' END,
                CASE WHEN (state & 1) = 1 AND (state & 4) = 0 THEN 'SCHEDULED' END,
                CASE WHEN (state & 6) = 6 THEN 'STARTED' END,
                CASE WHEN (state & 8) = 8 THEN 'REASSIGNED' END,
                CASE WHEN (state & 8) = 8 THEN 'RESCHEDULED' END,
                CASE WHEN ((state & 1) = 1 OR (state & 8) = 8) THEN 'REVISED' END,
                CASE WHEN (state & 8) = 8 THEN 'CANCELED' END,
                CASE WHEN (state & 8) = 8 THEN 'COMPLETED' END,
                CASE WHEN (state & 256) = 256 THEN 'ENDED' END
    ], NULL), ', '), '') || '.', 'No event may follow.');
    END IF;
    FOR step IN 1 .. 256 LOOP
        state := CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN state | 2
                WHEN 2 THEN state | 4
                WHEN 3 THEN 8
                WHEN 4 THEN state
                WHEN 5 THEN state
                WHEN 6 THEN 1
                WHEN 7 THEN 128
                WHEN 8 THEN 256
                WHEN 9 THEN 512
                END;
        kind := CASE
                WHEN (state & 256) = 256 THEN 9
                END;
        EXIT WHEN kind IS NULL;
        IF step = 256 THEN
            RAISE EXCEPTION 'auto transitions after ''%'' have no end', event_type
                USING ERRCODE = 'EV008', HINT = 'The rules of the machine have to change.';
        END IF;
        carried := (SELECT coalesce(json_object_agg(key, value), '{}') FROM json_each(data)
                    WHERE CASE kind WHEN 9 THEN false ELSE true END);
        fault := CASE kind
                WHEN 1 THEN CASE WHEN carried ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 2 THEN CASE WHEN carried ->> 'deadline' IS NULL THEN 'deadline' END
                WHEN 4 THEN CASE WHEN carried ->> 'assignee' IS NULL THEN 'assignee' END
                WHEN 5 THEN CASE WHEN carried ->> 'deadline' IS NULL THEN 'deadline' END
                END;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION 'auto transition ''%'' after ''%'' requires ''%''', (array_remove(ARRAY[
        CASE WHEN ((1::bigint << kind) & 2) <> 0 THEN 'ASSIGNED' END,
        CASE WHEN ((1::bigint << kind) & 128) <> 0 THEN 'CANCELED' END,
        CASE WHEN ((1::bigint << kind) & 256) <> 0 THEN 'COMPLETED' END,
        CASE WHEN ((1::bigint << kind) & 1) <> 0 THEN 'CREATED' END,
        CASE WHEN ((1::bigint << kind) & 512) <> 0 THEN 'ENDED' END,
        CASE WHEN ((1::bigint << kind) & 16) <> 0 THEN 'REASSIGNED' END,
        CASE WHEN ((1::bigint << kind) & 32) <> 0 THEN 'RESCHEDULED' END,
        CASE WHEN ((1::bigint << kind) & 64) <> 0 THEN 'REVISED' END,
        CASE WHEN ((1::bigint << kind) & 4) <> 0 THEN 'SCHEDULED' END,
        CASE WHEN ((1::bigint << kind) & 8) <> 0 THEN 'STARTED' END
    ], NULL))[1], event_type, fault
                USING ERRCODE = 'EV003', HINT = 'Give the field to the event that is appended.';
        END IF;
    END LOOP;
    RAISE EXCEPTION 'event type ''%'' was refused', event_type USING ERRCODE = 'EV001';
END $$;
REVOKE ALL ON FUNCTION "public"."task_answered"(text, text), "public"."task_lock"(uuid[], boolean[]), "public"."task_append_one"(uuid, smallint, uuid, integer, text, text, text, bigint), "public"."task_append_each"(uuid[], smallint[], uuid[], integer[], text[], text[], bigint), "public"."task_append_batch"(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint), "public"."task_append"(uuid, text, json, integer, json, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "public"."task_answered"(text, text), "public"."task_lock"(uuid[], boolean[]), "public"."task_append_one"(uuid, smallint, uuid, integer, text, text, text, bigint), "public"."task_append_each"(uuid[], smallint[], uuid[], integer[], text[], text[], bigint), "public"."task_append_batch"(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint), "public"."task_append"(uuid, text, json, integer, json, text) TO "task_app";

-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON "public"."eventsource_machine", "public"."eventsource_event_type", "public"."eventsource_idempotency_key", "public"."eventsource_idempotency" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "public"."eventsource_clock" FROM PUBLIC;
REVOKE ALL ON "public"."task", "public"."task_event", "public"."task_event_view", "public"."task_view" FROM PUBLIC, "task_app", "task_report";
GRANT USAGE ON SCHEMA "public" TO "task_app";
GRANT SELECT ON "public"."eventsource_machine", "public"."eventsource_event_type", "public"."eventsource_idempotency_key", "public"."eventsource_idempotency", "public"."task", "public"."task_event", "public"."task_event_view", "public"."task_view" TO "task_app";
GRANT USAGE ON SCHEMA "public" TO "task_report";
GRANT SELECT ON "public"."eventsource_machine", "public"."eventsource_event_type", "public"."task", "public"."task_event", "public"."task_event_view", "public"."task_view" TO "task_report";
REVOKE ALL ON "public"."eventsource_feed", "public"."eventsource_feed_entity", "public"."eventsource_sequencer" FROM PUBLIC;
GRANT SELECT ON "public"."eventsource_feed", "public"."eventsource_feed_entity", "public"."eventsource_sequencer" TO "task_app";
GRANT SELECT ON "public"."eventsource_feed", "public"."eventsource_feed_entity", "public"."eventsource_sequencer" TO "task_report";
GRANT EXECUTE ON FUNCTION "public"."eventsource_catch_up"(bigint) TO "task_app";

-- What folds have made of entities up to some event. It saves reading, and may be emptied at any time.
CREATE TABLE IF NOT EXISTS "public"."eventsource_snapshot" (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    fold text NOT NULL,
    fingerprint bigint NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (entity_id, entity, fold)
);
REVOKE ALL ON "public"."eventsource_snapshot" FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."eventsource_snapshot" TO "task_app";
GRANT SELECT ON "public"."eventsource_snapshot" TO "task_report";

INSERT INTO "public"."eventsource_event_type" (entity, number, name) VALUES
    ('task', 0, 'CREATED'),
    ('task', 1, 'ASSIGNED'),
    ('task', 2, 'SCHEDULED'),
    ('task', 3, 'STARTED'),
    ('task', 4, 'REASSIGNED'),
    ('task', 5, 'RESCHEDULED'),
    ('task', 6, 'REVISED'),
    ('task', 7, 'CANCELED'),
    ('task', 8, 'COMPLETED'),
    ('task', 9, 'ENDED');
INSERT INTO "public"."eventsource_machine" (entity, fingerprint, rules, migrated_at) VALUES
    ('task', 'layout 3: 89e2fe734749432f', '{"name":"task","event_types":[{"name":"CREATED","follows":{"op":"nothing"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"ASSIGNED","follows":{"op":"all_of","args":[{"op":"event","name":"CREATED"},{"op":"but_not","arg":{"op":"event","name":"ASSIGNED"}}]},"accumulate":{"op":"union"},"restarting":false,"requires":["assignee"],"auto_transition":false,"terminal":false},{"name":"SCHEDULED","follows":{"op":"all_of","args":[{"op":"event","name":"CREATED"},{"op":"but_not","arg":{"op":"event","name":"SCHEDULED"}}]},"accumulate":{"op":"union"},"restarting":false,"requires":["deadline"],"auto_transition":false,"terminal":false},{"name":"STARTED","follows":{"op":"all_of","args":[{"op":"event","name":"ASSIGNED"},{"op":"event","name":"SCHEDULED"}]},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"REASSIGNED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"keep"},"restarting":false,"requires":["assignee"],"auto_transition":false,"terminal":false},{"name":"RESCHEDULED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"keep"},"restarting":false,"requires":["deadline"],"auto_transition":false,"terminal":false},{"name":"REVISED","follows":{"op":"any_of","args":[{"op":"event","name":"CREATED"},{"op":"event","name":"STARTED"}]},"accumulate":{"op":"alias","event":"CREATED"},"restarting":true,"requires":[],"auto_transition":false,"terminal":false},{"name":"CANCELED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":true},{"name":"COMPLETED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"ENDED","follows":{"op":"event","name":"COMPLETED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":true,"terminal":true}]}', now())
ON CONFLICT (entity) DO UPDATE
SET fingerprint = excluded.fingerprint, rules = excluded.rules, migrated_at = excluded.migrated_at;
COMMIT;
