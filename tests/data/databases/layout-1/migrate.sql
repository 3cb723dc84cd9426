-- The rules of 'task' change, from fingerprint layout 2: 89e2fe734749432f
-- to 89e2fe734749432f.
-- 1. The new rules hold for new events.
BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM "public"."eventsource_machine" WHERE entity = 'task' AND fingerprint = 'layout 2: 89e2fe734749432f')
    THEN
        RAISE EXCEPTION 'the rules of task are other ones by now' USING ERRCODE = 'ES001';
    END IF;
END $$;
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
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = '"public"."task_event"'::regclass AND contype = 'c' AND (conname LIKE 'task\_event\_next\_%')
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', '"public"."task_event"'::regclass, name);
    END LOOP;
END $$;
ALTER TABLE "public"."task_event"
    ADD CONSTRAINT "task_event_next_89e2fe73_rules" CHECK (coalesce(
        -- 0 CREATED: prior_state = 0 AND state = 1
        -- 1 ASSIGNED: (prior_state & 1) = 1 AND (prior_state & 2) = 0 AND state = prior_state | 2
        -- 2 SCHEDULED: (prior_state & 1) = 1 AND (prior_state & 4) = 0 AND state = prior_state | 4
        -- 3 STARTED: (prior_state & 6) = 6 AND state = 8
        -- 4 REASSIGNED: (prior_state & 8) = 8 AND state = prior_state
        -- 5 RESCHEDULED: (prior_state & 8) = 8 AND state = prior_state
        -- 6 REVISED: ((prior_state & 1) = 1 OR (prior_state & 8) = 8) AND state = 1
        -- 7 CANCELED: (prior_state & 8) = 8 AND state = 128
        -- 8 COMPLETED: (prior_state & 8) = 8 AND state = 256
        -- 9 ENDED: (prior_state & 256) = 256 AND state = 512
        (prior_state & ('[0:9]={-1,3,5,6,8,8,1,8,8,256}'::bigint[])[event_type] = ('[0:9]={0,1,1,6,8,8,1,8,8,256}'::bigint[])[event_type]
            OR prior_state & ('[0:9]={-1,3,5,6,8,8,8,8,8,256}'::bigint[])[event_type] = ('[0:9]={0,1,1,6,8,8,8,8,8,256}'::bigint[])[event_type])
        AND state = (prior_state & ('[0:9]={0,-1,-1,0,-1,-1,0,0,0,0}'::bigint[])[event_type]) | ('[0:9]={1,2,4,8,0,0,1,128,256,512}'::bigint[])[event_type], FALSE)) NOT VALID,
    ADD CONSTRAINT "task_event_next_89e2fe73_version" CHECK (seq = 1 OR version = prior_version + CASE WHEN event_type IN (6) THEN 1 ELSE 0 END) NOT VALID,
    ADD CONSTRAINT "task_event_next_89e2fe73_requires_assignee" CHECK (event_type NOT IN (1, 4) OR data ->> 'assignee' IS NOT NULL) NOT VALID,
    ADD CONSTRAINT "task_event_next_89e2fe73_requires_deadline" CHECK (event_type NOT IN (2, 5) OR data ->> 'deadline' IS NOT NULL) NOT VALID;
COMMIT;

-- 2. And for the old ones. If not, this fails: the new constraints are to be dropped then.
BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';
ALTER TABLE "public"."task_event" VALIDATE CONSTRAINT "task_event_next_89e2fe73_rules";
ALTER TABLE "public"."task_event" VALIDATE CONSTRAINT "task_event_next_89e2fe73_version";
ALTER TABLE "public"."task_event" VALIDATE CONSTRAINT "task_event_next_89e2fe73_requires_assignee";
ALTER TABLE "public"."task_event" VALIDATE CONSTRAINT "task_event_next_89e2fe73_requires_deadline";
COMMIT;

-- 3. The new rules hold alone.
BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM "public"."eventsource_machine" WHERE entity = 'task' AND fingerprint = 'layout 2: 89e2fe734749432f')
    THEN
        RAISE EXCEPTION 'the rules of task are other ones by now' USING ERRCODE = 'ES001';
    END IF;
END $$;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = '"public"."task_event"'::regclass AND contype = 'c' AND (conname LIKE 'task\_event\_requires\_%' OR conname IN ('task_event_rules', 'task_event_version'))
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', '"public"."task_event"'::regclass, name);
    END LOOP;
