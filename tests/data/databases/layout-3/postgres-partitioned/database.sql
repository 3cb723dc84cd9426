--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA shop;


--
-- Name: delivery_event_row; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.delivery_event_row AS (
	event_type smallint,
	prior_state bigint,
	state bigint,
	seq integer,
	version integer,
	prior_version integer,
	data json,
	metadata json
);


--
-- Name: delivery_event_rules_84d84bba; Type: DOMAIN; Schema: shop; Owner: -
--

CREATE DOMAIN shop.delivery_event_rules_84d84bba AS shop.delivery_event_row
	CONSTRAINT delivery_event_data_check CHECK (COALESCE((jsonb_typeof(((VALUE).data)::jsonb) = 'object'::text), false))
	CONSTRAINT delivery_event_metadata_check CHECK (COALESCE(
CASE
    WHEN (((VALUE).metadata)::text = '{}'::text) THEN true
    ELSE (NOT jsonb_path_exists(((VALUE).metadata)::jsonb, 'strict $?((((((@.type() != "object" || exists (@."actor"?(@.type() != "string" && @.type() != "null"))) || exists (@."correlation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."causation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."idempotency_key"?(@.type() != "string" && @.type() != "null"))) || @."roles".type() != "array") || exists (@."roles"[*]?(@.type() != "string")))'::jsonpath))
END, false))
	CONSTRAINT delivery_event_requires_address CHECK (COALESCE((((VALUE).event_type <> 0) OR (((VALUE).data ->> 'address'::text) IS NOT NULL)), false))
	CONSTRAINT delivery_event_rules CHECK (COALESCE(
CASE (VALUE).event_type
    WHEN 0 THEN (((VALUE).prior_state = 0) AND ((VALUE).state = 1))
    WHEN 1 THEN ((((VALUE).prior_state & (1)::bigint) = 1) AND ((VALUE).state = 2))
    WHEN 2 THEN ((((VALUE).prior_state & (2)::bigint) = 2) AND ((VALUE).state = 4))
    ELSE false
END, false))
	CONSTRAINT delivery_event_version CHECK (COALESCE((((VALUE).seq = 1) OR ((VALUE).version = (VALUE).prior_version)), false));


--
-- Name: lamp_event_row; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.lamp_event_row AS (
	event_type smallint,
	prior_state bigint,
	state bigint,
	seq integer,
	version integer,
	prior_version integer,
	data json,
	metadata json
);


--
-- Name: lamp_event_rules_87659396; Type: DOMAIN; Schema: shop; Owner: -
--

CREATE DOMAIN shop.lamp_event_rules_87659396 AS shop.lamp_event_row
	CONSTRAINT lamp_event_data_check CHECK (COALESCE((jsonb_typeof(((VALUE).data)::jsonb) = 'object'::text), false))
	CONSTRAINT lamp_event_metadata_check CHECK (COALESCE(
CASE
    WHEN (((VALUE).metadata)::text = '{}'::text) THEN true
    ELSE (NOT jsonb_path_exists(((VALUE).metadata)::jsonb, 'strict $?((((((@.type() != "object" || exists (@."actor"?(@.type() != "string" && @.type() != "null"))) || exists (@."correlation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."causation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."idempotency_key"?(@.type() != "string" && @.type() != "null"))) || @."roles".type() != "array") || exists (@."roles"[*]?(@.type() != "string")))'::jsonpath))
END, false))
	CONSTRAINT lamp_event_rules CHECK (COALESCE(
CASE (VALUE).event_type
    WHEN 2 THEN (((((VALUE).prior_state & (2)::bigint) = 2) OR (((VALUE).prior_state & (8)::bigint) = 8)) AND ((VALUE).state = ((VALUE).prior_state & (5)::bigint)))
    WHEN 3 THEN ((((VALUE).prior_state & (2)::bigint) = 2) AND ((VALUE).state = ((VALUE).prior_state | (8)::bigint)))
    WHEN 0 THEN (((VALUE).prior_state = 0) AND ((VALUE).state = 1))
    WHEN 1 THEN ((((VALUE).prior_state & (1)::bigint) = 1) AND (((VALUE).prior_state & (2)::bigint) = 0) AND ((VALUE).state = ((VALUE).prior_state | (2)::bigint)))
    ELSE false
END, false))
	CONSTRAINT lamp_event_version CHECK (COALESCE((((VALUE).seq = 1) OR ((VALUE).version = (VALUE).prior_version)), false));


--
-- Name: sensor_event_row; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.sensor_event_row AS (
	event_type smallint,
	prior_state bigint,
	state bigint,
	seq integer,
	version integer,
	prior_version integer,
	data json,
	metadata json
);


--
-- Name: sensor_event_rules_e770ce87; Type: DOMAIN; Schema: shop; Owner: -
--

CREATE DOMAIN shop.sensor_event_rules_e770ce87 AS shop.sensor_event_row
	CONSTRAINT sensor_event_data_check CHECK (COALESCE((jsonb_typeof(((VALUE).data)::jsonb) = 'object'::text), false))
	CONSTRAINT sensor_event_metadata_check CHECK (COALESCE(
CASE
    WHEN (((VALUE).metadata)::text = '{}'::text) THEN true
    ELSE (NOT jsonb_path_exists(((VALUE).metadata)::jsonb, 'strict $?((((((@.type() != "object" || exists (@."actor"?(@.type() != "string" && @.type() != "null"))) || exists (@."correlation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."causation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."idempotency_key"?(@.type() != "string" && @.type() != "null"))) || @."roles".type() != "array") || exists (@."roles"[*]?(@.type() != "string")))'::jsonpath))
END, false))
	CONSTRAINT sensor_event_requires_celsius CHECK (COALESCE((((VALUE).event_type <> 1) OR (((VALUE).data ->> 'celsius'::text) IS NOT NULL)), false))
	CONSTRAINT sensor_event_requires_count CHECK (COALESCE((((VALUE).event_type <> 1) OR (((VALUE).data ->> 'count'::text) IS NOT NULL)), false))
	CONSTRAINT sensor_event_requires_labels CHECK (COALESCE((((VALUE).event_type <> 0) OR (((VALUE).data ->> 'labels'::text) IS NOT NULL)), false))
	CONSTRAINT sensor_event_requires_offsets CHECK (COALESCE((((VALUE).event_type <> 1) OR (((VALUE).data ->> 'offsets'::text) IS NOT NULL)), false))
	CONSTRAINT sensor_event_requires_place CHECK (COALESCE((((VALUE).event_type <> 0) OR (((VALUE).data ->> 'place'::text) IS NOT NULL)), false))
	CONSTRAINT sensor_event_rules CHECK (COALESCE(
CASE (VALUE).event_type
    WHEN 0 THEN (((VALUE).prior_state = 0) AND ((VALUE).state = 1))
    WHEN 1 THEN ((((VALUE).prior_state & (1)::bigint) = 1) AND ((VALUE).state = (VALUE).prior_state))
    ELSE false
END, false))
	CONSTRAINT sensor_event_version CHECK (COALESCE((((VALUE).seq = 1) OR ((VALUE).version = (VALUE).prior_version)), false));


--
-- Name: task_event_row; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.task_event_row AS (
	event_type smallint,
	prior_state bigint,
	state bigint,
	seq integer,
	version integer,
	prior_version integer,
	data json,
	metadata json
);


--
-- Name: task_event_rules_89e2fe73; Type: DOMAIN; Schema: shop; Owner: -
--

CREATE DOMAIN shop.task_event_rules_89e2fe73 AS shop.task_event_row
	CONSTRAINT task_event_data_check CHECK (COALESCE((jsonb_typeof(((VALUE).data)::jsonb) = 'object'::text), false))
	CONSTRAINT task_event_metadata_check CHECK (COALESCE(
CASE
    WHEN (((VALUE).metadata)::text = '{}'::text) THEN true
    ELSE (NOT jsonb_path_exists(((VALUE).metadata)::jsonb, 'strict $?((((((@.type() != "object" || exists (@."actor"?(@.type() != "string" && @.type() != "null"))) || exists (@."correlation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."causation_id"?(@.type() != "string" && @.type() != "null"))) || exists (@."idempotency_key"?(@.type() != "string" && @.type() != "null"))) || @."roles".type() != "array") || exists (@."roles"[*]?(@.type() != "string")))'::jsonpath))
END, false))
	CONSTRAINT task_event_requires_assignee CHECK (COALESCE((((VALUE).event_type <> ALL (ARRAY[1, 4])) OR (((VALUE).data ->> 'assignee'::text) IS NOT NULL)), false))
	CONSTRAINT task_event_requires_deadline CHECK (COALESCE((((VALUE).event_type <> ALL (ARRAY[2, 5])) OR (((VALUE).data ->> 'deadline'::text) IS NOT NULL)), false))
	CONSTRAINT task_event_rules CHECK (COALESCE(
CASE (VALUE).event_type
    WHEN 0 THEN (((VALUE).prior_state = 0) AND ((VALUE).state = 1))
    WHEN 1 THEN ((((VALUE).prior_state & (1)::bigint) = 1) AND (((VALUE).prior_state & (2)::bigint) = 0) AND ((VALUE).state = ((VALUE).prior_state | (2)::bigint)))
    WHEN 2 THEN ((((VALUE).prior_state & (1)::bigint) = 1) AND (((VALUE).prior_state & (4)::bigint) = 0) AND ((VALUE).state = ((VALUE).prior_state | (4)::bigint)))
    WHEN 3 THEN ((((VALUE).prior_state & (6)::bigint) = 6) AND ((VALUE).state = 8))
    WHEN 4 THEN ((((VALUE).prior_state & (8)::bigint) = 8) AND ((VALUE).state = (VALUE).prior_state))
    WHEN 5 THEN ((((VALUE).prior_state & (8)::bigint) = 8) AND ((VALUE).state = (VALUE).prior_state))
    WHEN 6 THEN (((((VALUE).prior_state & (1)::bigint) = 1) OR (((VALUE).prior_state & (8)::bigint) = 8)) AND ((VALUE).state = 1))
    WHEN 7 THEN ((((VALUE).prior_state & (8)::bigint) = 8) AND ((VALUE).state = 128))
    WHEN 8 THEN ((((VALUE).prior_state & (8)::bigint) = 8) AND ((VALUE).state = 256))
    WHEN 9 THEN ((((VALUE).prior_state & (256)::bigint) = 256) AND ((VALUE).state = 512))
    ELSE false
END, false))
	CONSTRAINT task_event_version CHECK (COALESCE((((VALUE).seq = 1) OR ((VALUE).version = ((VALUE).prior_version +
CASE
    WHEN ((VALUE).event_type = 6) THEN 1
    ELSE 0
END))), false));


--
-- Name: delivery_answered(text, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_answered(idempotency_key text, asked_by text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((SELECT taken.answered FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = idempotency_key AND taken.actor = asked_by),
        (SELECT taken.answered FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = idempotency_key));
END $$;


--
-- Name: eventsource_clock; Type: SEQUENCE; Schema: shop; Owner: -
--

CREATE SEQUENCE shop.eventsource_clock
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


SET default_tablespace = '';

--
-- Name: delivery_event; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_event (
    delivery_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT delivery_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.delivery_event_row)::shop.delivery_event_rules_84d84bba IS DISTINCT FROM NULL))
)
PARTITION BY HASH (delivery_id);


--
-- Name: delivery_event_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.delivery_event_view AS
 SELECT event.delivery_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM shop.delivery_event prior
          WHERE ((prior.delivery_id = event.delivery_id) AND (prior.seq = (event.seq - 1)))) AS parent_id,
        CASE event.event_type
            WHEN 0 THEN 'ORDERED'::text
            WHEN 1 THEN 'LOADED'::text
            WHEN 2 THEN 'HANDED_OVER'::text
            ELSE NULL::text
        END AS event_type,
    array_remove(ARRAY[
        CASE
            WHEN ((event.prior_state & (4)::bigint) <> 0) THEN 'HANDED_OVER'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (2)::bigint) <> 0) THEN 'LOADED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (1)::bigint) <> 0) THEN 'ORDERED'::text
            ELSE NULL::text
        END], NULL::text) AS prior_state,
    array_remove(ARRAY[
        CASE
            WHEN ((event.state & (4)::bigint) <> 0) THEN 'HANDED_OVER'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (2)::bigint) <> 0) THEN 'LOADED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (1)::bigint) <> 0) THEN 'ORDERED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
    event.version,
    event.recorded_at,
    (event.data ->> 'address'::text) AS address,
    (event.data ->> 'to'::text) AS "to",
    (event.data)::jsonb AS data,
    (event.metadata)::jsonb AS metadata
   FROM shop.delivery_event event;


--
-- Name: delivery_append(uuid, text, json, integer, json, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_append(entity_id uuid, event_type text, data json DEFAULT '{}'::json, expected_seq integer DEFAULT NULL::integer, metadata json DEFAULT '{}'::json, idempotency_key text DEFAULT NULL::text) RETURNS SETOF shop.delivery_event_view
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
DECLARE
    id uuid := entity_id;
    kind smallint := CASE event_type
                WHEN 'ORDERED' THEN 0
                WHEN 'LOADED' THEN 1
                WHEN 'HANDED_OVER' THEN 2
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
        RAISE EXCEPTION 'entity type ''%'' has no event type %', 'delivery', coalesce(quote_literal(left(event_type, 100)), 'NULL')
            USING ERRCODE = 'EV005', HINT = 'Its event types are ' || 'ORDERED, LOADED, HANDED_OVER' || '.';
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
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(data) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'data of event type ''%'' %', event_type, fault USING ERRCODE = 'EV006',
            HINT = 'Give an object with the fields of the event.';
    END IF;
    SELECT key INTO fault FROM json_object_keys(data) AS key WHERE CASE kind
            WHEN 0 THEN key NOT IN ('address')
            WHEN 1 THEN true
            WHEN 2 THEN key NOT IN ('to') ELSE false END LIMIT 1;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'event type ''%'' has no field ''%''', event_type, left(fault, 100)
            USING ERRCODE = 'EV011', HINT = 'Is the name of the field spelled right?';
    END IF;
    IF metadata::text IS DISTINCT FROM '{}' THEN
        fault := CASE WHEN metadata IS NULL THEN 'is NULL'
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(metadata) END;
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
    IF id IS NOT NULL AND idempotency_key IS NULL THEN
        SELECT * INTO alone FROM "shop"."delivery_append_one"(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = 0 THEN
            RETURN QUERY SELECT * FROM "shop"."delivery_event_view" AS event WHERE event."delivery_id" = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM "shop"."delivery_append_batch"(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM 2;
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM "shop"."delivery_event_view" AS event
        WHERE event."delivery_id" = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    IF answer.other_outcomes[1] = 3 THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM "shop"."delivery_answered"(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN "shop"."delivery_event" AS event ON event."delivery_id" = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = 'EV004', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM "shop"."delivery_event_view" AS event
        WHERE event."delivery_id" = earlier.id AND event.seq = ANY (earlier.seqs) ORDER BY event.seq;
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
                WHEN 0 THEN CASE WHEN data ->> 'address' IS NULL THEN 'address' END
                END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'Event type ''%'' requires ''%''', event_type, fault USING ERRCODE = 'EV003',
            HINT = 'Give the field a value that is not null.';
    END IF;
    IF (CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1
                WHEN 2 THEN (state & 2) = 2
                END) IS NOT TRUE THEN
        IF at_seq = 0 THEN
            RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type
                USING ERRCODE = 'EV001', DETAIL = format('There is no event of %s.', subject),
                HINT = 'Initial may be: ' || array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'ORDERED' END,
                CASE WHEN (state & 1) = 1 THEN 'LOADED' END,
                CASE WHEN (state & 2) = 2 THEN 'HANDED_OVER' END
    ], NULL), ', ') || '.';
        END IF;
        RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type, array_to_string(array_remove(ARRAY[
        CASE WHEN (state & 4) <> 0 THEN 'HANDED_OVER' END,
        CASE WHEN (state & 2) <> 0 THEN 'LOADED' END,
        CASE WHEN (state & 1) <> 0 THEN 'ORDERED' END
    ], NULL), ', ')
            USING ERRCODE = 'EV001', DETAIL = format('That is the state of %s at sequence %s.', subject, at_seq),
            HINT = coalesce('Now may follow: ' || nullif(array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'ORDERED' END,
                CASE WHEN (state & 1) = 1 THEN 'LOADED' END,
                CASE WHEN (state & 2) = 2 THEN 'HANDED_OVER' END
    ], NULL), ', '), '') || '.', 'No event may follow.');
    END IF;
    IF at_seq = 0 AND entity_id IS NOT NULL THEN
        RAISE EXCEPTION 'id % was not allocated by the counter', entity_id
            USING ERRCODE = 'EV007', HINT = 'Begin an entity with NULL as its id.';
    END IF;
    RAISE EXCEPTION 'event type ''%'' was refused', event_type USING ERRCODE = 'EV001';
END $$;


--
-- Name: delivery_append_batch(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint DEFAULT 0, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
    number bigint;
    number_before bigint;
    begun integer[];
BEGIN
    -- Places are counted in two ways below, which differ for any other array.
    IF array_ndims(entity_ids) <> 1 OR array_lower(entity_ids, 1) <> 1 THEN
        RAISE EXCEPTION 'entity_ids is not an array of one dimension that begins at 1'
            USING ERRCODE = 'EV009';
    END IF;
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
            JOIN "shop"."delivery" AS found ON found.id = asked.id
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
            JOIN "shop"."delivery" AS found ON found.id = asked.id
            ORDER BY found.id FOR UPDATE OF found SKIP LOCKED
        LOOP
            head_seqs[locked.place] := locked.seq;
            head_versions[locked.place] := locked.version;
            head_states[locked.place] := locked.state;
            head_events[locked.place] := locked.last_event_id;
            head_times[locked.place] := locked.updated_at;
        END LOOP;
    END IF;
    -- New entities: nobody else takes a number before the end of the transaction.
    IF array_position(entity_ids, NULL) IS NOT NULL THEN
        SELECT counter.last INTO number FROM "shop"."eventsource_counter" AS counter
        WHERE counter.entity = 'delivery' FOR UPDATE;
    END IF;
    stored_at := clock_timestamp();
    FOR request IN 1 .. cardinality(metadata) LOOP
        outcome := 0;
        first_row := row_count + 1;
        number_before := number;
        begun := '{}';
        IF keys[request] IS NOT NULL THEN
            asked_by := coalesce(metadata[request]::json ->> 'actor', '');
            IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = keys[request] AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = keys[request]) THEN
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
            IF entity_ids[place] IS NULL THEN
                -- An earlier attempt whose answer was lost may have begun the entity.
                PERFORM FROM "shop"."delivery_event" AS event WHERE event.event_id = event_ids[source];
                IF FOUND THEN
                    outcome := 3;
                    CONTINUE;
                END IF;
                number := number + 1;
                entity_ids[place] := ('0000000000008000' || to_hex(number | (1::bigint << 63)))::uuid;
                begun := begun || place;
            ELSIF seq = 0 THEN
                outcome := 1;
            END IF;
            -- An event of a place that no entity has is in no state.
            IF seq IS NULL OR expected_seqs[source] <> seq OR state & unknown_types <> 0
                OR kind IS NOT NULL AND ((
                CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1
                WHEN 2 THEN (state & 2) = 2
                END) IS NOT TRUE OR (CASE kind
                WHEN 0 THEN CASE WHEN payloads[source]::json ->> 'address' IS NULL THEN 'address' END
                END) IS NOT NULL)
            THEN
                outcome := 1;
            END IF;
            CONTINUE WHEN outcome <> 0 OR kind IS NULL;
            step := 0;
            LOOP
                state := CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN 2
                WHEN 2 THEN 4
                END;
                version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
                seq := seq + 1;
                row_count := row_count + 1;
                sources[row_count] := source;
                befores[row_count] := before;
                seqs[row_count] := seq;
                versions[row_count] := version;
                states[row_count] := state;
                clocks[row_count] := nextval('"shop"."eventsource_clock"');
                before := row_count;
                last_rows[place] := row_count;
                EXIT;
            END LOOP;
        END LOOP;
        IF outcome = 0 AND keys[request] IS NOT NULL THEN
            INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
            SELECT 'delivery', keys[request], asked_by, coalesce(jsonb_agg(jsonb_build_object(
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
                    PERFORM FROM "shop"."delivery" AS found WHERE found.id = entity_ids[place];
                    IF FOUND THEN
                        outcome := 2;
                    END IF;
                END IF;
            END IF;
            other_outcomes[other_count] := outcome;
            number := number_before;
            FOREACH place IN ARRAY begun LOOP
                entity_ids[place] := NULL;
            END LOOP;
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
    UPDATE "shop"."eventsource_counter" AS counter SET last = number WHERE counter.entity = 'delivery' AND number > counter.last;
    IF 0 < ANY (head_seqs) THEN
        UPDATE "shop"."delivery" AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO "shop"."delivery" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
    INSERT INTO "shop"."delivery_event" ("delivery_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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


--
-- Name: delivery_append_each(uuid[], smallint[], uuid[], integer[], text[], text[], bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint DEFAULT 0, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."delivery" AS head WHERE head.id = ANY (entity_ids)
        ORDER BY head.id FOR UPDATE SKIP LOCKED
    ), joined AS (
        SELECT asked.*, coalesce(found.seq, 0) AS prior_seq, coalesce(found.version, 0) AS prior_version,
            coalesce(found.state, 0) AS prior_state, found.last_event_id AS parent_id,
            greatest(clock_timestamp(), found.updated_at) AS at,
            (asked.expected_seq = coalesce(found.seq, 0)) IS NOT FALSE
                AND coalesce(found.state, 0) & unknown_types = 0
                AND (CASE asked.kind
                WHEN 0 THEN coalesce(found.state, 0) = 0
                WHEN 1 THEN (coalesce(found.state, 0) & 1) = 1
                WHEN 2 THEN (coalesce(found.state, 0) & 2) = 2
                END) IS TRUE
                AND (CASE asked.kind
                WHEN 0 THEN CASE WHEN asked.data::json ->> 'address' IS NULL THEN 'address' END
                END) IS NULL
                AND found.seq IS NOT NULL AS is_legal,
            CASE asked.kind
                WHEN 0 THEN 1
                WHEN 1 THEN 2
                WHEN 2 THEN 4
                END AS state_after
        FROM asked LEFT JOIN found ON found.id = asked.id
    ), decided AS (
        SELECT *, CASE WHEN NOT is_legal THEN 1 WHEN false THEN 4 ELSE 0 END AS outcome,
            CASE WHEN prior_seq = 0 THEN 1 WHEN false THEN prior_version + 1 ELSE prior_version END AS version
        FROM joined
    ), numbered AS MATERIALIZED (
        SELECT *, CASE WHEN outcome = 0 THEN nextval('"shop"."eventsource_clock"') END AS clock FROM decided
    ), moved AS (
        UPDATE "shop"."delivery" AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = 0 AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO "shop"."delivery" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = 0 AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO "shop"."delivery_event" ("delivery_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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
            AND EXISTS (SELECT FROM "shop"."delivery" AS head WHERE head.id = answer.id)
            THEN 2 ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;


--
-- Name: delivery_append_one(uuid, smallint, uuid, integer, text, text, text, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint DEFAULT 0, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."delivery" AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = idempotency_key AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'delivery' AND taken.key = idempotency_key) THEN
            outcome := 3;
            RETURN;
        END IF;
    END IF;
    IF expected_seq <> seq OR prior_state & unknown_types <> 0
            OR (CASE event_type
                WHEN 0 THEN prior_state = 0
                WHEN 1 THEN (prior_state & 1) = 1
                WHEN 2 THEN (prior_state & 2) = 2
                END) IS NOT TRUE
            OR (CASE event_type
                WHEN 0 THEN CASE WHEN data::json ->> 'address' IS NULL THEN 'address' END
                END) IS NOT NULL
            OR seq = 0
    THEN
        IF seq = 0 THEN
            PERFORM FROM "shop"."delivery" AS head WHERE head.id = entity_id;
            IF FOUND THEN
                outcome := 2;
            END IF;
        END IF;
        RETURN;
    END IF;
    state := CASE event_type
                WHEN 0 THEN 1
                WHEN 1 THEN 2
                WHEN 2 THEN 4
                END;
    prior_version := version;
    version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
    seq := seq + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    marker := set_config('eventsource.append', 'on', true);
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
        VALUES ('delivery', idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        ON CONFLICT (entity, key, actor) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO "shop"."delivery" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
        UPDATE "shop"."delivery" AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval('"shop"."eventsource_clock"');
    INSERT INTO "shop"."delivery_event" ("delivery_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    marker := set_config('eventsource.append', '', true);
    outcome := 0;
END $$;


--
-- Name: delivery_event_counted(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.delivery_event_counted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM "shop"."eventsource_counter" AS counter WHERE counter.entity = 'delivery'
            AND NEW.id >= '00000000-0000-8000-8000-000000000001'
            AND NEW.id <= ('0000000000008000' || to_hex(counter.last | (1::bigint << 63)))::uuid)
    THEN
        RAISE EXCEPTION 'the counter has not given this id'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;


--
-- Name: eventsource_append_only(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;


--
-- Name: eventsource_catch_up(bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_catch_up(max_events bigint DEFAULT 50000) RETURNS TABLE(last_position bigint, more boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET jit TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
            (SELECT max(number) FROM "shop"."eventsource_feed_entity") IS NOT DISTINCT FROM 4 AS all_known,
            pg_snapshot_xmax(snapshot)::text::bigint AS xmax,
            coalesce(target, pg_current_snapshot()) AS up_to
        FROM "shop"."eventsource_sequencer" AS sequencer, pg_control_system() AS control WHERE sequencer.id = 1
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
        SELECT 1::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, task_id AS entity_id, seq FROM shop.task_event
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)
        UNION ALL
        SELECT 2::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, delivery_id AS entity_id, seq FROM shop.delivery_event
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)
        UNION ALL
        SELECT 3::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, sensor_id AS entity_id, seq FROM shop.sensor_event
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)
        UNION ALL
        SELECT 4::smallint AS entity, e.clock, e.entity_id, e.seq
        FROM span, seen, LATERAL (
            SELECT clock, lamp_id AS entity_id, seq FROM shop.lamp_event
            WHERE xid > span.low AND xid < span.high OFFSET 0
        ) AS e
        WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)
        ) AS event ORDER BY clock FETCH FIRST most ROWS WITH TIES
    ), taken AS MATERIALIZED (
        SELECT count(*) AS events, max(clock) AS last_clock, count(*) >= most AS is_full FROM fresh
    ), held AS MATERIALIZED (
        SELECT batch FROM "shop"."eventsource_sequencer" AS sequencer
        WHERE id = 1 AND (SELECT events > 0
            OR target IS NOT NULL AND seen.same_cluster AND seen.all_known FROM taken, seen)
        FOR UPDATE SKIP LOCKED
    ), turn AS MATERIALIZED (
        SELECT seen.batch, seen.position, seen.up_to, taken.*
        FROM seen JOIN held ON held.batch = seen.batch, taken
    ), placed AS (
        INSERT INTO "shop"."eventsource_feed" (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM fresh, turn
    ), moved AS (
        UPDATE "shop"."eventsource_sequencer" AS sequencer SET batch = sequencer.batch + 1,
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
        PERFORM pg_notify('eventsource_feed', 'shop');
    ELSIF NOT all_known THEN
        RAISE EXCEPTION 'an entity was added to the feed just now: call this again'
            USING ERRCODE = 'EV020', HINT = 'If that does not help, migrate as the owner.';
    ELSIF NOT same_cluster THEN
        SELECT * INTO STRICT last_position, more FROM "shop"."eventsource_resync"();
    END IF;
    RETURN NEXT;
END $$;


--
-- Name: eventsource_functions_only(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_functions_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is written by functions only: append with %', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation',
        HINT = 'A program that inserts events itself is older than these tables: update it.';
END $$;


--
-- Name: eventsource_json_fault(json); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_json_fault(value json) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
END $_$;


--
-- Name: eventsource_keys_moved(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_keys_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM "shop"."eventsource_machine" AS machine WHERE machine.entity = NEW.entity
        AND machine.fingerprint ~ '^layout ([3-9]|[0-9]{2,}): ')
    THEN
        RAISE EXCEPTION 'the idempotency keys of ''%'' have moved', NEW.entity
            USING ERRCODE = 'serialization_failure', HINT = 'Try again: the functions are others by now.';
    END IF;
    RETURN NEW;
END $$;


--
-- Name: eventsource_resync(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.eventsource_resync() RETURNS TABLE(last_position bigint, more boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'on'
    SET enable_hashjoin TO 'on'
    SET enable_mergejoin TO 'on'
    AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a restored feed is compared with the logs: call this in READ COMMITTED'
            USING ERRCODE = 'EV021';
    END IF;
    -- Nobody may write from before the snapshot is taken until it is saved.
    LOCK TABLE shop.task_event, shop.delivery_event, shop.sensor_event, shop.lamp_event IN SHARE MODE;
    WITH seen AS MATERIALIZED (
        SELECT sequencer.*, control.system_identifier AS cluster
        FROM "shop"."eventsource_sequencer" AS sequencer, pg_control_system() AS control
    ), event AS MATERIALIZED (
        SELECT 1::smallint AS entity, clock, task_id AS entity_id, seq FROM shop.task_event
        UNION ALL
        SELECT 2::smallint AS entity, clock, delivery_id AS entity_id, seq FROM shop.delivery_event
        UNION ALL
        SELECT 3::smallint AS entity, clock, sensor_id AS entity_id, seq FROM shop.sensor_event
        UNION ALL
        SELECT 4::smallint AS entity, clock, lamp_id AS entity_id, seq FROM shop.lamp_event
    ), missing AS MATERIALIZED (
        SELECT * FROM event WHERE NOT EXISTS (
            SELECT FROM "shop"."eventsource_feed" AS feed
            WHERE feed.entity = event.entity AND feed.entity_id = event.entity_id
                AND feed.seq = event.seq)
    ), held AS MATERIALIZED (
        SELECT batch FROM "shop"."eventsource_sequencer" FOR UPDATE
    ), turn AS MATERIALIZED (
        SELECT seen.* FROM seen JOIN held ON held.batch = seen.batch
        WHERE seen.system_identifier <> seen.cluster
            AND (SELECT max(number) FROM "shop"."eventsource_feed_entity") = 4
    ), placed AS (
        INSERT INTO "shop"."eventsource_feed" (position, clock, entity_id, seq, entity)
        SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
            clock, entity_id, seq, entity
        FROM missing, turn
    ), moved AS (
        UPDATE "shop"."eventsource_sequencer" AS sequencer SET batch = sequencer.batch + 1,
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
        PERFORM pg_notify('eventsource_feed', 'shop');
    END IF;
    RETURN NEXT;
END $$;


--
-- Name: lamp_answered(text, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.lamp_answered(idempotency_key text, asked_by text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((SELECT taken.answered FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = idempotency_key AND taken.actor = asked_by),
        (SELECT taken.answered FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = idempotency_key));
END $$;


--
-- Name: lamp_event; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_event (
    lamp_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT lamp_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.lamp_event_row)::shop.lamp_event_rules_87659396 IS DISTINCT FROM NULL))
)
PARTITION BY HASH (lamp_id);


--
-- Name: lamp_event_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.lamp_event_view AS
 SELECT event.lamp_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM shop.lamp_event prior
          WHERE ((prior.lamp_id = event.lamp_id) AND (prior.seq = (event.seq - 1)))) AS parent_id,
        CASE event.event_type
            WHEN 2 THEN 'PUT_OUT'::text
            WHEN 3 THEN 'DIMMED'::text
            WHEN 0 THEN 'WIRED'::text
            WHEN 1 THEN 'LIT'::text
            ELSE NULL::text
        END AS event_type,
    array_remove(ARRAY[
        CASE
            WHEN ((event.prior_state & (8)::bigint) <> 0) THEN 'DIMMED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (2)::bigint) <> 0) THEN 'LIT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (4)::bigint) <> 0) THEN 'PUT_OUT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (1)::bigint) <> 0) THEN 'WIRED'::text
            ELSE NULL::text
        END], NULL::text) AS prior_state,
    array_remove(ARRAY[
        CASE
            WHEN ((event.state & (8)::bigint) <> 0) THEN 'DIMMED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (2)::bigint) <> 0) THEN 'LIT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (4)::bigint) <> 0) THEN 'PUT_OUT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (1)::bigint) <> 0) THEN 'WIRED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
    event.version,
    event.recorded_at,
    (event.data)::jsonb AS data,
    (event.metadata)::jsonb AS metadata
   FROM shop.lamp_event event;


--
-- Name: lamp_append(uuid, text, json, integer, json, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.lamp_append(entity_id uuid, event_type text, data json DEFAULT '{}'::json, expected_seq integer DEFAULT NULL::integer, metadata json DEFAULT '{}'::json, idempotency_key text DEFAULT NULL::text) RETURNS SETOF shop.lamp_event_view
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
DECLARE
    id uuid := entity_id;
    kind smallint := CASE event_type
                WHEN 'PUT_OUT' THEN 2
                WHEN 'DIMMED' THEN 3
                WHEN 'WIRED' THEN 0
                WHEN 'LIT' THEN 1
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
        RAISE EXCEPTION 'entity type ''%'' has no event type %', 'lamp', coalesce(quote_literal(left(event_type, 100)), 'NULL')
            USING ERRCODE = 'EV005', HINT = 'Its event types are ' || 'PUT_OUT, DIMMED, WIRED, LIT' || '.';
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
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(data) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'data of event type ''%'' %', event_type, fault USING ERRCODE = 'EV006',
            HINT = 'Give an object with the fields of the event.';
    END IF;
    SELECT key INTO fault FROM json_object_keys(data) AS key WHERE CASE kind
            WHEN 2 THEN true
            WHEN 3 THEN true
            WHEN 0 THEN true
            WHEN 1 THEN true ELSE false END LIMIT 1;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'event type ''%'' has no field ''%''', event_type, left(fault, 100)
            USING ERRCODE = 'EV011', HINT = 'Is the name of the field spelled right?';
    END IF;
    IF metadata::text IS DISTINCT FROM '{}' THEN
        fault := CASE WHEN metadata IS NULL THEN 'is NULL'
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(metadata) END;
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
        SELECT * INTO alone FROM "shop"."lamp_append_one"(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = 0 THEN
            RETURN QUERY SELECT * FROM "shop"."lamp_event_view" AS event WHERE event."lamp_id" = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM "shop"."lamp_append_batch"(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM 2;
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM "shop"."lamp_event_view" AS event
        WHERE event."lamp_id" = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    IF answer.other_outcomes[1] = 3 THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM "shop"."lamp_answered"(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN "shop"."lamp_event" AS event ON event."lamp_id" = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = 'EV004', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM "shop"."lamp_event_view" AS event
        WHERE event."lamp_id" = earlier.id AND event.seq = ANY (earlier.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    -- 1: refused.
    at_seq := answer.other_seqs[1];
    state := answer.other_states[1];
    IF expected_seq <> at_seq THEN
        RAISE EXCEPTION '% is at sequence %, not at the expected %', subject, at_seq, expected_seq
            USING ERRCODE = 'EV002', HINT = 'Read the entity again, and decide again.';
    END IF;
    IF (CASE kind
                WHEN 2 THEN ((state & 2) = 2 OR (state & 8) = 8)
                WHEN 3 THEN (state & 2) = 2
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1 AND (state & 2) = 0
                END) IS NOT TRUE THEN
        IF at_seq = 0 THEN
            RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type
                USING ERRCODE = 'EV001', DETAIL = format('There is no event of %s.', subject),
                HINT = 'Initial may be: ' || array_to_string(array_remove(ARRAY[
                CASE WHEN ((state & 2) = 2 OR (state & 8) = 8) THEN 'PUT_OUT' END,
                CASE WHEN (state & 2) = 2 THEN 'DIMMED' END,
                CASE WHEN state = 0 THEN 'WIRED' END,
                CASE WHEN (state & 1) = 1 AND (state & 2) = 0 THEN 'LIT' END
    ], NULL), ', ') || '.';
        END IF;
        RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type, array_to_string(array_remove(ARRAY[
        CASE WHEN (state & 8) <> 0 THEN 'DIMMED' END,
        CASE WHEN (state & 2) <> 0 THEN 'LIT' END,
        CASE WHEN (state & 4) <> 0 THEN 'PUT_OUT' END,
        CASE WHEN (state & 1) <> 0 THEN 'WIRED' END
    ], NULL), ', ')
            USING ERRCODE = 'EV001', DETAIL = format('That is the state of %s at sequence %s.', subject, at_seq),
            HINT = coalesce('Now may follow: ' || nullif(array_to_string(array_remove(ARRAY[
                CASE WHEN ((state & 2) = 2 OR (state & 8) = 8) THEN 'PUT_OUT' END,
                CASE WHEN (state & 2) = 2 THEN 'DIMMED' END,
                CASE WHEN state = 0 THEN 'WIRED' END,
                CASE WHEN (state & 1) = 1 AND (state & 2) = 0 THEN 'LIT' END
    ], NULL), ', '), '') || '.', 'No event may follow.');
    END IF;
    RAISE EXCEPTION 'event type ''%'' was refused', event_type USING ERRCODE = 'EV001';
END $$;


--
-- Name: lamp_append_batch(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.lamp_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint DEFAULT 0, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
            JOIN "shop"."lamp" AS found ON found.id = asked.id
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
            JOIN "shop"."lamp" AS found ON found.id = asked.id
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
            IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = keys[request] AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = keys[request]) THEN
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
            IF seq IS NULL OR expected_seqs[source] <> seq OR state & unknown_types <> 0
                OR kind IS NOT NULL AND ((
                CASE kind
                WHEN 2 THEN ((state & 2) = 2 OR (state & 8) = 8)
                WHEN 3 THEN (state & 2) = 2
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1 AND (state & 2) = 0
                END) IS NOT TRUE)
            THEN
                outcome := 1;
            END IF;
            CONTINUE WHEN outcome <> 0 OR kind IS NULL;
            step := 0;
            LOOP
                state := CASE kind
                WHEN 2 THEN state & 5
                WHEN 3 THEN state | 8
                WHEN 0 THEN 1
                WHEN 1 THEN state | 2
                END;
                version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
                seq := seq + 1;
                row_count := row_count + 1;
                sources[row_count] := source;
                befores[row_count] := before;
                seqs[row_count] := seq;
                versions[row_count] := version;
                states[row_count] := state;
                clocks[row_count] := nextval('"shop"."eventsource_clock"');
                before := row_count;
                last_rows[place] := row_count;
                EXIT;
            END LOOP;
        END LOOP;
        IF outcome = 0 AND keys[request] IS NOT NULL THEN
            INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
            SELECT 'lamp', keys[request], asked_by, coalesce(jsonb_agg(jsonb_build_object(
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
                    PERFORM FROM "shop"."lamp" AS found WHERE found.id = entity_ids[place];
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
        UPDATE "shop"."lamp" AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO "shop"."lamp" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
    INSERT INTO "shop"."lamp_event" ("lamp_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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


--
-- Name: lamp_append_each(uuid[], smallint[], uuid[], integer[], text[], text[], bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.lamp_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint DEFAULT 0, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."lamp" AS head WHERE head.id = ANY (entity_ids)
        ORDER BY head.id FOR UPDATE SKIP LOCKED
    ), joined AS (
        SELECT asked.*, coalesce(found.seq, 0) AS prior_seq, coalesce(found.version, 0) AS prior_version,
            coalesce(found.state, 0) AS prior_state, found.last_event_id AS parent_id,
            greatest(clock_timestamp(), found.updated_at) AS at,
            (asked.expected_seq = coalesce(found.seq, 0)) IS NOT FALSE
                AND coalesce(found.state, 0) & unknown_types = 0
                AND (CASE asked.kind
                WHEN 2 THEN ((coalesce(found.state, 0) & 2) = 2 OR (coalesce(found.state, 0) & 8) = 8)
                WHEN 3 THEN (coalesce(found.state, 0) & 2) = 2
                WHEN 0 THEN coalesce(found.state, 0) = 0
                WHEN 1 THEN (coalesce(found.state, 0) & 1) = 1 AND (coalesce(found.state, 0) & 2) = 0
                END) IS TRUE AS is_legal,
            CASE asked.kind
                WHEN 2 THEN coalesce(found.state, 0) & 5
                WHEN 3 THEN coalesce(found.state, 0) | 8
                WHEN 0 THEN 1
                WHEN 1 THEN coalesce(found.state, 0) | 2
                END AS state_after
        FROM asked LEFT JOIN found ON found.id = asked.id
    ), decided AS (
        SELECT *, CASE WHEN NOT is_legal THEN 1 WHEN false THEN 4 ELSE 0 END AS outcome,
            CASE WHEN prior_seq = 0 THEN 1 WHEN false THEN prior_version + 1 ELSE prior_version END AS version
        FROM joined
    ), numbered AS MATERIALIZED (
        SELECT *, CASE WHEN outcome = 0 THEN nextval('"shop"."eventsource_clock"') END AS clock FROM decided
    ), moved AS (
        UPDATE "shop"."lamp" AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = 0 AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO "shop"."lamp" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = 0 AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO "shop"."lamp_event" ("lamp_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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
            AND EXISTS (SELECT FROM "shop"."lamp" AS head WHERE head.id = answer.id)
            THEN 2 ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;


--
-- Name: lamp_append_one(uuid, smallint, uuid, integer, text, text, text, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.lamp_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint DEFAULT 0, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."lamp" AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = idempotency_key AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'lamp' AND taken.key = idempotency_key) THEN
            outcome := 3;
            RETURN;
        END IF;
    END IF;
    IF expected_seq <> seq OR prior_state & unknown_types <> 0
            OR (CASE event_type
                WHEN 2 THEN ((prior_state & 2) = 2 OR (prior_state & 8) = 8)
                WHEN 3 THEN (prior_state & 2) = 2
                WHEN 0 THEN prior_state = 0
                WHEN 1 THEN (prior_state & 1) = 1 AND (prior_state & 2) = 0
                END) IS NOT TRUE
    THEN
        IF seq = 0 THEN
            PERFORM FROM "shop"."lamp" AS head WHERE head.id = entity_id;
            IF FOUND THEN
                outcome := 2;
            END IF;
        END IF;
        RETURN;
    END IF;
    state := CASE event_type
                WHEN 2 THEN prior_state & 5
                WHEN 3 THEN prior_state | 8
                WHEN 0 THEN 1
                WHEN 1 THEN prior_state | 2
                END;
    prior_version := version;
    version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
    seq := seq + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    marker := set_config('eventsource.append', 'on', true);
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
        VALUES ('lamp', idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        ON CONFLICT (entity, key, actor) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO "shop"."lamp" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
        UPDATE "shop"."lamp" AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval('"shop"."eventsource_clock"');
    INSERT INTO "shop"."lamp_event" ("lamp_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    marker := set_config('eventsource.append', '', true);
    outcome := 0;
END $$;


--
-- Name: sensor_answered(text, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.sensor_answered(idempotency_key text, asked_by text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((SELECT taken.answered FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = idempotency_key AND taken.actor = asked_by),
        (SELECT taken.answered FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = idempotency_key));
END $$;


--
-- Name: sensor_event; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_event (
    sensor_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT sensor_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.sensor_event_row)::shop.sensor_event_rules_e770ce87 IS DISTINCT FROM NULL))
)
PARTITION BY HASH (sensor_id);


--
-- Name: sensor_event_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.sensor_event_view AS
 SELECT event.sensor_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM shop.sensor_event prior
          WHERE ((prior.sensor_id = event.sensor_id) AND (prior.seq = (event.seq - 1)))) AS parent_id,
        CASE event.event_type
            WHEN 0 THEN 'INSTALLED'::text
            WHEN 1 THEN 'MEASURED'::text
            ELSE NULL::text
        END AS event_type,
    array_remove(ARRAY[
        CASE
            WHEN ((event.prior_state & (1)::bigint) <> 0) THEN 'INSTALLED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (2)::bigint) <> 0) THEN 'MEASURED'::text
            ELSE NULL::text
        END], NULL::text) AS prior_state,
    array_remove(ARRAY[
        CASE
            WHEN ((event.state & (1)::bigint) <> 0) THEN 'INSTALLED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (2)::bigint) <> 0) THEN 'MEASURED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
    event.version,
    event.recorded_at,
    ((event.data -> 'place'::text))::jsonb AS place,
    ((event.data -> 'labels'::text))::jsonb AS labels,
        CASE json_typeof((event.data -> 'celsius'::text))
            WHEN 'number'::text THEN (((event.data -> 'celsius'::text))::jsonb)::double precision
            ELSE NULL::double precision
        END AS celsius,
        CASE json_typeof((event.data -> 'count'::text))
            WHEN 'number'::text THEN (((event.data -> 'count'::text))::jsonb)::numeric
            ELSE NULL::numeric
        END AS count,
    ((event.data -> 'offsets'::text))::jsonb AS offsets,
    (event.data ->> 'note'::text) AS note,
    (event.data)::jsonb AS data,
    (event.metadata)::jsonb AS metadata
   FROM shop.sensor_event event;


--
-- Name: sensor_append(uuid, text, json, integer, json, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.sensor_append(entity_id uuid, event_type text, data json DEFAULT '{}'::json, expected_seq integer DEFAULT NULL::integer, metadata json DEFAULT '{}'::json, idempotency_key text DEFAULT NULL::text) RETURNS SETOF shop.sensor_event_view
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
DECLARE
    id uuid := entity_id;
    kind smallint := CASE event_type
                WHEN 'INSTALLED' THEN 0
                WHEN 'MEASURED' THEN 1
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
        RAISE EXCEPTION 'entity type ''%'' has no event type %', 'sensor', coalesce(quote_literal(left(event_type, 100)), 'NULL')
            USING ERRCODE = 'EV005', HINT = 'Its event types are ' || 'INSTALLED, MEASURED' || '.';
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
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(data) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'data of event type ''%'' %', event_type, fault USING ERRCODE = 'EV006',
            HINT = 'Give an object with the fields of the event.';
    END IF;
    SELECT key INTO fault FROM json_object_keys(data) AS key WHERE CASE kind
            WHEN 0 THEN key NOT IN ('place', 'labels')
            WHEN 1 THEN key NOT IN ('celsius', 'count', 'offsets', 'note') ELSE false END LIMIT 1;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'event type ''%'' has no field ''%''', event_type, left(fault, 100)
            USING ERRCODE = 'EV011', HINT = 'Is the name of the field spelled right?';
    END IF;
    IF metadata::text IS DISTINCT FROM '{}' THEN
        fault := CASE WHEN metadata IS NULL THEN 'is NULL'
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(metadata) END;
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
        SELECT * INTO alone FROM "shop"."sensor_append_one"(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = 0 THEN
            RETURN QUERY SELECT * FROM "shop"."sensor_event_view" AS event WHERE event."sensor_id" = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM "shop"."sensor_append_batch"(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM 2;
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM "shop"."sensor_event_view" AS event
        WHERE event."sensor_id" = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    IF answer.other_outcomes[1] = 3 THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM "shop"."sensor_answered"(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN "shop"."sensor_event" AS event ON event."sensor_id" = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = 'EV004', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM "shop"."sensor_event_view" AS event
        WHERE event."sensor_id" = earlier.id AND event.seq = ANY (earlier.seqs) ORDER BY event.seq;
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
                WHEN 0 THEN CASE WHEN data ->> 'place' IS NULL THEN 'place' WHEN data ->> 'labels' IS NULL THEN 'labels' END
                WHEN 1 THEN CASE WHEN data ->> 'celsius' IS NULL THEN 'celsius' WHEN data ->> 'count' IS NULL THEN 'count' WHEN data ->> 'offsets' IS NULL THEN 'offsets' END
                END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION 'Event type ''%'' requires ''%''', event_type, fault USING ERRCODE = 'EV003',
            HINT = 'Give the field a value that is not null.';
    END IF;
    IF (CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1
                END) IS NOT TRUE THEN
        IF at_seq = 0 THEN
            RAISE EXCEPTION 'Event type ''%'' may not be initial', event_type
                USING ERRCODE = 'EV001', DETAIL = format('There is no event of %s.', subject),
                HINT = 'Initial may be: ' || array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'INSTALLED' END,
                CASE WHEN (state & 1) = 1 THEN 'MEASURED' END
    ], NULL), ', ') || '.';
        END IF;
        RAISE EXCEPTION 'Event type ''%'' may not follow [%]', event_type, array_to_string(array_remove(ARRAY[
        CASE WHEN (state & 1) <> 0 THEN 'INSTALLED' END,
        CASE WHEN (state & 2) <> 0 THEN 'MEASURED' END
    ], NULL), ', ')
            USING ERRCODE = 'EV001', DETAIL = format('That is the state of %s at sequence %s.', subject, at_seq),
            HINT = coalesce('Now may follow: ' || nullif(array_to_string(array_remove(ARRAY[
                CASE WHEN state = 0 THEN 'INSTALLED' END,
                CASE WHEN (state & 1) = 1 THEN 'MEASURED' END
    ], NULL), ', '), '') || '.', 'No event may follow.');
    END IF;
    RAISE EXCEPTION 'event type ''%'' was refused', event_type USING ERRCODE = 'EV001';
END $$;


--
-- Name: sensor_append_batch(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.sensor_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint DEFAULT 0, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
            JOIN "shop"."sensor" AS found ON found.id = asked.id
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
            JOIN "shop"."sensor" AS found ON found.id = asked.id
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
            IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = keys[request] AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = keys[request]) THEN
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
            IF seq IS NULL OR expected_seqs[source] <> seq OR state & unknown_types <> 0
                OR kind IS NOT NULL AND ((
                CASE kind
                WHEN 0 THEN state = 0
                WHEN 1 THEN (state & 1) = 1
                END) IS NOT TRUE OR (CASE kind
                WHEN 0 THEN CASE WHEN payloads[source]::json ->> 'place' IS NULL THEN 'place' WHEN payloads[source]::json ->> 'labels' IS NULL THEN 'labels' END
                WHEN 1 THEN CASE WHEN payloads[source]::json ->> 'celsius' IS NULL THEN 'celsius' WHEN payloads[source]::json ->> 'count' IS NULL THEN 'count' WHEN payloads[source]::json ->> 'offsets' IS NULL THEN 'offsets' END
                END) IS NOT NULL)
            THEN
                outcome := 1;
            END IF;
            CONTINUE WHEN outcome <> 0 OR kind IS NULL;
            step := 0;
            LOOP
                state := CASE kind
                WHEN 0 THEN 1
                WHEN 1 THEN state
                END;
                version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
                seq := seq + 1;
                row_count := row_count + 1;
                sources[row_count] := source;
                befores[row_count] := before;
                seqs[row_count] := seq;
                versions[row_count] := version;
                states[row_count] := state;
                clocks[row_count] := nextval('"shop"."eventsource_clock"');
                before := row_count;
                last_rows[place] := row_count;
                EXIT;
            END LOOP;
        END LOOP;
        IF outcome = 0 AND keys[request] IS NOT NULL THEN
            INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
            SELECT 'sensor', keys[request], asked_by, coalesce(jsonb_agg(jsonb_build_object(
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
                    PERFORM FROM "shop"."sensor" AS found WHERE found.id = entity_ids[place];
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
        UPDATE "shop"."sensor" AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO "shop"."sensor" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
    INSERT INTO "shop"."sensor_event" ("sensor_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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


--
-- Name: sensor_append_each(uuid[], smallint[], uuid[], integer[], text[], text[], bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.sensor_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint DEFAULT 0, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."sensor" AS head WHERE head.id = ANY (entity_ids)
        ORDER BY head.id FOR UPDATE SKIP LOCKED
    ), joined AS (
        SELECT asked.*, coalesce(found.seq, 0) AS prior_seq, coalesce(found.version, 0) AS prior_version,
            coalesce(found.state, 0) AS prior_state, found.last_event_id AS parent_id,
            greatest(clock_timestamp(), found.updated_at) AS at,
            (asked.expected_seq = coalesce(found.seq, 0)) IS NOT FALSE
                AND coalesce(found.state, 0) & unknown_types = 0
                AND (CASE asked.kind
                WHEN 0 THEN coalesce(found.state, 0) = 0
                WHEN 1 THEN (coalesce(found.state, 0) & 1) = 1
                END) IS TRUE
                AND (CASE asked.kind
                WHEN 0 THEN CASE WHEN asked.data::json ->> 'place' IS NULL THEN 'place' WHEN asked.data::json ->> 'labels' IS NULL THEN 'labels' END
                WHEN 1 THEN CASE WHEN asked.data::json ->> 'celsius' IS NULL THEN 'celsius' WHEN asked.data::json ->> 'count' IS NULL THEN 'count' WHEN asked.data::json ->> 'offsets' IS NULL THEN 'offsets' END
                END) IS NULL AS is_legal,
            CASE asked.kind
                WHEN 0 THEN 1
                WHEN 1 THEN coalesce(found.state, 0)
                END AS state_after
        FROM asked LEFT JOIN found ON found.id = asked.id
    ), decided AS (
        SELECT *, CASE WHEN NOT is_legal THEN 1 WHEN false THEN 4 ELSE 0 END AS outcome,
            CASE WHEN prior_seq = 0 THEN 1 WHEN false THEN prior_version + 1 ELSE prior_version END AS version
        FROM joined
    ), numbered AS MATERIALIZED (
        SELECT *, CASE WHEN outcome = 0 THEN nextval('"shop"."eventsource_clock"') END AS clock FROM decided
    ), moved AS (
        UPDATE "shop"."sensor" AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = 0 AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO "shop"."sensor" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = 0 AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO "shop"."sensor_event" ("sensor_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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
            AND EXISTS (SELECT FROM "shop"."sensor" AS head WHERE head.id = answer.id)
            THEN 2 ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;


--
-- Name: sensor_append_one(uuid, smallint, uuid, integer, text, text, text, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.sensor_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint DEFAULT 0, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."sensor" AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = idempotency_key AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'sensor' AND taken.key = idempotency_key) THEN
            outcome := 3;
            RETURN;
        END IF;
    END IF;
    IF expected_seq <> seq OR prior_state & unknown_types <> 0
            OR (CASE event_type
                WHEN 0 THEN prior_state = 0
                WHEN 1 THEN (prior_state & 1) = 1
                END) IS NOT TRUE
            OR (CASE event_type
                WHEN 0 THEN CASE WHEN data::json ->> 'place' IS NULL THEN 'place' WHEN data::json ->> 'labels' IS NULL THEN 'labels' END
                WHEN 1 THEN CASE WHEN data::json ->> 'celsius' IS NULL THEN 'celsius' WHEN data::json ->> 'count' IS NULL THEN 'count' WHEN data::json ->> 'offsets' IS NULL THEN 'offsets' END
                END) IS NOT NULL
    THEN
        IF seq = 0 THEN
            PERFORM FROM "shop"."sensor" AS head WHERE head.id = entity_id;
            IF FOUND THEN
                outcome := 2;
            END IF;
        END IF;
        RETURN;
    END IF;
    state := CASE event_type
                WHEN 0 THEN 1
                WHEN 1 THEN prior_state
                END;
    prior_version := version;
    version := CASE WHEN seq = 0 THEN 1 WHEN false THEN version + 1 ELSE version END;
    seq := seq + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    marker := set_config('eventsource.append', 'on', true);
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
        VALUES ('sensor', idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        ON CONFLICT (entity, key, actor) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO "shop"."sensor" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
        UPDATE "shop"."sensor" AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval('"shop"."eventsource_clock"');
    INSERT INTO "shop"."sensor_event" ("sensor_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    marker := set_config('eventsource.append', '', true);
    outcome := 0;
END $$;


--
-- Name: task_answered(text, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.task_answered(idempotency_key text, asked_by text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((SELECT taken.answered FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key AND taken.actor = asked_by),
        (SELECT taken.answered FROM "shop"."eventsource_idempotency" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key));
END $$;


--
-- Name: task_event; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_event (
    task_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT task_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.task_event_row)::shop.task_event_rules_89e2fe73 IS DISTINCT FROM NULL))
)
PARTITION BY HASH (task_id);


--
-- Name: task_event_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.task_event_view AS
 SELECT event.task_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM shop.task_event prior
          WHERE ((prior.task_id = event.task_id) AND (prior.seq = (event.seq - 1)))) AS parent_id,
        CASE event.event_type
            WHEN 0 THEN 'CREATED'::text
            WHEN 1 THEN 'ASSIGNED'::text
            WHEN 2 THEN 'SCHEDULED'::text
            WHEN 3 THEN 'STARTED'::text
            WHEN 4 THEN 'REASSIGNED'::text
            WHEN 5 THEN 'RESCHEDULED'::text
            WHEN 6 THEN 'REVISED'::text
            WHEN 7 THEN 'CANCELED'::text
            WHEN 8 THEN 'COMPLETED'::text
            WHEN 9 THEN 'ENDED'::text
            ELSE NULL::text
        END AS event_type,
    array_remove(ARRAY[
        CASE
            WHEN ((event.prior_state & (2)::bigint) <> 0) THEN 'ASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (128)::bigint) <> 0) THEN 'CANCELED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (256)::bigint) <> 0) THEN 'COMPLETED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (1)::bigint) <> 0) THEN 'CREATED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (512)::bigint) <> 0) THEN 'ENDED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (16)::bigint) <> 0) THEN 'REASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (32)::bigint) <> 0) THEN 'RESCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (64)::bigint) <> 0) THEN 'REVISED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (4)::bigint) <> 0) THEN 'SCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.prior_state & (8)::bigint) <> 0) THEN 'STARTED'::text
            ELSE NULL::text
        END], NULL::text) AS prior_state,
    array_remove(ARRAY[
        CASE
            WHEN ((event.state & (2)::bigint) <> 0) THEN 'ASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (128)::bigint) <> 0) THEN 'CANCELED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (256)::bigint) <> 0) THEN 'COMPLETED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (1)::bigint) <> 0) THEN 'CREATED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (512)::bigint) <> 0) THEN 'ENDED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (16)::bigint) <> 0) THEN 'REASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (32)::bigint) <> 0) THEN 'RESCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (64)::bigint) <> 0) THEN 'REVISED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (4)::bigint) <> 0) THEN 'SCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((event.state & (8)::bigint) <> 0) THEN 'STARTED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
    event.version,
    event.recorded_at,
    (event.data ->> 'description'::text) AS description,
    (event.data ->> 'assignee'::text) AS assignee,
    (event.data ->> 'deadline'::text) AS deadline,
    (event.data)::jsonb AS data,
    (event.metadata)::jsonb AS metadata
   FROM shop.task_event event;


--
-- Name: task_append(uuid, text, json, integer, json, text); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.task_append(entity_id uuid, event_type text, data json DEFAULT '{}'::json, expected_seq integer DEFAULT NULL::integer, metadata json DEFAULT '{}'::json, idempotency_key text DEFAULT NULL::text) RETURNS SETOF shop.task_event_view
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        WHEN json_typeof(data) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(data) END;
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
            WHEN json_typeof(metadata) <> 'object' THEN 'is not a JSON object' ELSE "shop"."eventsource_json_fault"(metadata) END;
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
        SELECT * INTO alone FROM "shop"."task_append_one"(id, kind, event_id, expected_seq, data::text, metadata::text, NULL);
        IF alone.outcome = 0 THEN
            RETURN QUERY SELECT * FROM "shop"."task_event_view" AS event WHERE event."task_id" = id AND event.seq = alone.seq;
            RETURN;
        END IF;
    END IF;
    -- With a key, without an id, with auto transitions, locked, or refused.
    LOOP
        SELECT * INTO answer FROM "shop"."task_append_batch"(ARRAY[id], ARRAY[1], ARRAY[1], ARRAY[kind], ARRAY[event_id],
            ARRAY[expected_seq], ARRAY[data::text], NULL, ARRAY[stored_metadata::text],
            ARRAY[idempotency_key], true);
        -- Another transaction has just created the entity: from now on it can be locked.
        EXIT WHEN answer.other_outcomes[1] IS DISTINCT FROM 2;
    END LOOP;
    IF answer.other_outcomes IS NULL THEN
        RETURN QUERY SELECT * FROM "shop"."task_event_view" AS event
        WHERE event."task_id" = answer.entity_ids[1] AND event.seq = ANY (answer.seqs) ORDER BY event.seq;
        RETURN;
    END IF;
    IF answer.other_outcomes[1] = 3 THEN
        SELECT (taken.answered -> 0 ->> 'entity_id')::uuid AS id, event.event_type, event.data,
            (SELECT array_agg((part ->> 'seq')::integer) FROM jsonb_array_elements(taken.answered) AS part) AS seqs,
            (SELECT count(*) FROM jsonb_array_elements(taken.answered) AS part
                WHERE (part ->> 'requested')::boolean) AS requested
        INTO earlier
        FROM "shop"."task_answered"(idempotency_key, coalesce(metadata ->> 'actor', '')) AS taken (answered)
        LEFT JOIN "shop"."task_event" AS event ON event."task_id" = (taken.answered -> 0 ->> 'entity_id')::uuid
            AND event.seq = (taken.answered -> 0 ->> 'seq')::integer;
        IF earlier.requested IS DISTINCT FROM 1 OR earlier.event_type IS DISTINCT FROM kind
            OR jsonb_strip_nulls(earlier.data::jsonb) IS DISTINCT FROM jsonb_strip_nulls(data::jsonb)
            OR earlier.id IS DISTINCT FROM coalesce(entity_id, earlier.id)
        THEN
            RAISE EXCEPTION 'the idempotency key ''%'' is that of another request', idempotency_key
                USING ERRCODE = 'EV004', DETAIL = coalesce('It appended to entity ' || earlier.id || '.', 'It appended nothing.'),
                HINT = 'Give each request a key of its own, and repeat a request as it was.';
        END IF;
        RETURN QUERY SELECT * FROM "shop"."task_event_view" AS event
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


--
-- Name: task_append_batch(uuid[], integer[], integer[], smallint[], uuid[], integer[], text[], text[], text[], text[], boolean, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.task_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint DEFAULT 0, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
            JOIN "shop"."task" AS found ON found.id = asked.id
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
            JOIN "shop"."task" AS found ON found.id = asked.id
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
            IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = keys[request] AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
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
                clocks[row_count] := nextval('"shop"."eventsource_clock"');
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
            INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
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
                    PERFORM FROM "shop"."task" AS found WHERE found.id = entity_ids[place];
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
        UPDATE "shop"."task" AS head SET seq = seqs[last.at], version = versions[last.at], state = states[last.at],
            last_event_type = coalesce(auto_types[last.at], event_types[sources[last.at]]),
            last_event_id = CASE WHEN auto_steps[last.at] IS NULL THEN event_ids[sources[last.at]] ELSE
            overlay(event_ids[sources[last.at]]::text PLACING lpad(to_hex(auto_steps[last.at]), 2, '0') FROM 35)::uuid END, updated_at = greatest(stored_at, head.updated_at)
        FROM unnest(entity_ids, last_rows, head_seqs) AS last (id, at, found)
        WHERE last.found > 0 AND last.at > 0 AND head.id = last.id;
    END IF;
    IF 0 = ANY (head_seqs) THEN
        INSERT INTO "shop"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
    INSERT INTO "shop"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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


--
-- Name: task_append_each(uuid[], smallint[], uuid[], integer[], text[], text[], bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.task_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint DEFAULT 0, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."task" AS head WHERE head.id = ANY (entity_ids)
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
        SELECT *, CASE WHEN outcome = 0 THEN nextval('"shop"."eventsource_clock"') END AS clock FROM decided
    ), moved AS (
        UPDATE "shop"."task" AS head SET seq = event.prior_seq + 1, version = event.version,
            state = event.state_after, last_event_type = event.kind, last_event_id = event.event_id,
            updated_at = event.at
        FROM numbered AS event
        WHERE event.outcome = 0 AND event.prior_seq > 0 AND head.id = event.id
    ), made AS (
        INSERT INTO "shop"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
        SELECT id, 1, version, state_after, kind, event_id, at, at
        FROM numbered WHERE outcome = 0 AND prior_seq = 0 ORDER BY id
    ), stored AS (
        INSERT INTO "shop"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
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
            AND EXISTS (SELECT FROM "shop"."task" AS head WHERE head.id = answer.id)
            THEN 2 ELSE answer.outcome END::smallint ORDER BY answer.place)
        INTO outcomes
        FROM unnest(outcomes, seqs, entity_ids) WITH ORDINALITY AS answer (outcome, seq, id, place);
    END IF;
END $$;


--
-- Name: task_append_one(uuid, smallint, uuid, integer, text, text, text, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.task_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint DEFAULT 0, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        FROM "shop"."task" AS head WHERE head.id = entity_id FOR UPDATE SKIP LOCKED;
    END IF;
    IF seq IS NULL THEN
        seq := 0;
        version := 0;
        prior_state := 0;
    END IF;
    IF idempotency_key IS NOT NULL THEN
        asked_by := coalesce(metadata::json ->> 'actor', '');
        IF EXISTS (SELECT FROM "shop"."eventsource_idempotency_key" AS taken
            WHERE taken.entity = 'task' AND taken.key = idempotency_key AND taken.actor = asked_by)
            OR EXISTS (SELECT FROM "shop"."eventsource_idempotency" AS taken
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
            PERFORM FROM "shop"."task" AS head WHERE head.id = entity_id;
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
        INSERT INTO "shop"."eventsource_idempotency_key" AS taken (entity, key, actor, answered, created_at)
        VALUES ('task', idempotency_key, asked_by, jsonb_build_array(jsonb_build_object(
            'entity_id', entity_id, 'seq', seq, 'requested', true)), clock_timestamp())
        ON CONFLICT (entity, key, actor) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another transaction stored the idempotency key at the same moment'
                USING ERRCODE = 'EV010', HINT = 'Try again: it can be read now.';
        END IF;
    END IF;
    IF seq = 1 THEN
        INSERT INTO "shop"."task" (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
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
        UPDATE "shop"."task" AS head SET seq = seq, version = version, state = state,
            last_event_type = event_type, last_event_id = event_id, updated_at = recorded_at
        WHERE head.id = entity_id;
    END IF;
    clock := nextval('"shop"."eventsource_clock"');
    INSERT INTO "shop"."task_event" ("task_id", seq, version, clock, event_id, prior_state, state, recorded_at,
        prior_version, event_type, data, metadata)
    VALUES (entity_id, seq, version, clock, event_id, prior_state, state, recorded_at, prior_version,
        event_type, data::json, metadata::json);
    marker := set_config('eventsource.append', '', true);
    outcome := 0;
END $$;


--
-- Name: delivery; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
PARTITION BY HASH (id);


SET default_table_access_method = heap;

--
-- Name: delivery_event_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_event_p0 (
    delivery_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT delivery_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.delivery_event_row)::shop.delivery_event_rules_84d84bba IS DISTINCT FROM NULL))
);


--
-- Name: delivery_event_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_event_p1 (
    delivery_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT delivery_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.delivery_event_row)::shop.delivery_event_rules_84d84bba IS DISTINCT FROM NULL))
);


--
-- Name: delivery_event_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_event_p2 (
    delivery_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT delivery_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.delivery_event_row)::shop.delivery_event_rules_84d84bba IS DISTINCT FROM NULL))
);


--
-- Name: delivery_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_p0 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: delivery_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_p1 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: delivery_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.delivery_p2 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: delivery_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.delivery_view AS
 SELECT head.id,
    head.seq,
    head.version,
    array_remove(ARRAY[
        CASE
            WHEN ((head.state & (4)::bigint) <> 0) THEN 'HANDED_OVER'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (2)::bigint) <> 0) THEN 'LOADED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (1)::bigint) <> 0) THEN 'ORDERED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
        CASE head.last_event_type
            WHEN 0 THEN 'ORDERED'::text
            WHEN 1 THEN 'LOADED'::text
            WHEN 2 THEN 'HANDED_OVER'::text
            ELSE NULL::text
        END AS last_event_type,
    head.created_at,
    head.updated_at,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'address'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.delivery_event event
                  WHERE (event.delivery_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS address,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 2 THEN (event.data -> 'to'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.delivery_event event
                  WHERE (event.delivery_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS "to"
   FROM shop.delivery head;


--
-- Name: VIEW delivery_view; Type: COMMENT; Schema: shop; Owner: -
--

COMMENT ON VIEW shop.delivery_view IS 'eventsource views d4b4f7abfd557339';


--
-- Name: eventsource_counter; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_counter (
    entity text NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT eventsource_counter_last_check CHECK ((last >= 0))
);


--
-- Name: eventsource_event_type; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_event_type (
    entity text NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    CONSTRAINT eventsource_event_type_number_check CHECK (((number >= 0) AND (number <= 63)))
);


--
-- Name: eventsource_feed; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_feed (
    "position" bigint NOT NULL,
    clock bigint NOT NULL,
    entity_id uuid NOT NULL,
    seq integer NOT NULL,
    entity smallint NOT NULL,
    CONSTRAINT eventsource_feed_position_check CHECK (("position" >= 1))
);


--
-- Name: eventsource_feed_entity; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_feed_entity (
    number smallint NOT NULL,
    entity text NOT NULL,
    CONSTRAINT eventsource_feed_entity_number_check CHECK ((number >= 1))
);


--
-- Name: eventsource_idempotency; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_idempotency (
    entity text NOT NULL,
    key text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_idempotency_key; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_idempotency_key (
    entity text NOT NULL,
    key text NOT NULL,
    actor text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_machine; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_machine (
    entity text NOT NULL,
    fingerprint text NOT NULL,
    rules jsonb NOT NULL,
    migrated_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_sequencer; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_sequencer (
    id smallint DEFAULT 1 NOT NULL,
    "position" bigint NOT NULL,
    batch bigint NOT NULL,
    snapshot pg_snapshot NOT NULL,
    system_identifier bigint NOT NULL,
    restored_clock bigint NOT NULL,
    target pg_snapshot,
    reached_clock bigint DEFAULT 0 NOT NULL,
    CONSTRAINT eventsource_sequencer_id_check CHECK ((id = 1)),
    CONSTRAINT eventsource_sequencer_position_check CHECK (("position" >= 0))
);


--
-- Name: eventsource_snapshot; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.eventsource_snapshot (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    fold text NOT NULL,
    fingerprint bigint NOT NULL,
    seq integer NOT NULL,
    event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    value json NOT NULL,
    CONSTRAINT eventsource_snapshot_seq_check CHECK ((seq >= 1))
);


--
-- Name: lamp; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
PARTITION BY HASH (id);


--
-- Name: lamp_event_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_event_p0 (
    lamp_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT lamp_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.lamp_event_row)::shop.lamp_event_rules_87659396 IS DISTINCT FROM NULL))
);


--
-- Name: lamp_event_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_event_p1 (
    lamp_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT lamp_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.lamp_event_row)::shop.lamp_event_rules_87659396 IS DISTINCT FROM NULL))
);


--
-- Name: lamp_event_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_event_p2 (
    lamp_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT lamp_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.lamp_event_row)::shop.lamp_event_rules_87659396 IS DISTINCT FROM NULL))
);


--
-- Name: lamp_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_p0 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: lamp_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_p1 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: lamp_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.lamp_p2 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: lamp_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.lamp_view AS
 SELECT head.id,
    head.seq,
    head.version,
    array_remove(ARRAY[
        CASE
            WHEN ((head.state & (8)::bigint) <> 0) THEN 'DIMMED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (2)::bigint) <> 0) THEN 'LIT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (4)::bigint) <> 0) THEN 'PUT_OUT'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (1)::bigint) <> 0) THEN 'WIRED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
        CASE head.last_event_type
            WHEN 2 THEN 'PUT_OUT'::text
            WHEN 3 THEN 'DIMMED'::text
            WHEN 0 THEN 'WIRED'::text
            WHEN 1 THEN 'LIT'::text
            ELSE NULL::text
        END AS last_event_type,
    head.created_at,
    head.updated_at
   FROM shop.lamp head;


--
-- Name: VIEW lamp_view; Type: COMMENT; Schema: shop; Owner: -
--

COMMENT ON VIEW shop.lamp_view IS 'eventsource views 2506536a5edf6b84';


--
-- Name: sensor; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
PARTITION BY HASH (id);


--
-- Name: sensor_event_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_event_p0 (
    sensor_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT sensor_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.sensor_event_row)::shop.sensor_event_rules_e770ce87 IS DISTINCT FROM NULL))
);