END $$;
ALTER TABLE "public"."task_event" RENAME CONSTRAINT "task_event_next_89e2fe73_rules" TO "task_event_rules";
ALTER TABLE "public"."task_event" RENAME CONSTRAINT "task_event_next_89e2fe73_version" TO "task_event_version";
ALTER TABLE "public"."task_event" RENAME CONSTRAINT "task_event_next_89e2fe73_requires_assignee" TO "task_event_requires_assignee";
ALTER TABLE "public"."task_event" RENAME CONSTRAINT "task_event_next_89e2fe73_requires_deadline" TO "task_event_requires_deadline";
DROP VIEW IF EXISTS "public"."task_event_view", "public"."task_view";

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
    event.data,
    event.metadata
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
    ) AS given WHERE value <> 'null' ORDER BY seq DESC LIMIT 1) AS "description",
    (SELECT value #>> '{}' FROM (
        SELECT event.seq, CASE event.event_type WHEN 1 THEN event.data -> 'assignee' WHEN 4 THEN event.data -> 'assignee' END AS value
        FROM "public"."task_event" AS event WHERE event."task_id" = head.id
    ) AS given WHERE value <> 'null' ORDER BY seq DESC LIMIT 1) AS "assignee",
    (SELECT value #>> '{}' FROM (
        SELECT event.seq, CASE event.event_type WHEN 2 THEN event.data -> 'deadline' WHEN 5 THEN event.data -> 'deadline' END AS value
        FROM "public"."task_event" AS event WHERE event."task_id" = head.id
    ) AS given WHERE value <> 'null' ORDER BY seq DESC LIMIT 1) AS "deadline"
FROM "public"."task" AS head;
COMMENT ON VIEW "public"."task_view" IS 'eventsource views c7bd81c30d34855c';

-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON "public"."eventsource_machine", "public"."eventsource_event_type", "public"."eventsource_idempotency" FROM PUBLIC;
REVOKE ALL ON "public"."eventsource_feed", "public"."eventsource_feed_entity", "public"."eventsource_sequencer" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "public"."eventsource_clock" FROM PUBLIC;
REVOKE ALL ON "public"."task", "public"."task_event", "public"."task_event_view", "public"."task_view" FROM PUBLIC;

INSERT INTO "public"."eventsource_machine" (entity, fingerprint, rules, migrated_at) VALUES
    ('task', '89e2fe734749432f', '{"name":"task","event_types":[{"name":"CREATED","follows":{"op":"nothing"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"ASSIGNED","follows":{"op":"all_of","args":[{"op":"event","name":"CREATED"},{"op":"but_not","arg":{"op":"event","name":"ASSIGNED"}}]},"accumulate":{"op":"union"},"restarting":false,"requires":["assignee"],"auto_transition":false,"terminal":false},{"name":"SCHEDULED","follows":{"op":"all_of","args":[{"op":"event","name":"CREATED"},{"op":"but_not","arg":{"op":"event","name":"SCHEDULED"}}]},"accumulate":{"op":"union"},"restarting":false,"requires":["deadline"],"auto_transition":false,"terminal":false},{"name":"STARTED","follows":{"op":"all_of","args":[{"op":"event","name":"ASSIGNED"},{"op":"event","name":"SCHEDULED"}]},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"REASSIGNED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"keep"},"restarting":false,"requires":["assignee"],"auto_transition":false,"terminal":false},{"name":"RESCHEDULED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"keep"},"restarting":false,"requires":["deadline"],"auto_transition":false,"terminal":false},{"name":"REVISED","follows":{"op":"any_of","args":[{"op":"event","name":"CREATED"},{"op":"event","name":"STARTED"}]},"accumulate":{"op":"alias","event":"CREATED"},"restarting":true,"requires":[],"auto_transition":false,"terminal":false},{"name":"CANCELED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":true},{"name":"COMPLETED","follows":{"op":"event","name":"STARTED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":false,"terminal":false},{"name":"ENDED","follows":{"op":"event","name":"COMPLETED"},"accumulate":{"op":"current"},"restarting":false,"requires":[],"auto_transition":true,"terminal":true}]}', now())
ON CONFLICT (entity) DO UPDATE
SET fingerprint = excluded.fingerprint, rules = excluded.rules, migrated_at = excluded.migrated_at;
COMMIT;