--
-- Name: sensor_event_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_event_p1 (
    sensor_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT sensor_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.sensor_event_row)::shop.sensor_event_rules_e770ce87 IS DISTINCT FROM NULL))
);


--
-- Name: sensor_event_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_event_p2 (
    sensor_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT sensor_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.sensor_event_row)::shop.sensor_event_rules_e770ce87 IS DISTINCT FROM NULL))
);


--
-- Name: sensor_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_p0 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: sensor_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_p1 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: sensor_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.sensor_p2 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: sensor_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.sensor_view AS
 SELECT head.id,
    head.seq,
    head.version,
    array_remove(ARRAY[
        CASE
            WHEN ((head.state & (1)::bigint) <> 0) THEN 'INSTALLED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (2)::bigint) <> 0) THEN 'MEASURED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
        CASE head.last_event_type
            WHEN 0 THEN 'INSTALLED'::text
            WHEN 1 THEN 'MEASURED'::text
            ELSE NULL::text
        END AS last_event_type,
    head.created_at,
    head.updated_at,
    ( SELECT (given.value)::jsonb AS value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'place'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS place,
    ( SELECT (given.value)::jsonb AS value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'labels'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS labels,
    ( SELECT
                CASE json_typeof(given.value)
                    WHEN 'number'::text THEN ((given.value)::jsonb)::double precision
                    ELSE NULL::double precision
                END AS "case"
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'celsius'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS celsius,
    ( SELECT
                CASE json_typeof(given.value)
                    WHEN 'number'::text THEN ((given.value)::jsonb)::numeric
                    ELSE NULL::numeric
                END AS "case"
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'count'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS count,
    ( SELECT (given.value)::jsonb AS value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'offsets'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS offsets,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'note'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS note
   FROM shop.sensor head;


--
-- Name: VIEW sensor_view; Type: COMMENT; Schema: shop; Owner: -
--

COMMENT ON VIEW shop.sensor_view IS 'eventsource views fab3a0f41f6ef7ae';


--
-- Name: task; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
PARTITION BY HASH (id);


--
-- Name: task_event_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_event_p0 (
    task_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT task_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.task_event_row)::shop.task_event_rules_89e2fe73 IS DISTINCT FROM NULL))
);


--
-- Name: task_event_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_event_p1 (
    task_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT task_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.task_event_row)::shop.task_event_rules_89e2fe73 IS DISTINCT FROM NULL))
);


--
-- Name: task_event_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_event_p2 (
    task_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('shop.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    CONSTRAINT task_event_legal CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, metadata)::shop.task_event_row)::shop.task_event_rules_89e2fe73 IS DISTINCT FROM NULL))
);


--
-- Name: task_p0; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_p0 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: task_p1; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_p1 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: task_p2; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.task_p2 (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');


--
-- Name: task_view; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.task_view AS
 SELECT head.id,
    head.seq,
    head.version,
    array_remove(ARRAY[
        CASE
            WHEN ((head.state & (2)::bigint) <> 0) THEN 'ASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (128)::bigint) <> 0) THEN 'CANCELED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (256)::bigint) <> 0) THEN 'COMPLETED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (1)::bigint) <> 0) THEN 'CREATED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (512)::bigint) <> 0) THEN 'ENDED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (16)::bigint) <> 0) THEN 'REASSIGNED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (32)::bigint) <> 0) THEN 'RESCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (64)::bigint) <> 0) THEN 'REVISED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (4)::bigint) <> 0) THEN 'SCHEDULED'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((head.state & (8)::bigint) <> 0) THEN 'STARTED'::text
            ELSE NULL::text
        END], NULL::text) AS state,
        CASE head.last_event_type
            WHEN 0 THEN 'CREATED'::text
            WHEN 1 THEN 'ASSIGNED'::text
            WHEN 2 THEN 'SCHEDULED'::text
            WHEN 3 THEN 'STARTED'::text
            WHEN 4 THEN 'REASSIGNED'::text
            WHEN 5 THEN 'RESCHEDULED'::text
            WHEN 6 THEN 'REVISED'::text
            WHEN 7 THEN 'CANCELED'::text
            WHEN 8 THEN 'COMPLETED'::text
            WHEN 9 THEN 'ENDED'::text
            ELSE NULL::text
        END AS last_event_type,
    head.created_at,
    head.updated_at,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'description'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS description,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'assignee'::text)
                            WHEN 4 THEN (event.data -> 'assignee'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS assignee,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 2 THEN (event.data -> 'deadline'::text)
                            WHEN 5 THEN (event.data -> 'deadline'::text)
                            ELSE NULL::json
                        END AS value
                   FROM shop.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (json_typeof(given.value) <> 'null'::text)
          ORDER BY given.seq DESC
         LIMIT 1) AS deadline
   FROM shop.task head;


--
-- Name: VIEW task_view; Type: COMMENT; Schema: shop; Owner: -
--

COMMENT ON VIEW shop.task_view IS 'eventsource views 8f308876da9553d2';


--
-- Name: delivery_event_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event ATTACH PARTITION shop.delivery_event_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: delivery_event_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event ATTACH PARTITION shop.delivery_event_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: delivery_event_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event ATTACH PARTITION shop.delivery_event_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: delivery_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery ATTACH PARTITION shop.delivery_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: delivery_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery ATTACH PARTITION shop.delivery_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: delivery_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery ATTACH PARTITION shop.delivery_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: lamp_event_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event ATTACH PARTITION shop.lamp_event_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: lamp_event_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event ATTACH PARTITION shop.lamp_event_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: lamp_event_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event ATTACH PARTITION shop.lamp_event_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: lamp_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp ATTACH PARTITION shop.lamp_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: lamp_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp ATTACH PARTITION shop.lamp_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: lamp_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp ATTACH PARTITION shop.lamp_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: sensor_event_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event ATTACH PARTITION shop.sensor_event_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: sensor_event_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event ATTACH PARTITION shop.sensor_event_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: sensor_event_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event ATTACH PARTITION shop.sensor_event_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: sensor_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor ATTACH PARTITION shop.sensor_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: sensor_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor ATTACH PARTITION shop.sensor_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: sensor_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor ATTACH PARTITION shop.sensor_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: task_event_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event ATTACH PARTITION shop.task_event_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: task_event_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event ATTACH PARTITION shop.task_event_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: task_event_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event ATTACH PARTITION shop.task_event_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: task_p0; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task ATTACH PARTITION shop.task_p0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: task_p1; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task ATTACH PARTITION shop.task_p1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: task_p2; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task ATTACH PARTITION shop.task_p2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Data for Name: delivery_event_p0; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_event_p0 VALUES
	('00000000-0000-8000-8000-000000000001', 1, 1, 27, '792', '01a22e86-4edb-7231-9315-42f29d2f5f00', 0, 1, '2026-11-30 22:14:43.677275+00', 0, 0, '{"address":"1 Elm St"}', '{"actor":"ann","roles":["SENDER"]}'),
	('00000000-0000-8000-8000-000000000001', 2, 1, 30, '794', '01a22e86-4f00-73bb-affd-6a5528031c00', 1, 2, '2026-11-30 22:14:43.725153+00', 1, 1, '{}', '{"actor":"dan","roles":["DRIVER"]}');


--
-- Data for Name: delivery_event_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_event_p1 VALUES
	('00000000-0000-8000-8000-000000000003', 1, 1, 31, '795', '01a22e86-4f17-77de-889e-274d5933ed00', 0, 1, '2026-11-30 22:14:43.736831+00', 0, 0, '{"address":"3 Elm St"}', '{"actor":"ann","roles":["SENDER"]}'),
	('00000000-0000-8000-8000-000000000007', 1, 1, 32, '796', '01910000-0000-7000-9000-000000000000', 0, 1, '2026-04-21 09:30:00+00', 0, 0, '{"address":"7 Elm St"}', '{"actor":"importer"}'),
	('00000000-0000-8000-8000-000000000007', 2, 1, 33, '796', '01910000-0000-7000-9000-000000000001', 1, 2, '2026-04-21 09:30:01+00', 1, 1, '{}', '{"actor":"importer"}'),
	('00000000-0000-8000-8000-000000000007', 3, 1, 34, '796', '01910000-0000-7000-9000-000000000002', 2, 4, '2026-04-21 09:30:02+00', 1, 2, '{"to":"a neighbour"}', '{"actor":"importer"}');


--
-- Data for Name: delivery_event_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_event_p2 VALUES
	('00000000-0000-8000-8000-000000000002', 1, 1, 28, '793', '01a22e86-4eea-753f-b25a-aad6424de900', 0, 1, '2026-11-30 22:14:43.692415+00', 0, 0, '{"address":"2 Elm St"}', '{"actor":"ann","roles":["DRIVER","SENDER"],"idempotency_key":"create"}'),
	('00000000-0000-8000-8000-000000000002', 2, 1, 29, '793', '01a22e86-4eea-753f-b25a-aad6424dea00', 1, 2, '2026-11-30 22:14:43.692415+00', 1, 1, '{}', '{"actor":"ann","roles":["DRIVER","SENDER"],"idempotency_key":"create"}');


--
-- Data for Name: delivery_p0; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_p0 VALUES
	('00000000-0000-8000-8000-000000000001', 2, 1, 2, 1, '01a22e86-4f00-73bb-affd-6a5528031c00', '2026-11-30 22:14:43.677275+00', '2026-11-30 22:14:43.725153+00');


--
-- Data for Name: delivery_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_p1 VALUES
	('00000000-0000-8000-8000-000000000003', 1, 1, 1, 0, '01a22e86-4f17-77de-889e-274d5933ed00', '2026-11-30 22:14:43.736831+00', '2026-11-30 22:14:43.736831+00'),
	('00000000-0000-8000-8000-000000000007', 3, 1, 4, 2, '01910000-0000-7000-9000-000000000002', '2026-04-21 09:30:00+00', '2026-04-21 09:30:02+00');


--
-- Data for Name: delivery_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.delivery_p2 VALUES
	('00000000-0000-8000-8000-000000000002', 2, 1, 2, 1, '01a22e86-4eea-753f-b25a-aad6424dea00', '2026-11-30 22:14:43.692415+00', '2026-11-30 22:14:43.692415+00');


--
-- Data for Name: eventsource_counter; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_counter VALUES
	('delivery', 7);


--
-- Data for Name: eventsource_event_type; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_event_type VALUES
	('task', 0, 'CREATED'),
	('task', 1, 'ASSIGNED'),
	('task', 2, 'SCHEDULED'),
	('task', 3, 'STARTED'),
	('task', 4, 'REASSIGNED'),
	('task', 5, 'RESCHEDULED'),
	('task', 6, 'REVISED'),
	('task', 7, 'CANCELED'),
	('task', 8, 'COMPLETED'),
	('task', 9, 'ENDED'),
	('delivery', 0, 'ORDERED'),
	('delivery', 1, 'LOADED'),
	('delivery', 2, 'HANDED_OVER'),
	('sensor', 0, 'INSTALLED'),
	('sensor', 1, 'MEASURED'),
	('lamp', 0, 'WIRED'),
	('lamp', 1, 'LIT'),
	('lamp', 2, 'PUT_OUT'),
	('lamp', 3, 'DIMMED');


--
-- Data for Name: eventsource_feed; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_feed VALUES
	(1, 1, '01900000-0000-7000-8000-000000000001', 1, 1),
	(2, 2, '01900000-0000-7000-8000-000000000002', 1, 1),
	(3, 3, '01900000-0000-7000-8000-000000000002', 2, 1),
	(4, 4, '01900000-0000-7000-8000-000000000003', 1, 1),
	(5, 5, '01900000-0000-7000-8000-000000000003', 2, 1),
	(6, 6, '01900000-0000-7000-8000-000000000003', 3, 1),
	(7, 7, '01900000-0000-7000-8000-000000000003', 4, 1),
	(8, 8, '01900000-0000-7000-8000-000000000005', 1, 1),
	(9, 9, '01900000-0000-7000-8000-000000000005', 2, 1),
	(10, 10, '01900000-0000-7000-8000-000000000005', 3, 1),
	(11, 11, '01900000-0000-7000-8000-000000000005', 4, 1),
	(12, 12, '01900000-0000-7000-8000-000000000008', 1, 1),
	(13, 13, '01900000-0000-7000-8000-000000000008', 2, 1),
	(14, 14, '01900000-0000-7000-8000-000000000008', 3, 1),
	(15, 15, '01900000-0000-7000-8000-000000000008', 4, 1),
	(16, 16, '01900000-0000-7000-8000-000000000004', 1, 1),
	(17, 17, '01900000-0000-7000-8000-000000000004', 2, 1),
	(18, 18, '01900000-0000-7000-8000-000000000004', 3, 1),
	(19, 19, '01900000-0000-7000-8000-000000000004', 4, 1),
	(20, 20, '01900000-0000-7000-8000-000000000005', 5, 1),
	(21, 21, '01900000-0000-7000-8000-000000000006', 1, 1),
	(22, 22, '01900000-0000-7000-8000-000000000007', 1, 1),
	(23, 23, '01900000-0000-7000-8000-000000000007', 2, 1),
	(24, 24, '01900000-0000-7000-8000-000000000003', 5, 1),
	(25, 25, '01900000-0000-7000-8000-000000000003', 6, 1),
	(26, 26, '01900000-0000-7000-8000-000000000004', 5, 1),
	(27, 27, '00000000-0000-8000-8000-000000000001', 1, 2),
	(28, 28, '00000000-0000-8000-8000-000000000002', 1, 2),
	(29, 29, '00000000-0000-8000-8000-000000000002', 2, 2),
	(30, 30, '00000000-0000-8000-8000-000000000001', 2, 2),
	(31, 31, '00000000-0000-8000-8000-000000000003', 1, 2),
	(32, 32, '00000000-0000-8000-8000-000000000007', 1, 2),
	(33, 33, '00000000-0000-8000-8000-000000000007', 2, 2),
	(34, 34, '00000000-0000-8000-8000-000000000007', 3, 2),
	(35, 35, '01900000-0000-7000-8000-000000000001', 1, 3),
	(36, 36, '01900000-0000-7000-8000-000000000001', 2, 3),
	(37, 37, '01900000-0000-7000-8000-000000000001', 3, 3),
	(38, 38, '01900000-0000-7000-8000-000000000001', 4, 3),
	(39, 39, '01900000-0000-7000-8000-000000000001', 5, 3),
	(40, 40, '01900000-0000-7000-8000-000000000001', 6, 3),
	(41, 41, '01900000-0000-7000-8000-000000000001', 7, 3),
	(42, 42, '01900000-0000-7000-8000-000000000001', 8, 3),
	(43, 43, '01900000-0000-7000-8000-000000000001', 9, 3),
	(44, 44, '01900000-0000-7000-8000-000000000001', 10, 3),
	(45, 45, '01900000-0000-7000-8000-000000000001', 11, 3),
	(46, 46, '01900000-0000-7000-8000-000000000001', 12, 3),
	(47, 47, '01900000-0000-7000-8000-000000000001', 13, 3),
	(48, 48, '01900000-0000-7000-8000-000000000001', 14, 3),
	(49, 49, '01900000-0000-7000-8000-000000000001', 15, 3),
	(50, 50, '01900000-0000-7000-8000-000000000001', 16, 3),
	(51, 51, '01900000-0000-7000-8000-000000000001', 17, 3),
	(52, 52, '01900000-0000-7000-8000-000000000001', 18, 3),
	(53, 53, '01900000-0000-7000-8000-000000000001', 19, 3),
	(54, 54, '01900000-0000-7000-8000-000000000001', 20, 3),
	(55, 55, '01900000-0000-7000-8000-000000000001', 21, 3),
	(56, 56, '01900000-0000-7000-8000-000000000001', 22, 3),
	(57, 57, '01900000-0000-7000-8000-000000000001', 23, 3),
	(58, 58, '01900000-0000-7000-8000-000000000001', 24, 3),
	(59, 59, '01900000-0000-7000-8000-000000000001', 25, 3),
	(60, 60, '01900000-0000-7000-8000-000000000001', 26, 3),
	(61, 61, '01900000-0000-7000-8000-000000000001', 27, 3),
	(62, 62, '01900000-0000-7000-8000-000000000001', 28, 3),
	(63, 63, '01900000-0000-7000-8000-000000000001', 29, 3),
	(64, 64, '01900000-0000-7000-8000-000000000001', 30, 3),
	(65, 65, '01900000-0000-7000-8000-000000000001', 31, 3),
	(66, 66, '01900000-0000-7000-8000-000000000001', 32, 3),
	(67, 67, '01900000-0000-7000-8000-000000000001', 33, 3),
	(68, 68, '01900000-0000-7000-8000-000000000001', 34, 3),
	(69, 69, '01900000-0000-7000-8000-000000000001', 35, 3),
	(70, 70, '01900000-0000-7000-8000-000000000001', 36, 3),
	(71, 71, '01900000-0000-7000-8000-000000000001', 37, 3),
	(72, 72, '01900000-0000-7000-8000-000000000001', 38, 3),
	(73, 73, '01900000-0000-7000-8000-000000000001', 39, 3),
	(74, 74, '01900000-0000-7000-8000-000000000001', 40, 3),
	(75, 75, '01900000-0000-7000-8000-000000000001', 41, 3),
	(76, 76, '01900000-0000-7000-8000-000000000001', 42, 3),
	(77, 77, '01900000-0000-7000-8000-000000000001', 43, 3),
	(78, 78, '01900000-0000-7000-8000-000000000001', 44, 3),
	(79, 79, '01900000-0000-7000-8000-000000000001', 45, 3),
	(80, 80, '01900000-0000-7000-8000-000000000001', 46, 3),
	(81, 81, '01900000-0000-7000-8000-000000000001', 47, 3),
	(82, 82, '01900000-0000-7000-8000-000000000001', 48, 3),
	(83, 83, '01900000-0000-7000-8000-000000000001', 49, 3),
	(84, 84, '01900000-0000-7000-8000-000000000001', 50, 3),
	(85, 85, '01900000-0000-7000-8000-000000000001', 51, 3),
	(86, 86, '01900000-0000-7000-8000-000000000001', 52, 3),
	(87, 87, '01900000-0000-7000-8000-000000000001', 53, 3),
	(88, 88, '01900000-0000-7000-8000-000000000001', 54, 3),
	(89, 89, '01900000-0000-7000-8000-000000000001', 55, 3),
	(90, 90, '01900000-0000-7000-8000-000000000001', 56, 3),
	(91, 91, '01900000-0000-7000-8000-000000000001', 57, 3),
	(92, 92, '01900000-0000-7000-8000-000000000001', 58, 3),
	(93, 93, '01900000-0000-7000-8000-000000000001', 59, 3),
	(94, 94, '01900000-0000-7000-8000-000000000001', 60, 3),
	(95, 95, '01900000-0000-7000-8000-000000000001', 61, 3),
	(96, 96, '01900000-0000-7000-8000-000000000001', 62, 3),
	(97, 97, '01900000-0000-7000-8000-000000000001', 63, 3),
	(98, 98, '01900000-0000-7000-8000-000000000001', 64, 3),
	(99, 99, '01900000-0000-7000-8000-000000000001', 65, 3),
	(100, 100, '01900000-0000-7000-8000-000000000001', 66, 3);
INSERT INTO shop.eventsource_feed VALUES
	(101, 101, '01900000-0000-7000-8000-000000000001', 67, 3),
	(102, 102, '01900000-0000-7000-8000-000000000001', 68, 3),
	(103, 103, '01900000-0000-7000-8000-000000000001', 69, 3),
	(104, 104, '01900000-0000-7000-8000-000000000001', 70, 3),
	(105, 105, '01900000-0000-7000-8000-000000000001', 71, 3),
	(106, 106, '01900000-0000-7000-8000-000000000001', 72, 3),
	(107, 107, '01900000-0000-7000-8000-000000000001', 73, 3),
	(108, 108, '01900000-0000-7000-8000-000000000001', 74, 3),
	(109, 109, '01900000-0000-7000-8000-000000000001', 75, 3),
	(110, 110, '01900000-0000-7000-8000-000000000001', 76, 3),
	(111, 111, '01900000-0000-7000-8000-000000000001', 77, 3),
	(112, 112, '01900000-0000-7000-8000-000000000001', 78, 3),
	(113, 113, '01900000-0000-7000-8000-000000000001', 79, 3),
	(114, 114, '01900000-0000-7000-8000-000000000001', 80, 3),
	(115, 115, '01900000-0000-7000-8000-000000000001', 81, 3),
	(116, 116, '01900000-0000-7000-8000-000000000001', 82, 3),
	(117, 117, '01900000-0000-7000-8000-000000000001', 83, 3),
	(118, 118, '01900000-0000-7000-8000-000000000001', 84, 3),
	(119, 119, '01900000-0000-7000-8000-000000000001', 85, 3),
	(120, 120, '01900000-0000-7000-8000-000000000001', 86, 3),
	(121, 121, '01900000-0000-7000-8000-000000000001', 87, 3),
	(122, 122, '01900000-0000-7000-8000-000000000001', 88, 3),
	(123, 123, '01900000-0000-7000-8000-000000000001', 89, 3),
	(124, 124, '01900000-0000-7000-8000-000000000001', 90, 3),
	(125, 125, '01900000-0000-7000-8000-000000000001', 91, 3),
	(126, 126, '01900000-0000-7000-8000-000000000001', 92, 3),
	(127, 127, '01900000-0000-7000-8000-000000000001', 93, 3),
	(128, 128, '01900000-0000-7000-8000-000000000001', 94, 3),
	(129, 129, '01900000-0000-7000-8000-000000000001', 95, 3),
	(130, 130, '01900000-0000-7000-8000-000000000001', 96, 3),
	(131, 131, '01900000-0000-7000-8000-000000000001', 97, 3),
	(132, 132, '01900000-0000-7000-8000-000000000001', 98, 3),
	(133, 133, '01900000-0000-7000-8000-000000000001', 99, 3),
	(134, 134, '01900000-0000-7000-8000-000000000001', 100, 3),
	(135, 135, '01900000-0000-7000-8000-000000000001', 101, 3),
	(136, 136, '01900000-0000-7000-8000-000000000001', 102, 3),
	(137, 137, '01900000-0000-7000-8000-000000000001', 103, 3),
	(138, 138, '01900000-0000-7000-8000-000000000001', 104, 3),
	(139, 139, '01900000-0000-7000-8000-000000000001', 105, 3),
	(140, 140, '01900000-0000-7000-8000-000000000001', 106, 3),
	(141, 141, '01900000-0000-7000-8000-000000000002', 1, 3),
	(142, 142, '01900000-0000-7000-8000-000000000001', 1, 4),
	(143, 143, '01900000-0000-7000-8000-000000000001', 2, 4);


--
-- Data for Name: eventsource_feed_entity; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_feed_entity VALUES
	(1, 'task'),
	(2, 'delivery'),
	(3, 'sensor'),
	(4, 'lamp');


--
-- Data for Name: eventsource_idempotency; Type: TABLE DATA; Schema: shop; Owner: -
--



--
-- Data for Name: eventsource_idempotency_key; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_idempotency_key VALUES
	('task', 'pair', '', '[{"seq": 1, "entity_id": "01900000-0000-7000-8000-000000000006", "requested": true}, {"seq": 1, "entity_id": "01900000-0000-7000-8000-000000000007", "requested": true}, {"seq": 2, "entity_id": "01900000-0000-7000-8000-000000000007", "requested": true}]', '2026-11-30 22:14:43.34081+00'),
	('task', 'complete', 'bob', '[{"seq": 5, "entity_id": "01900000-0000-7000-8000-000000000003", "requested": true}, {"seq": 6, "entity_id": "01900000-0000-7000-8000-000000000003", "requested": false}]', '2026-11-30 22:14:43.376914+00'),
	('delivery', 'create', 'ann', '[{"seq": 1, "entity_id": "00000000-0000-8000-8000-000000000002", "requested": true}, {"seq": 2, "entity_id": "00000000-0000-8000-8000-000000000002", "requested": true}]', '2026-11-30 22:14:43.692415+00'),
	('lamp', 'put out', '', '[{"seq": 3, "entity_id": "01900000-0000-7000-8000-000000000001", "requested": true}, {"seq": 4, "entity_id": "01900000-0000-7000-8000-000000000001", "requested": true}]', '2026-11-30 22:14:44.778478+00');


--
-- Data for Name: eventsource_machine; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_machine VALUES
	('task', 'layout 3: 89e2fe734749432f', '{"name": "task", "event_types": [{"name": "CREATED", "follows": {"op": "nothing"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "ASSIGNED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "but_not", "arg": {"op": "event", "name": "ASSIGNED"}}]}, "requires": ["assignee"], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "SCHEDULED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "but_not", "arg": {"op": "event", "name": "SCHEDULED"}}]}, "requires": ["deadline"], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "STARTED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "ASSIGNED"}, {"op": "event", "name": "SCHEDULED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "REASSIGNED", "follows": {"op": "event", "name": "STARTED"}, "requires": ["assignee"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}, {"name": "RESCHEDULED", "follows": {"op": "event", "name": "STARTED"}, "requires": ["deadline"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}, {"name": "REVISED", "follows": {"op": "any_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "event", "name": "STARTED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "alias", "event": "CREATED"}, "restarting": true, "auto_transition": false}, {"name": "CANCELED", "follows": {"op": "event", "name": "STARTED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "COMPLETED", "follows": {"op": "event", "name": "STARTED"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "ENDED", "follows": {"op": "event", "name": "COMPLETED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": true}]}', '2026-11-30 22:14:42.804963+00'),
	('delivery', 'layout 3: 84d84bba9b55bbee', '{"name": "delivery", "event_types": [{"by": ["SENDER"], "name": "ORDERED", "follows": {"op": "nothing"}, "requires": ["address"], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"by": ["DRIVER"], "name": "LOADED", "follows": {"op": "event", "name": "ORDERED"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"by": ["DRIVER"], "name": "HANDED_OVER", "follows": {"op": "event", "name": "LOADED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 22:14:43.426522+00'),
	('sensor', 'layout 3: e770ce8766cbce3c', '{"name": "sensor", "event_types": [{"name": "INSTALLED", "follows": {"op": "nothing"}, "requires": ["place", "labels"], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "MEASURED", "follows": {"op": "event", "name": "INSTALLED"}, "requires": ["celsius", "count", "offsets"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 22:14:43.844809+00'),
	('lamp', 'layout 3: 876593960c624bd1', '{"name": "lamp", "event_types": [{"name": "PUT_OUT", "follows": {"op": "any_of", "args": [{"op": "event", "name": "LIT"}, {"op": "event", "name": "DIMMED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "difference", "events": ["LIT", "DIMMED"]}, "restarting": false, "auto_transition": false}, {"name": "DIMMED", "follows": {"op": "event", "name": "LIT"}, "requires": [], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "WIRED", "follows": {"op": "nothing"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "LIT", "follows": {"op": "all_of", "args": [{"op": "event", "name": "WIRED"}, {"op": "but_not", "arg": {"op": "event", "name": "LIT"}}]}, "requires": [], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 22:14:44.704077+00');


--
-- Data for Name: eventsource_sequencer; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_sequencer VALUES
	(1, 143, 1, '807:807:', 7714091219393686320, 0, NULL, 0);


--
-- Data for Name: eventsource_snapshot; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.eventsource_snapshot VALUES
	('01900000-0000-7000-8000-000000000004', 'task', 'story', -2140249721730708374, 4, '01a22e86-4d7b-7745-bc61-03a6a5d5a500', '2026-11-30 22:14:43.293303+00', '2026-11-30 22:14:43.401035+00', '{"told":["CREATED","REVISED","REVISED","REVISED"]}'),
	('01900000-0000-7000-8000-000000000001', 'sensor', 'data', -1678939503306182570, 106, '01910000-0000-7000-9000-000000000069', '2026-04-21 09:30:00+00', '2026-11-30 22:14:44.290119+00', '{"place":{"building":"A","floor":-2},"labels":{"a":true,"b":null},"celsius":12.375,"count":99,"offsets":[-2147483648,0,2147483647],"note":"98"}');


--
-- Data for Name: lamp_event_p0; Type: TABLE DATA; Schema: shop; Owner: -
--



--
-- Data for Name: lamp_event_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.lamp_event_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 142, '806', '01a22e86-5261-70c9-816d-8eeef9408200', 0, 1, '2026-11-30 22:14:44.579274+00', 0, 0, '{}', '{}'),
	('01900000-0000-7000-8000-000000000001', 2, 1, 143, '806', '01a22e86-5261-70c9-816d-8eeef9408300', 1, 3, '2026-11-30 22:14:44.579274+00', 1, 1, '{}', '{}'),
	('01900000-0000-7000-8000-000000000001', 3, 1, 144, '811', '01a22e86-5326-72af-9721-b0110168ce00', 3, 11, '2026-11-30 22:14:44.778478+00', 1, 3, '{}', '{"idempotency_key":"put out"}'),
	('01900000-0000-7000-8000-000000000001', 4, 1, 145, '811', '01a22e86-5326-72af-9721-b0110168cf00', 11, 1, '2026-11-30 22:14:44.778478+00', 1, 2, '{}', '{"idempotency_key":"put out"}');


--
-- Data for Name: lamp_event_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.lamp_event_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 1, 1, 146, '812', '01a22e86-5341-744c-9446-c93eb8f70200', 0, 1, '2026-11-30 22:14:44.809587+00', 0, 0, '{}', '{}');


--
-- Data for Name: lamp_p0; Type: TABLE DATA; Schema: shop; Owner: -
--



--
-- Data for Name: lamp_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.lamp_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 4, 1, 1, 2, '01a22e86-5326-72af-9721-b0110168cf00', '2026-11-30 22:14:44.579274+00', '2026-11-30 22:14:44.778478+00');


--
-- Data for Name: lamp_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.lamp_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 1, 1, 1, 0, '01a22e86-5341-744c-9446-c93eb8f70200', '2026-11-30 22:14:44.809587+00', '2026-11-30 22:14:44.809587+00');


--
-- Data for Name: sensor_event_p0; Type: TABLE DATA; Schema: shop; Owner: -
--



--
-- Data for Name: sensor_event_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.sensor_event_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 35, '799', '01910000-0000-7000-9000-000000000000', 0, 1, '2026-04-21 09:30:00+00', 0, 0, '{"place":{"building":"A","floor":-2},"labels":{"a":true,"b":null}}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 2, 1, 36, '799', '01910000-0000-7000-9000-000000000001', 1, 1, '2026-04-21 09:30:01+00', 1, 1, '{"celsius":0.30000000000000004,"count":18446744073709551615,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 3, 1, 37, '799', '01910000-0000-7000-9000-000000000002', 1, 1, '2026-04-21 09:30:02+00', 1, 1, '{"celsius":1e-7,"count":18446744073709551615,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 4, 1, 38, '799', '01910000-0000-7000-9000-000000000003', 1, 1, '2026-04-21 09:30:03+00', 1, 1, '{"celsius":1e+21,"count":18446744073709551615,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 5, 1, 39, '799', '01910000-0000-7000-9000-000000000004', 1, 1, '2026-04-21 09:30:04+00', 1, 1, '{"celsius":-0.0,"count":18446744073709551615,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 6, 1, 40, '799', '01910000-0000-7000-9000-000000000005', 1, 1, '2026-04-21 09:30:05+00', 1, 1, '{"celsius":1.7976931348623157e+308,"count":18446744073709551615,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 7, 1, 41, '799', '01910000-0000-7000-9000-000000000006', 1, 1, '2026-04-21 09:30:06+00', 1, 1, '{"celsius":0.0,"count":0,"offsets":[-2147483648,0,2147483647],"note":"0"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 8, 1, 42, '799', '01910000-0000-7000-9000-000000000007', 1, 1, '2026-04-21 09:30:07+00', 1, 1, '{"celsius":0.125,"count":1,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 9, 1, 43, '799', '01910000-0000-7000-9000-000000000008', 1, 1, '2026-04-21 09:30:08+00', 1, 1, '{"celsius":0.25,"count":2,"offsets":[-2147483648,0,2147483647],"note":"2"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 10, 1, 44, '799', '01910000-0000-7000-9000-000000000009', 1, 1, '2026-04-21 09:30:09+00', 1, 1, '{"celsius":0.375,"count":3,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 11, 1, 45, '799', '01910000-0000-7000-9000-00000000000a', 1, 1, '2026-04-21 09:30:10+00', 1, 1, '{"celsius":0.5,"count":4,"offsets":[-2147483648,0,2147483647],"note":"4"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 12, 1, 46, '799', '01910000-0000-7000-9000-00000000000b', 1, 1, '2026-04-21 09:30:11+00', 1, 1, '{"celsius":0.625,"count":5,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 13, 1, 47, '799', '01910000-0000-7000-9000-00000000000c', 1, 1, '2026-04-21 09:30:12+00', 1, 1, '{"celsius":0.75,"count":6,"offsets":[-2147483648,0,2147483647],"note":"6"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 14, 1, 48, '799', '01910000-0000-7000-9000-00000000000d', 1, 1, '2026-04-21 09:30:13+00', 1, 1, '{"celsius":0.875,"count":7,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 15, 1, 49, '799', '01910000-0000-7000-9000-00000000000e', 1, 1, '2026-04-21 09:30:14+00', 1, 1, '{"celsius":1.0,"count":8,"offsets":[-2147483648,0,2147483647],"note":"8"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 16, 1, 50, '799', '01910000-0000-7000-9000-00000000000f', 1, 1, '2026-04-21 09:30:15+00', 1, 1, '{"celsius":1.125,"count":9,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 17, 1, 51, '799', '01910000-0000-7000-9000-000000000010', 1, 1, '2026-04-21 09:30:16+00', 1, 1, '{"celsius":1.25,"count":10,"offsets":[-2147483648,0,2147483647],"note":"10"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 18, 1, 52, '799', '01910000-0000-7000-9000-000000000011', 1, 1, '2026-04-21 09:30:17+00', 1, 1, '{"celsius":1.375,"count":11,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 19, 1, 53, '799', '01910000-0000-7000-9000-000000000012', 1, 1, '2026-04-21 09:30:18+00', 1, 1, '{"celsius":1.5,"count":12,"offsets":[-2147483648,0,2147483647],"note":"12"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 20, 1, 54, '799', '01910000-0000-7000-9000-000000000013', 1, 1, '2026-04-21 09:30:19+00', 1, 1, '{"celsius":1.625,"count":13,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 21, 1, 55, '799', '01910000-0000-7000-9000-000000000014', 1, 1, '2026-04-21 09:30:20+00', 1, 1, '{"celsius":1.75,"count":14,"offsets":[-2147483648,0,2147483647],"note":"14"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 22, 1, 56, '799', '01910000-0000-7000-9000-000000000015', 1, 1, '2026-04-21 09:30:21+00', 1, 1, '{"celsius":1.875,"count":15,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 23, 1, 57, '799', '01910000-0000-7000-9000-000000000016', 1, 1, '2026-04-21 09:30:22+00', 1, 1, '{"celsius":2.0,"count":16,"offsets":[-2147483648,0,2147483647],"note":"16"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 24, 1, 58, '799', '01910000-0000-7000-9000-000000000017', 1, 1, '2026-04-21 09:30:23+00', 1, 1, '{"celsius":2.125,"count":17,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 25, 1, 59, '799', '01910000-0000-7000-9000-000000000018', 1, 1, '2026-04-21 09:30:24+00', 1, 1, '{"celsius":2.25,"count":18,"offsets":[-2147483648,0,2147483647],"note":"18"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 26, 1, 60, '799', '01910000-0000-7000-9000-000000000019', 1, 1, '2026-04-21 09:30:25+00', 1, 1, '{"celsius":2.375,"count":19,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 27, 1, 61, '799', '01910000-0000-7000-9000-00000000001a', 1, 1, '2026-04-21 09:30:26+00', 1, 1, '{"celsius":2.5,"count":20,"offsets":[-2147483648,0,2147483647],"note":"20"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 28, 1, 62, '799', '01910000-0000-7000-9000-00000000001b', 1, 1, '2026-04-21 09:30:27+00', 1, 1, '{"celsius":2.625,"count":21,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 29, 1, 63, '799', '01910000-0000-7000-9000-00000000001c', 1, 1, '2026-04-21 09:30:28+00', 1, 1, '{"celsius":2.75,"count":22,"offsets":[-2147483648,0,2147483647],"note":"22"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 30, 1, 64, '799', '01910000-0000-7000-9000-00000000001d', 1, 1, '2026-04-21 09:30:29+00', 1, 1, '{"celsius":2.875,"count":23,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 31, 1, 65, '799', '01910000-0000-7000-9000-00000000001e', 1, 1, '2026-04-21 09:30:30+00', 1, 1, '{"celsius":3.0,"count":24,"offsets":[-2147483648,0,2147483647],"note":"24"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 32, 1, 66, '799', '01910000-0000-7000-9000-00000000001f', 1, 1, '2026-04-21 09:30:31+00', 1, 1, '{"celsius":3.125,"count":25,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 33, 1, 67, '799', '01910000-0000-7000-9000-000000000020', 1, 1, '2026-04-21 09:30:32+00', 1, 1, '{"celsius":3.25,"count":26,"offsets":[-2147483648,0,2147483647],"note":"26"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 34, 1, 68, '799', '01910000-0000-7000-9000-000000000021', 1, 1, '2026-04-21 09:30:33+00', 1, 1, '{"celsius":3.375,"count":27,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 35, 1, 69, '799', '01910000-0000-7000-9000-000000000022', 1, 1, '2026-04-21 09:30:34+00', 1, 1, '{"celsius":3.5,"count":28,"offsets":[-2147483648,0,2147483647],"note":"28"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 36, 1, 70, '799', '01910000-0000-7000-9000-000000000023', 1, 1, '2026-04-21 09:30:35+00', 1, 1, '{"celsius":3.625,"count":29,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 37, 1, 71, '799', '01910000-0000-7000-9000-000000000024', 1, 1, '2026-04-21 09:30:36+00', 1, 1, '{"celsius":3.75,"count":30,"offsets":[-2147483648,0,2147483647],"note":"30"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 38, 1, 72, '799', '01910000-0000-7000-9000-000000000025', 1, 1, '2026-04-21 09:30:37+00', 1, 1, '{"celsius":3.875,"count":31,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 39, 1, 73, '799', '01910000-0000-7000-9000-000000000026', 1, 1, '2026-04-21 09:30:38+00', 1, 1, '{"celsius":4.0,"count":32,"offsets":[-2147483648,0,2147483647],"note":"32"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 40, 1, 74, '799', '01910000-0000-7000-9000-000000000027', 1, 1, '2026-04-21 09:30:39+00', 1, 1, '{"celsius":4.125,"count":33,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 41, 1, 75, '799', '01910000-0000-7000-9000-000000000028', 1, 1, '2026-04-21 09:30:40+00', 1, 1, '{"celsius":4.25,"count":34,"offsets":[-2147483648,0,2147483647],"note":"34"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 42, 1, 76, '799', '01910000-0000-7000-9000-000000000029', 1, 1, '2026-04-21 09:30:41+00', 1, 1, '{"celsius":4.375,"count":35,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 43, 1, 77, '799', '01910000-0000-7000-9000-00000000002a', 1, 1, '2026-04-21 09:30:42+00', 1, 1, '{"celsius":4.5,"count":36,"offsets":[-2147483648,0,2147483647],"note":"36"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 44, 1, 78, '799', '01910000-0000-7000-9000-00000000002b', 1, 1, '2026-04-21 09:30:43+00', 1, 1, '{"celsius":4.625,"count":37,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 45, 1, 79, '799', '01910000-0000-7000-9000-00000000002c', 1, 1, '2026-04-21 09:30:44+00', 1, 1, '{"celsius":4.75,"count":38,"offsets":[-2147483648,0,2147483647],"note":"38"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 46, 1, 80, '799', '01910000-0000-7000-9000-00000000002d', 1, 1, '2026-04-21 09:30:45+00', 1, 1, '{"celsius":4.875,"count":39,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 47, 1, 81, '799', '01910000-0000-7000-9000-00000000002e', 1, 1, '2026-04-21 09:30:46+00', 1, 1, '{"celsius":5.0,"count":40,"offsets":[-2147483648,0,2147483647],"note":"40"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 48, 1, 82, '799', '01910000-0000-7000-9000-00000000002f', 1, 1, '2026-04-21 09:30:47+00', 1, 1, '{"celsius":5.125,"count":41,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 49, 1, 83, '799', '01910000-0000-7000-9000-000000000030', 1, 1, '2026-04-21 09:30:48+00', 1, 1, '{"celsius":5.25,"count":42,"offsets":[-2147483648,0,2147483647],"note":"42"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 50, 1, 84, '799', '01910000-0000-7000-9000-000000000031', 1, 1, '2026-04-21 09:30:49+00', 1, 1, '{"celsius":5.375,"count":43,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 51, 1, 85, '799', '01910000-0000-7000-9000-000000000032', 1, 1, '2026-04-21 09:30:50+00', 1, 1, '{"celsius":5.5,"count":44,"offsets":[-2147483648,0,2147483647],"note":"44"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 52, 1, 86, '799', '01910000-0000-7000-9000-000000000033', 1, 1, '2026-04-21 09:30:51+00', 1, 1, '{"celsius":5.625,"count":45,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 53, 1, 87, '799', '01910000-0000-7000-9000-000000000034', 1, 1, '2026-04-21 09:30:52+00', 1, 1, '{"celsius":5.75,"count":46,"offsets":[-2147483648,0,2147483647],"note":"46"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 54, 1, 88, '799', '01910000-0000-7000-9000-000000000035', 1, 1, '2026-04-21 09:30:53+00', 1, 1, '{"celsius":5.875,"count":47,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 55, 1, 89, '799', '01910000-0000-7000-9000-000000000036', 1, 1, '2026-04-21 09:30:54+00', 1, 1, '{"celsius":6.0,"count":48,"offsets":[-2147483648,0,2147483647],"note":"48"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 56, 1, 90, '799', '01910000-0000-7000-9000-000000000037', 1, 1, '2026-04-21 09:30:55+00', 1, 1, '{"celsius":6.125,"count":49,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 57, 1, 91, '799', '01910000-0000-7000-9000-000000000038', 1, 1, '2026-04-21 09:30:56+00', 1, 1, '{"celsius":6.25,"count":50,"offsets":[-2147483648,0,2147483647],"note":"50"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 58, 1, 92, '799', '01910000-0000-7000-9000-000000000039', 1, 1, '2026-04-21 09:30:57+00', 1, 1, '{"celsius":6.375,"count":51,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 59, 1, 93, '799', '01910000-0000-7000-9000-00000000003a', 1, 1, '2026-04-21 09:30:58+00', 1, 1, '{"celsius":6.5,"count":52,"offsets":[-2147483648,0,2147483647],"note":"52"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 60, 1, 94, '799', '01910000-0000-7000-9000-00000000003b', 1, 1, '2026-04-21 09:30:59+00', 1, 1, '{"celsius":6.625,"count":53,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 61, 1, 95, '799', '01910000-0000-7000-9000-00000000003c', 1, 1, '2026-04-21 09:31:00+00', 1, 1, '{"celsius":6.75,"count":54,"offsets":[-2147483648,0,2147483647],"note":"54"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 62, 1, 96, '799', '01910000-0000-7000-9000-00000000003d', 1, 1, '2026-04-21 09:31:01+00', 1, 1, '{"celsius":6.875,"count":55,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 63, 1, 97, '799', '01910000-0000-7000-9000-00000000003e', 1, 1, '2026-04-21 09:31:02+00', 1, 1, '{"celsius":7.0,"count":56,"offsets":[-2147483648,0,2147483647],"note":"56"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 64, 1, 98, '799', '01910000-0000-7000-9000-00000000003f', 1, 1, '2026-04-21 09:31:03+00', 1, 1, '{"celsius":7.125,"count":57,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 65, 1, 99, '799', '01910000-0000-7000-9000-000000000040', 1, 1, '2026-04-21 09:31:04+00', 1, 1, '{"celsius":7.25,"count":58,"offsets":[-2147483648,0,2147483647],"note":"58"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 66, 1, 100, '799', '01910000-0000-7000-9000-000000000041', 1, 1, '2026-04-21 09:31:05+00', 1, 1, '{"celsius":7.375,"count":59,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 67, 1, 101, '799', '01910000-0000-7000-9000-000000000042', 1, 1, '2026-04-21 09:31:06+00', 1, 1, '{"celsius":7.5,"count":60,"offsets":[-2147483648,0,2147483647],"note":"60"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 68, 1, 102, '799', '01910000-0000-7000-9000-000000000043', 1, 1, '2026-04-21 09:31:07+00', 1, 1, '{"celsius":7.625,"count":61,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 69, 1, 103, '799', '01910000-0000-7000-9000-000000000044', 1, 1, '2026-04-21 09:31:08+00', 1, 1, '{"celsius":7.75,"count":62,"offsets":[-2147483648,0,2147483647],"note":"62"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 70, 1, 104, '799', '01910000-0000-7000-9000-000000000045', 1, 1, '2026-04-21 09:31:09+00', 1, 1, '{"celsius":7.875,"count":63,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 71, 1, 105, '799', '01910000-0000-7000-9000-000000000046', 1, 1, '2026-04-21 09:31:10+00', 1, 1, '{"celsius":8.0,"count":64,"offsets":[-2147483648,0,2147483647],"note":"64"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 72, 1, 106, '799', '01910000-0000-7000-9000-000000000047', 1, 1, '2026-04-21 09:31:11+00', 1, 1, '{"celsius":8.125,"count":65,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 73, 1, 107, '799', '01910000-0000-7000-9000-000000000048', 1, 1, '2026-04-21 09:31:12+00', 1, 1, '{"celsius":8.25,"count":66,"offsets":[-2147483648,0,2147483647],"note":"66"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 74, 1, 108, '799', '01910000-0000-7000-9000-000000000049', 1, 1, '2026-04-21 09:31:13+00', 1, 1, '{"celsius":8.375,"count":67,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 75, 1, 109, '799', '01910000-0000-7000-9000-00000000004a', 1, 1, '2026-04-21 09:31:14+00', 1, 1, '{"celsius":8.5,"count":68,"offsets":[-2147483648,0,2147483647],"note":"68"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 76, 1, 110, '799', '01910000-0000-7000-9000-00000000004b', 1, 1, '2026-04-21 09:31:15+00', 1, 1, '{"celsius":8.625,"count":69,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 77, 1, 111, '799', '01910000-0000-7000-9000-00000000004c', 1, 1, '2026-04-21 09:31:16+00', 1, 1, '{"celsius":8.75,"count":70,"offsets":[-2147483648,0,2147483647],"note":"70"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 78, 1, 112, '799', '01910000-0000-7000-9000-00000000004d', 1, 1, '2026-04-21 09:31:17+00', 1, 1, '{"celsius":8.875,"count":71,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 79, 1, 113, '799', '01910000-0000-7000-9000-00000000004e', 1, 1, '2026-04-21 09:31:18+00', 1, 1, '{"celsius":9.0,"count":72,"offsets":[-2147483648,0,2147483647],"note":"72"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 80, 1, 114, '799', '01910000-0000-7000-9000-00000000004f', 1, 1, '2026-04-21 09:31:19+00', 1, 1, '{"celsius":9.125,"count":73,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 81, 1, 115, '799', '01910000-0000-7000-9000-000000000050', 1, 1, '2026-04-21 09:31:20+00', 1, 1, '{"celsius":9.25,"count":74,"offsets":[-2147483648,0,2147483647],"note":"74"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 82, 1, 116, '799', '01910000-0000-7000-9000-000000000051', 1, 1, '2026-04-21 09:31:21+00', 1, 1, '{"celsius":9.375,"count":75,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 83, 1, 117, '799', '01910000-0000-7000-9000-000000000052', 1, 1, '2026-04-21 09:31:22+00', 1, 1, '{"celsius":9.5,"count":76,"offsets":[-2147483648,0,2147483647],"note":"76"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 84, 1, 118, '799', '01910000-0000-7000-9000-000000000053', 1, 1, '2026-04-21 09:31:23+00', 1, 1, '{"celsius":9.625,"count":77,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 85, 1, 119, '799', '01910000-0000-7000-9000-000000000054', 1, 1, '2026-04-21 09:31:24+00', 1, 1, '{"celsius":9.75,"count":78,"offsets":[-2147483648,0,2147483647],"note":"78"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 86, 1, 120, '799', '01910000-0000-7000-9000-000000000055', 1, 1, '2026-04-21 09:31:25+00', 1, 1, '{"celsius":9.875,"count":79,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 87, 1, 121, '799', '01910000-0000-7000-9000-000000000056', 1, 1, '2026-04-21 09:31:26+00', 1, 1, '{"celsius":10.0,"count":80,"offsets":[-2147483648,0,2147483647],"note":"80"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 88, 1, 122, '799', '01910000-0000-7000-9000-000000000057', 1, 1, '2026-04-21 09:31:27+00', 1, 1, '{"celsius":10.125,"count":81,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 89, 1, 123, '799', '01910000-0000-7000-9000-000000000058', 1, 1, '2026-04-21 09:31:28+00', 1, 1, '{"celsius":10.25,"count":82,"offsets":[-2147483648,0,2147483647],"note":"82"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 90, 1, 124, '799', '01910000-0000-7000-9000-000000000059', 1, 1, '2026-04-21 09:31:29+00', 1, 1, '{"celsius":10.375,"count":83,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 91, 1, 125, '799', '01910000-0000-7000-9000-00000000005a', 1, 1, '2026-04-21 09:31:30+00', 1, 1, '{"celsius":10.5,"count":84,"offsets":[-2147483648,0,2147483647],"note":"84"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 92, 1, 126, '799', '01910000-0000-7000-9000-00000000005b', 1, 1, '2026-04-21 09:31:31+00', 1, 1, '{"celsius":10.625,"count":85,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 93, 1, 127, '799', '01910000-0000-7000-9000-00000000005c', 1, 1, '2026-04-21 09:31:32+00', 1, 1, '{"celsius":10.75,"count":86,"offsets":[-2147483648,0,2147483647],"note":"86"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 94, 1, 128, '799', '01910000-0000-7000-9000-00000000005d', 1, 1, '2026-04-21 09:31:33+00', 1, 1, '{"celsius":10.875,"count":87,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 95, 1, 129, '799', '01910000-0000-7000-9000-00000000005e', 1, 1, '2026-04-21 09:31:34+00', 1, 1, '{"celsius":11.0,"count":88,"offsets":[-2147483648,0,2147483647],"note":"88"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 96, 1, 130, '799', '01910000-0000-7000-9000-00000000005f', 1, 1, '2026-04-21 09:31:35+00', 1, 1, '{"celsius":11.125,"count":89,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 97, 1, 131, '799', '01910000-0000-7000-9000-000000000060', 1, 1, '2026-04-21 09:31:36+00', 1, 1, '{"celsius":11.25,"count":90,"offsets":[-2147483648,0,2147483647],"note":"90"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 98, 1, 132, '799', '01910000-0000-7000-9000-000000000061', 1, 1, '2026-04-21 09:31:37+00', 1, 1, '{"celsius":11.375,"count":91,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 99, 1, 133, '799', '01910000-0000-7000-9000-000000000062', 1, 1, '2026-04-21 09:31:38+00', 1, 1, '{"celsius":11.5,"count":92,"offsets":[-2147483648,0,2147483647],"note":"92"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 100, 1, 134, '799', '01910000-0000-7000-9000-000000000063', 1, 1, '2026-04-21 09:31:39+00', 1, 1, '{"celsius":11.625,"count":93,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}');
INSERT INTO shop.sensor_event_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 101, 1, 135, '799', '01910000-0000-7000-9000-000000000064', 1, 1, '2026-04-21 09:31:40+00', 1, 1, '{"celsius":11.75,"count":94,"offsets":[-2147483648,0,2147483647],"note":"94"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 102, 1, 136, '799', '01910000-0000-7000-9000-000000000065', 1, 1, '2026-04-21 09:31:41+00', 1, 1, '{"celsius":11.875,"count":95,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 103, 1, 137, '799', '01910000-0000-7000-9000-000000000066', 1, 1, '2026-04-21 09:31:42+00', 1, 1, '{"celsius":12.0,"count":96,"offsets":[-2147483648,0,2147483647],"note":"96"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 104, 1, 138, '799', '01910000-0000-7000-9000-000000000067', 1, 1, '2026-04-21 09:31:43+00', 1, 1, '{"celsius":12.125,"count":97,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 105, 1, 139, '799', '01910000-0000-7000-9000-000000000068', 1, 1, '2026-04-21 09:31:44+00', 1, 1, '{"celsius":12.25,"count":98,"offsets":[-2147483648,0,2147483647],"note":"98"}', '{"actor":"importer"}'),
	('01900000-0000-7000-8000-000000000001', 106, 1, 140, '799', '01910000-0000-7000-9000-000000000069', 1, 1, '2026-04-21 09:31:45+00', 1, 1, '{"celsius":12.375,"count":99,"offsets":[-2147483648,0,2147483647],"note":null}', '{"actor":"importer"}');


--
-- Data for Name: sensor_event_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.sensor_event_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 1, 1, 141, '801', '01a22e86-50f0-73d6-8db4-dc6eb9cbe993', 0, 1, '1905-01-01 00:00:00.000001+00', 0, 0, '{"place":{"building":"A","floor":-2},"labels":{"a":true,"b":null}}', '{}');


--
-- Data for Name: sensor_p0; Type: TABLE DATA; Schema: shop; Owner: -
--



--
-- Data for Name: sensor_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.sensor_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 106, 1, 1, 1, '01910000-0000-7000-9000-000000000069', '2026-04-21 09:30:00+00', '2026-04-21 09:31:45+00');


--
-- Data for Name: sensor_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.sensor_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 1, 1, 1, 0, '01a22e86-50f0-73d6-8db4-dc6eb9cbe993', '1905-01-01 00:00:00.000001+00', '1905-01-01 00:00:00.000001+00');


--
-- Data for Name: task_event_p0; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_event_p0 VALUES
	('01900000-0000-7000-8000-000000000005', 1, 1, 8, '779', '01a22e86-4d49-77a6-9464-d1ea2326ac00', 0, 1, '2026-11-30 22:14:43.276836+00', 0, 0, '{"description":"to be started"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000005', 2, 1, 9, '779', '01a22e86-4d49-77a6-9464-d1ea2326ad00', 1, 3, '2026-11-30 22:14:43.276836+00', 1, 1, '{"assignee":"ann"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000005', 3, 1, 10, '779', '01a22e86-4d49-77a6-9464-d1ea2326ae00', 3, 7, '2026-11-30 22:14:43.276836+00', 1, 2, '{"deadline":"2026-04-21T11:30:00Z"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000005', 4, 1, 11, '779', '01a22e86-4d49-77a6-9464-d1ea2326af00', 7, 8, '2026-11-30 22:14:43.276836+00', 1, 3, '{}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000008', 1, 1, 12, '780', '01a22e86-4d51-7049-b83d-55bc40c76800', 0, 1, '2026-11-30 22:14:43.281969+00', 0, 0, '{"description":"to be started"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000008', 2, 1, 13, '780', '01a22e86-4d51-7049-b83d-55bc40c76900', 1, 3, '2026-11-30 22:14:43.281969+00', 1, 1, '{"assignee":"ann"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000008', 3, 1, 14, '780', '01a22e86-4d51-7049-b83d-55bc40c76a00', 3, 7, '2026-11-30 22:14:43.281969+00', 1, 2, '{"deadline":"2026-04-21T11:30:00Z"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000008', 4, 1, 15, '780', '01a22e86-4d51-7049-b83d-55bc40c76b00', 7, 8, '2026-11-30 22:14:43.281969+00', 1, 3, '{}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000005', 5, 1, 20, '785', '01a22e86-4d80-768c-ba18-b590eff73d00', 8, 128, '2026-11-30 22:14:43.328998+00', 1, 7, '{}', '{}'),
	('01900000-0000-7000-8000-000000000006', 1, 1, 21, '786', '01a22e86-4d8a-7663-82ed-f1cececc2f00', 0, 1, '2026-11-30 22:14:43.34081+00', 0, 0, '{"description":"a pair"}', '{"idempotency_key":"pair"}'),
	('01900000-0000-7000-8000-000000000007', 1, 1, 22, '786', '01a22e86-4d8a-7663-82ed-f1cf2f314b00', 0, 1, '2026-11-30 22:14:43.34081+00', 0, 0, '{"description":null}', '{"idempotency_key":"pair"}'),
	('01900000-0000-7000-8000-000000000007', 2, 1, 23, '786', '01a22e86-4d8a-7663-82ed-f1cf2f314c00', 1, 3, '2026-11-30 22:14:43.34081+00', 1, 1, '{"assignee":"ann"}', '{"idempotency_key":"pair"}');


--
-- Data for Name: task_event_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_event_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 1, '776', '01a22e86-4d01-7536-a2e3-31e09d1d5c00', 0, 1, '2026-11-30 22:14:43.209846+00', 0, 0, '{"description":null}', '{}');


--
-- Data for Name: task_event_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_event_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 1, 1, 2, '777', '01a22e86-4d11-75ec-a037-061b039ab500', 0, 1, '2026-11-30 22:14:43.220122+00', 0, 0, '{"description":"it''s \"quoted\" \\ in two\nlines,   and ü€😀"}', '{"actor":"ann","roles":["ADMIN","EDITOR"],"correlation_id":"order 7","causation_id":"a click"}'),
	('01900000-0000-7000-8000-000000000002', 2, 1, 3, '777', '01a22e86-4d11-75ec-a037-061b039ab600', 1, 3, '2026-11-30 22:14:43.220122+00', 1, 1, '{"assignee":"bob"}', '{"actor":"ann","roles":["ADMIN","EDITOR"],"correlation_id":"order 7","causation_id":"a click"}'),
	('01900000-0000-7000-8000-000000000003', 1, 1, 4, '778', '01a22e86-4d2d-70f8-8907-b438a8684000', 0, 1, '2026-11-30 22:14:43.253747+00', 0, 0, '{"description":"to be started"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000003', 2, 1, 5, '778', '01a22e86-4d2d-70f8-8907-b438a8684100', 1, 3, '2026-11-30 22:14:43.253747+00', 1, 1, '{"assignee":"ann"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000003', 3, 1, 6, '778', '01a22e86-4d2d-70f8-8907-b438a8684200', 3, 7, '2026-11-30 22:14:43.253747+00', 1, 2, '{"deadline":"2026-04-21T11:30:00Z"}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000003', 4, 1, 7, '778', '01a22e86-4d2d-70f8-8907-b438a8684300', 7, 8, '2026-11-30 22:14:43.253747+00', 1, 3, '{}', '{"actor":"zoe"}'),
	('01900000-0000-7000-8000-000000000004', 1, 1, 16, '781', '01a22e86-4d53-70e5-9589-96ec53524b00', 0, 1, '2026-11-30 22:14:43.293303+00', 0, 0, '{"description":null}', '{}'),
	('01900000-0000-7000-8000-000000000004', 2, 2, 17, '782', '01a22e86-4d6c-727c-a487-739d1e5d4400', 1, 1, '2026-11-30 22:14:43.30922+00', 1, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000004', 3, 3, 18, '783', '01a22e86-4d78-7224-abef-390a05f86900', 1, 1, '2026-11-30 22:14:43.321196+00', 2, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000004', 4, 4, 19, '784', '01a22e86-4d7b-7745-bc61-03a6a5d5a500', 1, 1, '2026-11-30 22:14:43.323998+00', 3, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000003', 5, 1, 24, '788', '01a22e86-4d9c-74e8-a050-4555436b2a00', 8, 256, '2026-11-30 22:14:43.376914+00', 1, 8, '{}', '{"actor":"bob","idempotency_key":"complete"}'),
	('01900000-0000-7000-8000-000000000003', 6, 1, 25, '788', '01a22e86-4d9c-74e8-a050-4555436b2a01', 256, 512, '2026-11-30 22:14:43.376914+00', 1, 9, '{}', '{"actor":"bob","idempotency_key":"complete"}'),
	('01900000-0000-7000-8000-000000000004', 5, 5, 26, '790', '01a22e86-4dd8-7266-b285-f86f32a16500', 1, 1, '2026-11-30 22:14:43.417211+00', 4, 6, '{}', '{}');


--
-- Data for Name: task_p0; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_p0 VALUES
	('01900000-0000-7000-8000-000000000008', 4, 1, 8, 3, '01a22e86-4d51-7049-b83d-55bc40c76b00', '2026-11-30 22:14:43.281969+00', '2026-11-30 22:14:43.281969+00'),
	('01900000-0000-7000-8000-000000000005', 5, 1, 128, 7, '01a22e86-4d80-768c-ba18-b590eff73d00', '2026-11-30 22:14:43.276836+00', '2026-11-30 22:14:43.328998+00'),
	('01900000-0000-7000-8000-000000000006', 1, 1, 1, 0, '01a22e86-4d8a-7663-82ed-f1cececc2f00', '2026-11-30 22:14:43.34081+00', '2026-11-30 22:14:43.34081+00'),
	('01900000-0000-7000-8000-000000000007', 2, 1, 3, 1, '01a22e86-4d8a-7663-82ed-f1cf2f314c00', '2026-11-30 22:14:43.34081+00', '2026-11-30 22:14:43.34081+00');


--
-- Data for Name: task_p1; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_p1 VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 1, 0, '01a22e86-4d01-7536-a2e3-31e09d1d5c00', '2026-11-30 22:14:43.209846+00', '2026-11-30 22:14:43.209846+00');


--
-- Data for Name: task_p2; Type: TABLE DATA; Schema: shop; Owner: -
--

INSERT INTO shop.task_p2 VALUES
	('01900000-0000-7000-8000-000000000002', 2, 1, 3, 1, '01a22e86-4d11-75ec-a037-061b039ab600', '2026-11-30 22:14:43.220122+00', '2026-11-30 22:14:43.220122+00'),
	('01900000-0000-7000-8000-000000000003', 6, 1, 512, 9, '01a22e86-4d9c-74e8-a050-4555436b2a01', '2026-11-30 22:14:43.253747+00', '2026-11-30 22:14:43.376914+00'),
	('01900000-0000-7000-8000-000000000004', 5, 5, 1, 6, '01a22e86-4dd8-7266-b285-f86f32a16500', '2026-11-30 22:14:43.293303+00', '2026-11-30 22:14:43.417211+00');


--
-- Name: eventsource_clock; Type: SEQUENCE SET; Schema: shop; Owner: -
--

SELECT pg_catalog.setval('shop.eventsource_clock', 146, true);


--
-- Name: delivery_event delivery_event_event_id; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event
    ADD CONSTRAINT delivery_event_event_id UNIQUE (event_id, delivery_id);


--
-- Name: delivery_event_p0 delivery_event_p0_event_id_delivery_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p0
    ADD CONSTRAINT delivery_event_p0_event_id_delivery_id_key UNIQUE (event_id, delivery_id);


--
-- Name: delivery_event delivery_event_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event
    ADD CONSTRAINT delivery_event_pkey PRIMARY KEY (delivery_id, seq);


--
-- Name: delivery_event_p0 delivery_event_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p0
    ADD CONSTRAINT delivery_event_p0_pkey PRIMARY KEY (delivery_id, seq);


--
-- Name: delivery_event_p1 delivery_event_p1_event_id_delivery_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p1
    ADD CONSTRAINT delivery_event_p1_event_id_delivery_id_key UNIQUE (event_id, delivery_id);


--
-- Name: delivery_event_p1 delivery_event_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p1
    ADD CONSTRAINT delivery_event_p1_pkey PRIMARY KEY (delivery_id, seq);


--
-- Name: delivery_event_p2 delivery_event_p2_event_id_delivery_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p2
    ADD CONSTRAINT delivery_event_p2_event_id_delivery_id_key UNIQUE (event_id, delivery_id);


--
-- Name: delivery_event_p2 delivery_event_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_event_p2
    ADD CONSTRAINT delivery_event_p2_pkey PRIMARY KEY (delivery_id, seq);


--
-- Name: delivery delivery_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);


--
-- Name: delivery_p0 delivery_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_p0
    ADD CONSTRAINT delivery_p0_pkey PRIMARY KEY (id);


--
-- Name: delivery_p1 delivery_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_p1
    ADD CONSTRAINT delivery_p1_pkey PRIMARY KEY (id);


--
-- Name: delivery_p2 delivery_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.delivery_p2
    ADD CONSTRAINT delivery_p2_pkey PRIMARY KEY (id);


--
-- Name: eventsource_counter eventsource_counter_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_counter
    ADD CONSTRAINT eventsource_counter_pkey PRIMARY KEY (entity);


--
-- Name: eventsource_event_type eventsource_event_type_entity_name_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_event_type
    ADD CONSTRAINT eventsource_event_type_entity_name_key UNIQUE (entity, name);


--
-- Name: eventsource_event_type eventsource_event_type_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_event_type
    ADD CONSTRAINT eventsource_event_type_pkey PRIMARY KEY (entity, number);


--
-- Name: eventsource_feed_entity eventsource_feed_entity_entity_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_feed_entity
    ADD CONSTRAINT eventsource_feed_entity_entity_key UNIQUE (entity);


--
-- Name: eventsource_feed_entity eventsource_feed_entity_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_feed_entity
    ADD CONSTRAINT eventsource_feed_entity_pkey PRIMARY KEY (number);


--
-- Name: eventsource_feed eventsource_feed_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_feed
    ADD CONSTRAINT eventsource_feed_pkey PRIMARY KEY ("position");


--
-- Name: eventsource_idempotency_key eventsource_idempotency_key_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_idempotency_key
    ADD CONSTRAINT eventsource_idempotency_key_pkey PRIMARY KEY (entity, key, actor);


--
-- Name: eventsource_idempotency eventsource_idempotency_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_idempotency
    ADD CONSTRAINT eventsource_idempotency_pkey PRIMARY KEY (entity, key);


--
-- Name: eventsource_machine eventsource_machine_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_machine
    ADD CONSTRAINT eventsource_machine_pkey PRIMARY KEY (entity);


--
-- Name: eventsource_sequencer eventsource_sequencer_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_sequencer
    ADD CONSTRAINT eventsource_sequencer_pkey PRIMARY KEY (id);


--
-- Name: eventsource_snapshot eventsource_snapshot_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.eventsource_snapshot
    ADD CONSTRAINT eventsource_snapshot_pkey PRIMARY KEY (entity_id, entity, fold);


--
-- Name: lamp_event lamp_event_event_id; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event
    ADD CONSTRAINT lamp_event_event_id UNIQUE (event_id, lamp_id);


--
-- Name: lamp_event_p0 lamp_event_p0_event_id_lamp_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p0
    ADD CONSTRAINT lamp_event_p0_event_id_lamp_id_key UNIQUE (event_id, lamp_id);


--
-- Name: lamp_event lamp_event_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event
    ADD CONSTRAINT lamp_event_pkey PRIMARY KEY (lamp_id, seq);


--
-- Name: lamp_event_p0 lamp_event_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p0
    ADD CONSTRAINT lamp_event_p0_pkey PRIMARY KEY (lamp_id, seq);


--
-- Name: lamp_event_p1 lamp_event_p1_event_id_lamp_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p1
    ADD CONSTRAINT lamp_event_p1_event_id_lamp_id_key UNIQUE (event_id, lamp_id);


--
-- Name: lamp_event_p1 lamp_event_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p1
    ADD CONSTRAINT lamp_event_p1_pkey PRIMARY KEY (lamp_id, seq);


--
-- Name: lamp_event_p2 lamp_event_p2_event_id_lamp_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p2
    ADD CONSTRAINT lamp_event_p2_event_id_lamp_id_key UNIQUE (event_id, lamp_id);


--
-- Name: lamp_event_p2 lamp_event_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_event_p2
    ADD CONSTRAINT lamp_event_p2_pkey PRIMARY KEY (lamp_id, seq);


--
-- Name: lamp lamp_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp
    ADD CONSTRAINT lamp_pkey PRIMARY KEY (id);


--
-- Name: lamp_p0 lamp_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_p0
    ADD CONSTRAINT lamp_p0_pkey PRIMARY KEY (id);


--
-- Name: lamp_p1 lamp_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_p1
    ADD CONSTRAINT lamp_p1_pkey PRIMARY KEY (id);


--
-- Name: lamp_p2 lamp_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.lamp_p2
    ADD CONSTRAINT lamp_p2_pkey PRIMARY KEY (id);


--
-- Name: sensor_event sensor_event_event_id; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event
    ADD CONSTRAINT sensor_event_event_id UNIQUE (event_id, sensor_id);


--
-- Name: sensor_event_p0 sensor_event_p0_event_id_sensor_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p0
    ADD CONSTRAINT sensor_event_p0_event_id_sensor_id_key UNIQUE (event_id, sensor_id);


--
-- Name: sensor_event sensor_event_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event
    ADD CONSTRAINT sensor_event_pkey PRIMARY KEY (sensor_id, seq);


--
-- Name: sensor_event_p0 sensor_event_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p0
    ADD CONSTRAINT sensor_event_p0_pkey PRIMARY KEY (sensor_id, seq);


--
-- Name: sensor_event_p1 sensor_event_p1_event_id_sensor_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p1
    ADD CONSTRAINT sensor_event_p1_event_id_sensor_id_key UNIQUE (event_id, sensor_id);


--
-- Name: sensor_event_p1 sensor_event_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p1
    ADD CONSTRAINT sensor_event_p1_pkey PRIMARY KEY (sensor_id, seq);


--
-- Name: sensor_event_p2 sensor_event_p2_event_id_sensor_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p2
    ADD CONSTRAINT sensor_event_p2_event_id_sensor_id_key UNIQUE (event_id, sensor_id);


--
-- Name: sensor_event_p2 sensor_event_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_event_p2
    ADD CONSTRAINT sensor_event_p2_pkey PRIMARY KEY (sensor_id, seq);


--
-- Name: sensor sensor_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor
    ADD CONSTRAINT sensor_pkey PRIMARY KEY (id);


--
-- Name: sensor_p0 sensor_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_p0
    ADD CONSTRAINT sensor_p0_pkey PRIMARY KEY (id);


--
-- Name: sensor_p1 sensor_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_p1
    ADD CONSTRAINT sensor_p1_pkey PRIMARY KEY (id);


--
-- Name: sensor_p2 sensor_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.sensor_p2
    ADD CONSTRAINT sensor_p2_pkey PRIMARY KEY (id);


--
-- Name: task_event task_event_event_id; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event
    ADD CONSTRAINT task_event_event_id UNIQUE (event_id, task_id);


--
-- Name: task_event_p0 task_event_p0_event_id_task_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p0
    ADD CONSTRAINT task_event_p0_event_id_task_id_key UNIQUE (event_id, task_id);


--
-- Name: task_event task_event_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event
    ADD CONSTRAINT task_event_pkey PRIMARY KEY (task_id, seq);


--
-- Name: task_event_p0 task_event_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p0
    ADD CONSTRAINT task_event_p0_pkey PRIMARY KEY (task_id, seq);


--
-- Name: task_event_p1 task_event_p1_event_id_task_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p1
    ADD CONSTRAINT task_event_p1_event_id_task_id_key UNIQUE (event_id, task_id);


--
-- Name: task_event_p1 task_event_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p1
    ADD CONSTRAINT task_event_p1_pkey PRIMARY KEY (task_id, seq);


--
-- Name: task_event_p2 task_event_p2_event_id_task_id_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p2
    ADD CONSTRAINT task_event_p2_event_id_task_id_key UNIQUE (event_id, task_id);


--
-- Name: task_event_p2 task_event_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_event_p2
    ADD CONSTRAINT task_event_p2_pkey PRIMARY KEY (task_id, seq);


--
-- Name: task task_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);


--
-- Name: task_p0 task_p0_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_p0
    ADD CONSTRAINT task_p0_pkey PRIMARY KEY (id);


--
-- Name: task_p1 task_p1_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_p1
    ADD CONSTRAINT task_p1_pkey PRIMARY KEY (id);


--
-- Name: task_p2 task_p2_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.task_p2
    ADD CONSTRAINT task_p2_pkey PRIMARY KEY (id);


--
-- Name: delivery_event_by_clock; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_by_clock ON ONLY shop.delivery_event USING btree (clock);


--
-- Name: delivery_event_by_xid; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_by_xid ON ONLY shop.delivery_event USING btree (xid);


--
-- Name: delivery_event_heads_by_state; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_heads_by_state ON ONLY shop.delivery USING btree (state, id);


--
-- Name: delivery_event_p0_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p0_clock_idx ON shop.delivery_event_p0 USING btree (clock);


--
-- Name: delivery_event_p0_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p0_xid_idx ON shop.delivery_event_p0 USING btree (xid);


--
-- Name: delivery_event_p1_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p1_clock_idx ON shop.delivery_event_p1 USING btree (clock);


--
-- Name: delivery_event_p1_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p1_xid_idx ON shop.delivery_event_p1 USING btree (xid);


--
-- Name: delivery_event_p2_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p2_clock_idx ON shop.delivery_event_p2 USING btree (clock);


--
-- Name: delivery_event_p2_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_event_p2_xid_idx ON shop.delivery_event_p2 USING btree (xid);


--
-- Name: delivery_p0_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_p0_state_id_idx ON shop.delivery_p0 USING btree (state, id);


--
-- Name: delivery_p1_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_p1_state_id_idx ON shop.delivery_p1 USING btree (state, id);


--
-- Name: delivery_p2_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX delivery_p2_state_id_idx ON shop.delivery_p2 USING btree (state, id);


--
-- Name: lamp_event_by_clock; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_by_clock ON ONLY shop.lamp_event USING btree (clock);


--
-- Name: lamp_event_by_xid; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_by_xid ON ONLY shop.lamp_event USING btree (xid);


--
-- Name: lamp_event_heads_by_state; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_heads_by_state ON ONLY shop.lamp USING btree (state, id);


--
-- Name: lamp_event_p0_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p0_clock_idx ON shop.lamp_event_p0 USING btree (clock);


--
-- Name: lamp_event_p0_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p0_xid_idx ON shop.lamp_event_p0 USING btree (xid);


--
-- Name: lamp_event_p1_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p1_clock_idx ON shop.lamp_event_p1 USING btree (clock);


--
-- Name: lamp_event_p1_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p1_xid_idx ON shop.lamp_event_p1 USING btree (xid);


--
-- Name: lamp_event_p2_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p2_clock_idx ON shop.lamp_event_p2 USING btree (clock);


--
-- Name: lamp_event_p2_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_event_p2_xid_idx ON shop.lamp_event_p2 USING btree (xid);


--
-- Name: lamp_p0_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_p0_state_id_idx ON shop.lamp_p0 USING btree (state, id);


--
-- Name: lamp_p1_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_p1_state_id_idx ON shop.lamp_p1 USING btree (state, id);


--
-- Name: lamp_p2_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX lamp_p2_state_id_idx ON shop.lamp_p2 USING btree (state, id);


--
-- Name: sensor_event_by_clock; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_by_clock ON ONLY shop.sensor_event USING btree (clock);


--
-- Name: sensor_event_by_xid; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_by_xid ON ONLY shop.sensor_event USING btree (xid);


--
-- Name: sensor_event_heads_by_state; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_heads_by_state ON ONLY shop.sensor USING btree (state, id);


--
-- Name: sensor_event_p0_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p0_clock_idx ON shop.sensor_event_p0 USING btree (clock);


--
-- Name: sensor_event_p0_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p0_xid_idx ON shop.sensor_event_p0 USING btree (xid);


--
-- Name: sensor_event_p1_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p1_clock_idx ON shop.sensor_event_p1 USING btree (clock);


--
-- Name: sensor_event_p1_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p1_xid_idx ON shop.sensor_event_p1 USING btree (xid);


--
-- Name: sensor_event_p2_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p2_clock_idx ON shop.sensor_event_p2 USING btree (clock);


--
-- Name: sensor_event_p2_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_event_p2_xid_idx ON shop.sensor_event_p2 USING btree (xid);


--
-- Name: sensor_p0_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_p0_state_id_idx ON shop.sensor_p0 USING btree (state, id);


--
-- Name: sensor_p1_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_p1_state_id_idx ON shop.sensor_p1 USING btree (state, id);


--
-- Name: sensor_p2_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX sensor_p2_state_id_idx ON shop.sensor_p2 USING btree (state, id);


--
-- Name: task_event_by_clock; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_by_clock ON ONLY shop.task_event USING btree (clock);


--
-- Name: task_event_by_xid; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_by_xid ON ONLY shop.task_event USING btree (xid);


--
-- Name: task_event_data_assignee_249f000e; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_data_assignee_249f000e ON ONLY shop.task_event USING hash ((
CASE event_type
    WHEN 1 THEN ((data -> 'assignee'::text))::jsonb
    WHEN 4 THEN ((data -> 'assignee'::text))::jsonb
    ELSE NULL::jsonb
END));


--
-- Name: task_event_heads_by_state; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_heads_by_state ON ONLY shop.task USING btree (state, id);


--
-- Name: task_event_p0_case_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p0_case_idx ON shop.task_event_p0 USING hash ((
CASE event_type
    WHEN 1 THEN ((data -> 'assignee'::text))::jsonb
    WHEN 4 THEN ((data -> 'assignee'::text))::jsonb
    ELSE NULL::jsonb
END));


--
-- Name: task_event_p0_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p0_clock_idx ON shop.task_event_p0 USING btree (clock);


--
-- Name: task_event_p0_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p0_xid_idx ON shop.task_event_p0 USING btree (xid);


--
-- Name: task_event_p1_case_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p1_case_idx ON shop.task_event_p1 USING hash ((
CASE event_type
    WHEN 1 THEN ((data -> 'assignee'::text))::jsonb
    WHEN 4 THEN ((data -> 'assignee'::text))::jsonb
    ELSE NULL::jsonb
END));


--
-- Name: task_event_p1_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p1_clock_idx ON shop.task_event_p1 USING btree (clock);


--
-- Name: task_event_p1_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p1_xid_idx ON shop.task_event_p1 USING btree (xid);


--
-- Name: task_event_p2_case_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p2_case_idx ON shop.task_event_p2 USING hash ((
CASE event_type
    WHEN 1 THEN ((data -> 'assignee'::text))::jsonb
    WHEN 4 THEN ((data -> 'assignee'::text))::jsonb
    ELSE NULL::jsonb
END));


--
-- Name: task_event_p2_clock_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p2_clock_idx ON shop.task_event_p2 USING btree (clock);


--
-- Name: task_event_p2_xid_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_event_p2_xid_idx ON shop.task_event_p2 USING btree (xid);


--
-- Name: task_p0_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_p0_state_id_idx ON shop.task_p0 USING btree (state, id);


--
-- Name: task_p1_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_p1_state_id_idx ON shop.task_p1 USING btree (state, id);


--
-- Name: task_p2_state_id_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX task_p2_state_id_idx ON shop.task_p2 USING btree (state, id);


--
-- Name: delivery_event_p0_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_clock ATTACH PARTITION shop.delivery_event_p0_clock_idx;


--
-- Name: delivery_event_p0_event_id_delivery_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_event_id ATTACH PARTITION shop.delivery_event_p0_event_id_delivery_id_key;


--
-- Name: delivery_event_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_pkey ATTACH PARTITION shop.delivery_event_p0_pkey;


--
-- Name: delivery_event_p0_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_xid ATTACH PARTITION shop.delivery_event_p0_xid_idx;


--
-- Name: delivery_event_p1_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_clock ATTACH PARTITION shop.delivery_event_p1_clock_idx;


--
-- Name: delivery_event_p1_event_id_delivery_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_event_id ATTACH PARTITION shop.delivery_event_p1_event_id_delivery_id_key;


--
-- Name: delivery_event_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_pkey ATTACH PARTITION shop.delivery_event_p1_pkey;


--
-- Name: delivery_event_p1_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_xid ATTACH PARTITION shop.delivery_event_p1_xid_idx;


--
-- Name: delivery_event_p2_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_clock ATTACH PARTITION shop.delivery_event_p2_clock_idx;


--
-- Name: delivery_event_p2_event_id_delivery_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_event_id ATTACH PARTITION shop.delivery_event_p2_event_id_delivery_id_key;


--
-- Name: delivery_event_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_pkey ATTACH PARTITION shop.delivery_event_p2_pkey;


--
-- Name: delivery_event_p2_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_by_xid ATTACH PARTITION shop.delivery_event_p2_xid_idx;


--
-- Name: delivery_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_pkey ATTACH PARTITION shop.delivery_p0_pkey;


--
-- Name: delivery_p0_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_heads_by_state ATTACH PARTITION shop.delivery_p0_state_id_idx;


--
-- Name: delivery_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_pkey ATTACH PARTITION shop.delivery_p1_pkey;


--
-- Name: delivery_p1_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_heads_by_state ATTACH PARTITION shop.delivery_p1_state_id_idx;


--
-- Name: delivery_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_pkey ATTACH PARTITION shop.delivery_p2_pkey;


--
-- Name: delivery_p2_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.delivery_event_heads_by_state ATTACH PARTITION shop.delivery_p2_state_id_idx;


--
-- Name: lamp_event_p0_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_clock ATTACH PARTITION shop.lamp_event_p0_clock_idx;


--
-- Name: lamp_event_p0_event_id_lamp_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_event_id ATTACH PARTITION shop.lamp_event_p0_event_id_lamp_id_key;


--
-- Name: lamp_event_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_pkey ATTACH PARTITION shop.lamp_event_p0_pkey;


--
-- Name: lamp_event_p0_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_xid ATTACH PARTITION shop.lamp_event_p0_xid_idx;


--
-- Name: lamp_event_p1_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_clock ATTACH PARTITION shop.lamp_event_p1_clock_idx;


--
-- Name: lamp_event_p1_event_id_lamp_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_event_id ATTACH PARTITION shop.lamp_event_p1_event_id_lamp_id_key;


--
-- Name: lamp_event_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_pkey ATTACH PARTITION shop.lamp_event_p1_pkey;


--
-- Name: lamp_event_p1_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_xid ATTACH PARTITION shop.lamp_event_p1_xid_idx;


--
-- Name: lamp_event_p2_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_clock ATTACH PARTITION shop.lamp_event_p2_clock_idx;


--
-- Name: lamp_event_p2_event_id_lamp_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_event_id ATTACH PARTITION shop.lamp_event_p2_event_id_lamp_id_key;


--
-- Name: lamp_event_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_pkey ATTACH PARTITION shop.lamp_event_p2_pkey;


--
-- Name: lamp_event_p2_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_by_xid ATTACH PARTITION shop.lamp_event_p2_xid_idx;


--
-- Name: lamp_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_pkey ATTACH PARTITION shop.lamp_p0_pkey;


--
-- Name: lamp_p0_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_heads_by_state ATTACH PARTITION shop.lamp_p0_state_id_idx;


--
-- Name: lamp_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_pkey ATTACH PARTITION shop.lamp_p1_pkey;


--
-- Name: lamp_p1_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_heads_by_state ATTACH PARTITION shop.lamp_p1_state_id_idx;


--
-- Name: lamp_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_pkey ATTACH PARTITION shop.lamp_p2_pkey;


--
-- Name: lamp_p2_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.lamp_event_heads_by_state ATTACH PARTITION shop.lamp_p2_state_id_idx;


--
-- Name: sensor_event_p0_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_clock ATTACH PARTITION shop.sensor_event_p0_clock_idx;


--
-- Name: sensor_event_p0_event_id_sensor_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_event_id ATTACH PARTITION shop.sensor_event_p0_event_id_sensor_id_key;


--
-- Name: sensor_event_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_pkey ATTACH PARTITION shop.sensor_event_p0_pkey;


--
-- Name: sensor_event_p0_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_xid ATTACH PARTITION shop.sensor_event_p0_xid_idx;


--
-- Name: sensor_event_p1_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_clock ATTACH PARTITION shop.sensor_event_p1_clock_idx;


--
-- Name: sensor_event_p1_event_id_sensor_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_event_id ATTACH PARTITION shop.sensor_event_p1_event_id_sensor_id_key;


--
-- Name: sensor_event_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_pkey ATTACH PARTITION shop.sensor_event_p1_pkey;


--
-- Name: sensor_event_p1_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_xid ATTACH PARTITION shop.sensor_event_p1_xid_idx;


--
-- Name: sensor_event_p2_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_clock ATTACH PARTITION shop.sensor_event_p2_clock_idx;


--
-- Name: sensor_event_p2_event_id_sensor_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_event_id ATTACH PARTITION shop.sensor_event_p2_event_id_sensor_id_key;


--
-- Name: sensor_event_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_pkey ATTACH PARTITION shop.sensor_event_p2_pkey;


--
-- Name: sensor_event_p2_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_by_xid ATTACH PARTITION shop.sensor_event_p2_xid_idx;


--
-- Name: sensor_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_pkey ATTACH PARTITION shop.sensor_p0_pkey;


--
-- Name: sensor_p0_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_heads_by_state ATTACH PARTITION shop.sensor_p0_state_id_idx;


--
-- Name: sensor_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_pkey ATTACH PARTITION shop.sensor_p1_pkey;


--
-- Name: sensor_p1_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_heads_by_state ATTACH PARTITION shop.sensor_p1_state_id_idx;


--
-- Name: sensor_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_pkey ATTACH PARTITION shop.sensor_p2_pkey;


--
-- Name: sensor_p2_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.sensor_event_heads_by_state ATTACH PARTITION shop.sensor_p2_state_id_idx;


--
-- Name: task_event_p0_case_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_data_assignee_249f000e ATTACH PARTITION shop.task_event_p0_case_idx;


--
-- Name: task_event_p0_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_clock ATTACH PARTITION shop.task_event_p0_clock_idx;


--
-- Name: task_event_p0_event_id_task_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_event_id ATTACH PARTITION shop.task_event_p0_event_id_task_id_key;


--
-- Name: task_event_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_pkey ATTACH PARTITION shop.task_event_p0_pkey;


--
-- Name: task_event_p0_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_xid ATTACH PARTITION shop.task_event_p0_xid_idx;


--
-- Name: task_event_p1_case_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_data_assignee_249f000e ATTACH PARTITION shop.task_event_p1_case_idx;


--
-- Name: task_event_p1_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_clock ATTACH PARTITION shop.task_event_p1_clock_idx;


--
-- Name: task_event_p1_event_id_task_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_event_id ATTACH PARTITION shop.task_event_p1_event_id_task_id_key;


--
-- Name: task_event_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_pkey ATTACH PARTITION shop.task_event_p1_pkey;


--
-- Name: task_event_p1_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_xid ATTACH PARTITION shop.task_event_p1_xid_idx;


--
-- Name: task_event_p2_case_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_data_assignee_249f000e ATTACH PARTITION shop.task_event_p2_case_idx;


--
-- Name: task_event_p2_clock_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_clock ATTACH PARTITION shop.task_event_p2_clock_idx;


--
-- Name: task_event_p2_event_id_task_id_key; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_event_id ATTACH PARTITION shop.task_event_p2_event_id_task_id_key;


--
-- Name: task_event_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_pkey ATTACH PARTITION shop.task_event_p2_pkey;


--
-- Name: task_event_p2_xid_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_by_xid ATTACH PARTITION shop.task_event_p2_xid_idx;


--
-- Name: task_p0_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_pkey ATTACH PARTITION shop.task_p0_pkey;


--
-- Name: task_p0_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_heads_by_state ATTACH PARTITION shop.task_p0_state_id_idx;


--
-- Name: task_p1_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_pkey ATTACH PARTITION shop.task_p1_pkey;


--
-- Name: task_p1_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_heads_by_state ATTACH PARTITION shop.task_p1_state_id_idx;


--
-- Name: task_p2_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_pkey ATTACH PARTITION shop.task_p2_pkey;


--
-- Name: task_p2_state_id_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.task_event_heads_by_state ATTACH PARTITION shop.task_p2_state_id_idx;


--
-- Name: delivery_event delivery_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.delivery_event FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_event_p0 delivery_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.delivery_event_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_event_p1 delivery_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.delivery_event_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_event_p2 delivery_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.delivery_event_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_event delivery_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_by_function BEFORE INSERT ON shop.delivery_event FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_event_p0 delivery_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_by_function BEFORE INSERT ON shop.delivery_event_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_event_p1 delivery_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_by_function BEFORE INSERT ON shop.delivery_event_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_event_p2 delivery_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_by_function BEFORE INSERT ON shop.delivery_event_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery delivery_event_counted; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_counted BEFORE INSERT ON shop.delivery FOR EACH ROW EXECUTE FUNCTION shop.delivery_event_counted();


--
-- Name: delivery delivery_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.delivery FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_p0 delivery_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.delivery_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_p1 delivery_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.delivery_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery_p2 delivery_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.delivery_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.delivery_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('delivery_append');


--
-- Name: delivery delivery_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.delivery FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_p0 delivery_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.delivery_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_p1 delivery_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.delivery_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: delivery_p2 delivery_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER delivery_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.delivery_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: eventsource_counter eventsource_counter_forward; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER eventsource_counter_forward BEFORE UPDATE ON shop.eventsource_counter FOR EACH ROW WHEN (((new.last < old.last) OR (new.entity <> old.entity))) EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: eventsource_counter eventsource_counter_stays; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER eventsource_counter_stays BEFORE DELETE OR TRUNCATE ON shop.eventsource_counter FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: eventsource_feed eventsource_feed_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER eventsource_feed_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.eventsource_feed FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: eventsource_idempotency eventsource_keys_moved; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER eventsource_keys_moved BEFORE INSERT ON shop.eventsource_idempotency FOR EACH ROW EXECUTE FUNCTION shop.eventsource_keys_moved();


--
-- Name: lamp_event lamp_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.lamp_event FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_event_p0 lamp_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.lamp_event_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_event_p1 lamp_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.lamp_event_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_event_p2 lamp_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.lamp_event_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_event lamp_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_by_function BEFORE INSERT ON shop.lamp_event FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_event_p0 lamp_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_by_function BEFORE INSERT ON shop.lamp_event_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_event_p1 lamp_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_by_function BEFORE INSERT ON shop.lamp_event_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_event_p2 lamp_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_by_function BEFORE INSERT ON shop.lamp_event_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp lamp_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.lamp FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_p0 lamp_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.lamp_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_p1 lamp_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.lamp_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp_p2 lamp_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.lamp_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.lamp_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('lamp_append');


--
-- Name: lamp lamp_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.lamp FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_p0 lamp_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.lamp_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_p1 lamp_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.lamp_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: lamp_p2 lamp_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER lamp_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.lamp_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_event sensor_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.sensor_event FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_event_p0 sensor_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.sensor_event_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_event_p1 sensor_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.sensor_event_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_event_p2 sensor_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.sensor_event_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_event sensor_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_by_function BEFORE INSERT ON shop.sensor_event FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_event_p0 sensor_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_by_function BEFORE INSERT ON shop.sensor_event_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_event_p1 sensor_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_by_function BEFORE INSERT ON shop.sensor_event_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_event_p2 sensor_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_by_function BEFORE INSERT ON shop.sensor_event_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor sensor_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.sensor FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_p0 sensor_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.sensor_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_p1 sensor_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.sensor_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor_p2 sensor_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.sensor_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.sensor_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('sensor_append');


--
-- Name: sensor sensor_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.sensor FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_p0 sensor_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.sensor_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_p1 sensor_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.sensor_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: sensor_p2 sensor_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER sensor_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.sensor_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_event task_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.task_event FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_event_p0 task_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.task_event_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_event_p1 task_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.task_event_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_event_p2 task_event_append_only; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON shop.task_event_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_event task_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_by_function BEFORE INSERT ON shop.task_event FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_event_p0 task_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_by_function BEFORE INSERT ON shop.task_event_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_event_p1 task_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_by_function BEFORE INSERT ON shop.task_event_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_event_p2 task_event_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_by_function BEFORE INSERT ON shop.task_event_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task task_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.task FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_p0 task_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.task_p0 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_p1 task_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.task_p1 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task_p2 task_event_heads_by_function; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_heads_by_function BEFORE INSERT OR UPDATE ON shop.task_p2 FOR EACH STATEMENT WHEN (((current_setting('eventsource.append'::text, true) IS DISTINCT FROM 'on'::text) OR (NOT has_table_privilege(('shop.task_event'::regclass)::oid, 'TRIGGER'::text)))) EXECUTE FUNCTION shop.eventsource_functions_only('task_append');


--
-- Name: task task_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.task FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_p0 task_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.task_p0 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_p1 task_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.task_p1 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: task_p2 task_event_keeps_heads; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER task_event_keeps_heads BEFORE DELETE OR TRUNCATE ON shop.task_p2 FOR EACH STATEMENT EXECUTE FUNCTION shop.eventsource_append_only();


--
-- Name: SCHEMA shop; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA shop TO fixture_writer;
GRANT USAGE ON SCHEMA shop TO fixture_reader;


--
-- Name: FUNCTION delivery_answered(idempotency_key text, asked_by text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_answered(idempotency_key text, asked_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.delivery_answered(idempotency_key text, asked_by text) TO fixture_writer;


--
-- Name: TABLE delivery_event; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.delivery_event TO fixture_writer;
GRANT SELECT ON TABLE shop.delivery_event TO fixture_reader;


--
-- Name: TABLE delivery_event_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.delivery_event_view TO fixture_writer;
GRANT SELECT ON TABLE shop.delivery_event_view TO fixture_reader;


--
-- Name: FUNCTION delivery_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.delivery_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) TO fixture_writer;


--
-- Name: FUNCTION delivery_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.delivery_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) TO fixture_writer;


--
-- Name: FUNCTION delivery_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.delivery_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) TO fixture_writer;


--
-- Name: FUNCTION delivery_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.delivery_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) TO fixture_writer;


--
-- Name: FUNCTION delivery_event_counted(); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.delivery_event_counted() FROM PUBLIC;


--
-- Name: FUNCTION eventsource_append_only(); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_append_only() FROM PUBLIC;


--
-- Name: FUNCTION eventsource_catch_up(max_events bigint); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_catch_up(max_events bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.eventsource_catch_up(max_events bigint) TO fixture_writer;


--
-- Name: FUNCTION eventsource_functions_only(); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_functions_only() FROM PUBLIC;


--
-- Name: FUNCTION eventsource_json_fault(value json); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_json_fault(value json) FROM PUBLIC;


--
-- Name: FUNCTION eventsource_keys_moved(); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_keys_moved() FROM PUBLIC;


--
-- Name: FUNCTION eventsource_resync(); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.eventsource_resync() FROM PUBLIC;


--
-- Name: FUNCTION lamp_answered(idempotency_key text, asked_by text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.lamp_answered(idempotency_key text, asked_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.lamp_answered(idempotency_key text, asked_by text) TO fixture_writer;


--
-- Name: TABLE lamp_event; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.lamp_event TO fixture_writer;
GRANT SELECT ON TABLE shop.lamp_event TO fixture_reader;


--
-- Name: TABLE lamp_event_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.lamp_event_view TO fixture_writer;
GRANT SELECT ON TABLE shop.lamp_event_view TO fixture_reader;


--
-- Name: FUNCTION lamp_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.lamp_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.lamp_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) TO fixture_writer;


--
-- Name: FUNCTION lamp_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.lamp_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.lamp_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) TO fixture_writer;


--
-- Name: FUNCTION lamp_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.lamp_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.lamp_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) TO fixture_writer;


--
-- Name: FUNCTION lamp_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.lamp_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.lamp_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) TO fixture_writer;


--
-- Name: FUNCTION sensor_answered(idempotency_key text, asked_by text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.sensor_answered(idempotency_key text, asked_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.sensor_answered(idempotency_key text, asked_by text) TO fixture_writer;


--
-- Name: TABLE sensor_event; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.sensor_event TO fixture_writer;
GRANT SELECT ON TABLE shop.sensor_event TO fixture_reader;


--
-- Name: TABLE sensor_event_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.sensor_event_view TO fixture_writer;
GRANT SELECT ON TABLE shop.sensor_event_view TO fixture_reader;


--
-- Name: FUNCTION sensor_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.sensor_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.sensor_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) TO fixture_writer;


--
-- Name: FUNCTION sensor_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.sensor_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.sensor_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) TO fixture_writer;


--
-- Name: FUNCTION sensor_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.sensor_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.sensor_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) TO fixture_writer;


--
-- Name: FUNCTION sensor_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.sensor_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.sensor_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) TO fixture_writer;


--
-- Name: FUNCTION task_answered(idempotency_key text, asked_by text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.task_answered(idempotency_key text, asked_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.task_answered(idempotency_key text, asked_by text) TO fixture_writer;


--
-- Name: TABLE task_event; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.task_event TO fixture_writer;
GRANT SELECT ON TABLE shop.task_event TO fixture_reader;


--
-- Name: TABLE task_event_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.task_event_view TO fixture_writer;
GRANT SELECT ON TABLE shop.task_event_view TO fixture_reader;


--
-- Name: FUNCTION task_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.task_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.task_append(entity_id uuid, event_type text, data json, expected_seq integer, metadata json, idempotency_key text) TO fixture_writer;


--
-- Name: FUNCTION task_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.task_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.task_append_batch(INOUT entity_ids uuid[], event_requests integer[], event_entities integer[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], carried text[], metadata text[], keys text[], waits boolean, unknown_types bigint, OUT head_seqs integer[], OUT head_events uuid[], OUT head_states bigint[], OUT head_times timestamp with time zone[], OUT stored_at timestamp with time zone, OUT sources integer[], OUT befores integer[], OUT seqs integer[], OUT versions integer[], OUT states bigint[], OUT clocks bigint[], OUT auto_types smallint[], OUT auto_steps integer[], OUT auto_data text[], OUT other_requests integer[], OUT other_outcomes smallint[], OUT other_places integer[], OUT other_seqs integer[], OUT other_versions integer[], OUT other_states bigint[]) TO fixture_writer;


--
-- Name: FUNCTION task_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.task_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.task_append_each(entity_ids uuid[], event_types smallint[], event_ids uuid[], expected_seqs integer[], payloads text[], metadata text[], unknown_types bigint, OUT outcomes smallint[], OUT seqs integer[], OUT versions integer[], OUT prior_states bigint[], OUT states bigint[], OUT parent_ids uuid[], OUT recorded_ats timestamp with time zone[], OUT clocks bigint[]) TO fixture_writer;


--
-- Name: FUNCTION task_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint); Type: ACL; Schema: shop; Owner: -
--

REVOKE ALL ON FUNCTION shop.task_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION shop.task_append_one(entity_id uuid, event_type smallint, event_id uuid, expected_seq integer, data text, metadata text, idempotency_key text, unknown_types bigint, OUT outcome smallint, OUT seq integer, OUT version integer, OUT prior_state bigint, OUT state bigint, OUT parent_id uuid, OUT recorded_at timestamp with time zone, OUT clock bigint) TO fixture_writer;


--
-- Name: TABLE delivery; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.delivery TO fixture_writer;
GRANT SELECT ON TABLE shop.delivery TO fixture_reader;


--
-- Name: TABLE delivery_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.delivery_view TO fixture_writer;
GRANT SELECT ON TABLE shop.delivery_view TO fixture_reader;


--
-- Name: TABLE eventsource_counter; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_counter TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_counter TO fixture_reader;


--
-- Name: TABLE eventsource_event_type; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_event_type TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_event_type TO fixture_reader;


--
-- Name: TABLE eventsource_feed; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_feed TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_feed TO fixture_reader;


--
-- Name: TABLE eventsource_feed_entity; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_feed_entity TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_feed_entity TO fixture_reader;


--
-- Name: TABLE eventsource_idempotency; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_idempotency TO fixture_writer;


--
-- Name: TABLE eventsource_idempotency_key; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_idempotency_key TO fixture_writer;


--
-- Name: TABLE eventsource_machine; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_machine TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_machine TO fixture_reader;


--
-- Name: TABLE eventsource_sequencer; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.eventsource_sequencer TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_sequencer TO fixture_reader;


--
-- Name: TABLE eventsource_snapshot; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shop.eventsource_snapshot TO fixture_writer;
GRANT SELECT ON TABLE shop.eventsource_snapshot TO fixture_reader;


--
-- Name: TABLE lamp; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.lamp TO fixture_writer;
GRANT SELECT ON TABLE shop.lamp TO fixture_reader;


--
-- Name: TABLE lamp_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.lamp_view TO fixture_writer;
GRANT SELECT ON TABLE shop.lamp_view TO fixture_reader;


--
-- Name: TABLE sensor; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.sensor TO fixture_writer;
GRANT SELECT ON TABLE shop.sensor TO fixture_reader;


--
-- Name: TABLE sensor_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.sensor_view TO fixture_writer;
GRANT SELECT ON TABLE shop.sensor_view TO fixture_reader;


--
-- Name: TABLE task; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.task TO fixture_writer;
GRANT SELECT ON TABLE shop.task TO fixture_reader;


--
-- Name: TABLE task_view; Type: ACL; Schema: shop; Owner: -
--

GRANT SELECT ON TABLE shop.task_view TO fixture_writer;
GRANT SELECT ON TABLE shop.task_view TO fixture_reader;


--
-- PostgreSQL database dump complete
--


