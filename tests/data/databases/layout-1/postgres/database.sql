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
-- Name: delivery_event_counted(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.delivery_event_counted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM "public"."eventsource_counter" AS counter WHERE counter.entity = 'delivery'
            AND NEW.id >= '00000000-0000-8000-8000-000000000001'
            AND NEW.id <= ('0000000000008000' || to_hex(counter.last | (1::bigint << 63)))::uuid)
    THEN
        RAISE EXCEPTION 'the counter has not given this id'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;


--
-- Name: delivery_event_leads_heads(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.delivery_event_leads_heads() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a head is moved by the event that is inserted' USING
        ERRCODE = 'integrity_constraint_violation';
END $$;


--
-- Name: delivery_event_moves_head(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.delivery_event_moves_head() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    events bigint;
    entities bigint;
    firsts bigint;
    made bigint := 0;
    moved bigint := 0;
BEGIN
    SELECT count(*), count(DISTINCT "delivery_id"), count(*) FILTER (WHERE seq = 1)
    INTO events, entities, firsts FROM stored;
    IF events > entities THEN
        WITH event AS (
            SELECT *,
                lag(seq) OVER entity AS before_seq,
                lag(version) OVER entity AS before_version,
                lag(state) OVER entity AS before_state,
                lag(recorded_at) OVER entity AS before_at,
                first_value(seq) OVER entity AS first_seq,
                first_value(version) OVER entity AS first_version,
                first_value(prior_version) OVER entity AS from_version,
                first_value(prior_state) OVER entity AS from_state,
                first_value(recorded_at) OVER entity AS from_at,
                lead(seq) OVER entity IS NULL AS is_last
            FROM stored WINDOW entity AS (PARTITION BY "delivery_id" ORDER BY seq)
        ), made AS (
            INSERT INTO "public"."delivery"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "delivery_id", seq, version, state, event_type, event_id, from_at, recorded_at
            FROM event
            WHERE is_last AND first_seq = 1 AND first_version = 1
                AND from_version = 0 AND from_state = 0
            RETURNING id
        ), moved AS (
            UPDATE "public"."delivery" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM event
            WHERE is_last AND head.id = event."delivery_id" AND head.seq = first_seq - 1
                AND head.version = from_version AND head.state = from_state
                AND head.updated_at <= from_at
            RETURNING head.id
        )
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM moved)
        INTO made, moved
        WHERE NOT EXISTS (
            SELECT FROM event
            WHERE seq <> before_seq + 1 OR prior_version <> before_version
                OR prior_state <> before_state OR recorded_at < before_at);
    ELSE
        -- The same, of one event each.
        IF firsts > 0 THEN
            INSERT INTO "public"."delivery"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "delivery_id", seq, version, state, event_type, event_id, recorded_at, recorded_at
            FROM stored
            WHERE seq = 1 AND version = 1 AND prior_version = 0 AND prior_state = 0;
            GET DIAGNOSTICS made = ROW_COUNT;
        END IF;
        IF events > firsts THEN
            UPDATE "public"."delivery" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM stored AS event
            WHERE head.id = event."delivery_id" AND head.seq = event.seq - 1
                AND head.version = event.prior_version AND head.state = event.prior_state
                AND head.updated_at <= event.recorded_at;
            GET DIAGNOSTICS moved = ROW_COUNT;
        END IF;
    END IF;
    IF made + moved IS DISTINCT FROM entities THEN
        RAISE EXCEPTION 'an event goes on where the one before it ended' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'delivery_event_follows';
    END IF;
    RETURN NULL;
END $$;


--
-- Name: eventsource_append_only(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.eventsource_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;


--
-- Name: lamp_event_leads_heads(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lamp_event_leads_heads() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a head is moved by the event that is inserted' USING
        ERRCODE = 'integrity_constraint_violation';
END $$;


--
-- Name: lamp_event_moves_head(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lamp_event_moves_head() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    events bigint;
    entities bigint;
    firsts bigint;
    made bigint := 0;
    moved bigint := 0;
BEGIN
    SELECT count(*), count(DISTINCT "lamp_id"), count(*) FILTER (WHERE seq = 1)
    INTO events, entities, firsts FROM stored;
    IF events > entities THEN
        WITH event AS (
            SELECT *,
                lag(seq) OVER entity AS before_seq,
                lag(version) OVER entity AS before_version,
                lag(state) OVER entity AS before_state,
                lag(recorded_at) OVER entity AS before_at,
                first_value(seq) OVER entity AS first_seq,
                first_value(version) OVER entity AS first_version,
                first_value(prior_version) OVER entity AS from_version,
                first_value(prior_state) OVER entity AS from_state,
                first_value(recorded_at) OVER entity AS from_at,
                lead(seq) OVER entity IS NULL AS is_last
            FROM stored WINDOW entity AS (PARTITION BY "lamp_id" ORDER BY seq)
        ), made AS (
            INSERT INTO "public"."lamp"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "lamp_id", seq, version, state, event_type, event_id, from_at, recorded_at
            FROM event
            WHERE is_last AND first_seq = 1 AND first_version = 1
                AND from_version = 0 AND from_state = 0
            RETURNING id
        ), moved AS (
            UPDATE "public"."lamp" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM event
            WHERE is_last AND head.id = event."lamp_id" AND head.seq = first_seq - 1
                AND head.version = from_version AND head.state = from_state
                AND head.updated_at <= from_at
            RETURNING head.id
        )
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM moved)
        INTO made, moved
        WHERE NOT EXISTS (
            SELECT FROM event
            WHERE seq <> before_seq + 1 OR prior_version <> before_version
                OR prior_state <> before_state OR recorded_at < before_at);
    ELSE
        -- The same, of one event each.
        IF firsts > 0 THEN
            INSERT INTO "public"."lamp"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "lamp_id", seq, version, state, event_type, event_id, recorded_at, recorded_at
            FROM stored
            WHERE seq = 1 AND version = 1 AND prior_version = 0 AND prior_state = 0;
            GET DIAGNOSTICS made = ROW_COUNT;
        END IF;
        IF events > firsts THEN
            UPDATE "public"."lamp" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM stored AS event
            WHERE head.id = event."lamp_id" AND head.seq = event.seq - 1
                AND head.version = event.prior_version AND head.state = event.prior_state
                AND head.updated_at <= event.recorded_at;
            GET DIAGNOSTICS moved = ROW_COUNT;
        END IF;
    END IF;
    IF made + moved IS DISTINCT FROM entities THEN
        RAISE EXCEPTION 'an event goes on where the one before it ended' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'lamp_event_follows';
    END IF;
    RETURN NULL;
END $$;


--
-- Name: sensor_event_leads_heads(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sensor_event_leads_heads() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a head is moved by the event that is inserted' USING
        ERRCODE = 'integrity_constraint_violation';
END $$;


--
-- Name: sensor_event_moves_head(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sensor_event_moves_head() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    events bigint;
    entities bigint;
    firsts bigint;
    made bigint := 0;
    moved bigint := 0;
BEGIN
    SELECT count(*), count(DISTINCT "sensor_id"), count(*) FILTER (WHERE seq = 1)
    INTO events, entities, firsts FROM stored;
    IF events > entities THEN
        WITH event AS (
            SELECT *,
                lag(seq) OVER entity AS before_seq,
                lag(version) OVER entity AS before_version,
                lag(state) OVER entity AS before_state,
                lag(recorded_at) OVER entity AS before_at,
                first_value(seq) OVER entity AS first_seq,
                first_value(version) OVER entity AS first_version,
                first_value(prior_version) OVER entity AS from_version,
                first_value(prior_state) OVER entity AS from_state,
                first_value(recorded_at) OVER entity AS from_at,
                lead(seq) OVER entity IS NULL AS is_last
            FROM stored WINDOW entity AS (PARTITION BY "sensor_id" ORDER BY seq)
        ), made AS (
            INSERT INTO "public"."sensor"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "sensor_id", seq, version, state, event_type, event_id, from_at, recorded_at
            FROM event
            WHERE is_last AND first_seq = 1 AND first_version = 1
                AND from_version = 0 AND from_state = 0
            RETURNING id
        ), moved AS (
            UPDATE "public"."sensor" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM event
            WHERE is_last AND head.id = event."sensor_id" AND head.seq = first_seq - 1
                AND head.version = from_version AND head.state = from_state
                AND head.updated_at <= from_at
            RETURNING head.id
        )
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM moved)
        INTO made, moved
        WHERE NOT EXISTS (
            SELECT FROM event
            WHERE seq <> before_seq + 1 OR prior_version <> before_version
                OR prior_state <> before_state OR recorded_at < before_at);
    ELSE
        -- The same, of one event each.
        IF firsts > 0 THEN
            INSERT INTO "public"."sensor"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "sensor_id", seq, version, state, event_type, event_id, recorded_at, recorded_at
            FROM stored
            WHERE seq = 1 AND version = 1 AND prior_version = 0 AND prior_state = 0;
            GET DIAGNOSTICS made = ROW_COUNT;
        END IF;
        IF events > firsts THEN
            UPDATE "public"."sensor" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM stored AS event
            WHERE head.id = event."sensor_id" AND head.seq = event.seq - 1
                AND head.version = event.prior_version AND head.state = event.prior_state
                AND head.updated_at <= event.recorded_at;
            GET DIAGNOSTICS moved = ROW_COUNT;
        END IF;
    END IF;
    IF made + moved IS DISTINCT FROM entities THEN
        RAISE EXCEPTION 'an event goes on where the one before it ended' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'sensor_event_follows';
    END IF;
    RETURN NULL;
END $$;


--
-- Name: task_event_leads_heads(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.task_event_leads_heads() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a head is moved by the event that is inserted' USING
        ERRCODE = 'integrity_constraint_violation';
END $$;


--
-- Name: task_event_moves_head(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.task_event_moves_head() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    events bigint;
    entities bigint;
    firsts bigint;
    made bigint := 0;
    moved bigint := 0;
BEGIN
    SELECT count(*), count(DISTINCT "task_id"), count(*) FILTER (WHERE seq = 1)
    INTO events, entities, firsts FROM stored;
    IF events > entities THEN
        WITH event AS (
            SELECT *,
                lag(seq) OVER entity AS before_seq,
                lag(version) OVER entity AS before_version,
                lag(state) OVER entity AS before_state,
                lag(recorded_at) OVER entity AS before_at,
                first_value(seq) OVER entity AS first_seq,
                first_value(version) OVER entity AS first_version,
                first_value(prior_version) OVER entity AS from_version,
                first_value(prior_state) OVER entity AS from_state,
                first_value(recorded_at) OVER entity AS from_at,
                lead(seq) OVER entity IS NULL AS is_last
            FROM stored WINDOW entity AS (PARTITION BY "task_id" ORDER BY seq)
        ), made AS (
            INSERT INTO "public"."task"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "task_id", seq, version, state, event_type, event_id, from_at, recorded_at
            FROM event
            WHERE is_last AND first_seq = 1 AND first_version = 1
                AND from_version = 0 AND from_state = 0
            RETURNING id
        ), moved AS (
            UPDATE "public"."task" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM event
            WHERE is_last AND head.id = event."task_id" AND head.seq = first_seq - 1
                AND head.version = from_version AND head.state = from_state
                AND head.updated_at <= from_at
            RETURNING head.id
        )
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM moved)
        INTO made, moved
        WHERE NOT EXISTS (
            SELECT FROM event
            WHERE seq <> before_seq + 1 OR prior_version <> before_version
                OR prior_state <> before_state OR recorded_at < before_at);
    ELSE
        -- The same, of one event each.
        IF firsts > 0 THEN
            INSERT INTO "public"."task"
                (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
            SELECT "task_id", seq, version, state, event_type, event_id, recorded_at, recorded_at
            FROM stored
            WHERE seq = 1 AND version = 1 AND prior_version = 0 AND prior_state = 0;
            GET DIAGNOSTICS made = ROW_COUNT;
        END IF;
        IF events > firsts THEN
            UPDATE "public"."task" AS head SET seq = event.seq, version = event.version,
                state = event.state, last_event_type = event.event_type,
                last_event_id = event.event_id, updated_at = event.recorded_at
            FROM stored AS event
            WHERE head.id = event."task_id" AND head.seq = event.seq - 1
                AND head.version = event.prior_version AND head.state = event.prior_state
                AND head.updated_at <= event.recorded_at;
            GET DIAGNOSTICS moved = ROW_COUNT;
        END IF;
    END IF;
    IF made + moved IS DISTINCT FROM entities THEN
        RAISE EXCEPTION 'an event goes on where the one before it ended' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'task_event_follows';
    END IF;
    RETURN NULL;
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: delivery; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.delivery (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_clock; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.eventsource_clock
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: delivery_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.delivery_event (
    delivery_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('public.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    CONSTRAINT delivery_event_data_check CHECK ((jsonb_typeof(data) = 'object'::text)),
    CONSTRAINT delivery_event_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT delivery_event_requires_address CHECK (((event_type <> 0) OR ((data ->> 'address'::text) IS NOT NULL))),
    CONSTRAINT delivery_event_rules CHECK (COALESCE((((prior_state & ('[0:2]={-1,1,2}'::bigint[])[event_type]) = ('[0:2]={0,1,2}'::bigint[])[event_type]) AND (state = ((prior_state & ('[0:2]={0,0,0}'::bigint[])[event_type]) | ('[0:2]={1,2,4}'::bigint[])[event_type]))), false)),
    CONSTRAINT delivery_event_version CHECK (((seq = 1) OR (version = prior_version)))
);


--
-- Name: delivery_event_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.delivery_event_view AS
 SELECT event.delivery_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM public.delivery_event prior
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
    event.data,
    event.metadata
   FROM public.delivery_event event;


--
-- Name: delivery_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.delivery_view AS
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
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.delivery_event event
                  WHERE (event.delivery_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS address,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 2 THEN (event.data -> 'to'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.delivery_event event
                  WHERE (event.delivery_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS "to"
   FROM public.delivery head;


--
-- Name: VIEW delivery_view; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.delivery_view IS 'eventsource views cafb7186fac8fb76';


--
-- Name: eventsource_counter; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_counter (
    entity text NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT eventsource_counter_last_check CHECK ((last >= 0))
);


--
-- Name: eventsource_event_type; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_event_type (
    entity text NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    CONSTRAINT eventsource_event_type_number_check CHECK (((number >= 0) AND (number <= 63)))
);


--
-- Name: eventsource_feed; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_feed (
    "position" bigint NOT NULL,
    clock bigint NOT NULL,
    entity_id uuid NOT NULL,
    seq integer NOT NULL,
    entity smallint NOT NULL,
    CONSTRAINT eventsource_feed_position_check CHECK (("position" >= 1))
);


--
-- Name: eventsource_feed_entity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_feed_entity (
    number smallint NOT NULL,
    entity text NOT NULL,
    CONSTRAINT eventsource_feed_entity_number_check CHECK ((number >= 1))
);


--
-- Name: eventsource_idempotency; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_idempotency (
    entity text NOT NULL,
    key text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_machine; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_machine (
    entity text NOT NULL,
    fingerprint text NOT NULL,
    rules jsonb NOT NULL,
    migrated_at timestamp with time zone NOT NULL
);


--
-- Name: eventsource_sequencer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_sequencer (
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
-- Name: eventsource_snapshot; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.eventsource_snapshot (
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
-- Name: lamp; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lamp (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


--
-- Name: lamp_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lamp_event (
    lamp_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('public.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    CONSTRAINT lamp_event_data_check CHECK ((jsonb_typeof(data) = 'object'::text)),
    CONSTRAINT lamp_event_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT lamp_event_rules CHECK (COALESCE(((((prior_state & ('[0:3]={-1,3,2,2}'::bigint[])[event_type]) = ('[0:3]={0,1,2,2}'::bigint[])[event_type]) OR ((prior_state & ('[0:3]={-1,3,8,2}'::bigint[])[event_type]) = ('[0:3]={0,1,8,2}'::bigint[])[event_type])) AND (state = ((prior_state & ('[0:3]={0,-1,5,-1}'::bigint[])[event_type]) | ('[0:3]={1,2,0,8}'::bigint[])[event_type]))), false)),
    CONSTRAINT lamp_event_version CHECK (((seq = 1) OR (version = prior_version)))
);


--
-- Name: lamp_event_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.lamp_event_view AS
 SELECT event.lamp_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM public.lamp_event prior
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
    event.data,
    event.metadata
   FROM public.lamp_event event;


--
-- Name: lamp_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.lamp_view AS
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
   FROM public.lamp head;


--
-- Name: VIEW lamp_view; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.lamp_view IS 'eventsource views d90c6aa478535356';


--
-- Name: sensor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sensor (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


--
-- Name: sensor_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sensor_event (
    sensor_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('public.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    CONSTRAINT sensor_event_data_check CHECK ((jsonb_typeof(data) = 'object'::text)),
    CONSTRAINT sensor_event_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT sensor_event_requires_celsius CHECK (((event_type <> 1) OR ((data ->> 'celsius'::text) IS NOT NULL))),
    CONSTRAINT sensor_event_requires_count CHECK (((event_type <> 1) OR ((data ->> 'count'::text) IS NOT NULL))),
    CONSTRAINT sensor_event_requires_labels CHECK (((event_type <> 0) OR ((data ->> 'labels'::text) IS NOT NULL))),
    CONSTRAINT sensor_event_requires_offsets CHECK (((event_type <> 1) OR ((data ->> 'offsets'::text) IS NOT NULL))),
    CONSTRAINT sensor_event_requires_place CHECK (((event_type <> 0) OR ((data ->> 'place'::text) IS NOT NULL))),
    CONSTRAINT sensor_event_rules CHECK (COALESCE((((prior_state & ('[0:1]={-1,1}'::bigint[])[event_type]) = ('[0:1]={0,1}'::bigint[])[event_type]) AND (state = ((prior_state & ('[0:1]={0,-1}'::bigint[])[event_type]) | ('[0:1]={1,0}'::bigint[])[event_type]))), false)),
    CONSTRAINT sensor_event_version CHECK (((seq = 1) OR (version = prior_version)))
);


--
-- Name: sensor_event_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.sensor_event_view AS
 SELECT event.sensor_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM public.sensor_event prior
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
    (event.data -> 'place'::text) AS place,
    (event.data -> 'labels'::text) AS labels,
        CASE jsonb_typeof((event.data -> 'celsius'::text))
            WHEN 'number'::text THEN ((event.data -> 'celsius'::text))::double precision
            ELSE NULL::double precision
        END AS celsius,
        CASE jsonb_typeof((event.data -> 'count'::text))
            WHEN 'number'::text THEN ((event.data -> 'count'::text))::numeric
            ELSE NULL::numeric
        END AS count,
    (event.data -> 'offsets'::text) AS offsets,
    (event.data ->> 'note'::text) AS note,
    event.data,
    event.metadata
   FROM public.sensor_event event;


--
-- Name: sensor_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.sensor_view AS
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
    ( SELECT given.value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'place'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS place,
    ( SELECT given.value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 0 THEN (event.data -> 'labels'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS labels,
    ( SELECT
                CASE jsonb_typeof(given.value)
                    WHEN 'number'::text THEN (given.value)::double precision
                    ELSE NULL::double precision
                END AS "case"
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'celsius'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS celsius,
    ( SELECT
                CASE jsonb_typeof(given.value)
                    WHEN 'number'::text THEN (given.value)::numeric
                    ELSE NULL::numeric
                END AS "case"
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'count'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS count,
    ( SELECT given.value
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'offsets'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS offsets,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'note'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.sensor_event event
                  WHERE (event.sensor_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS note
   FROM public.sensor head;


--
-- Name: VIEW sensor_view; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.sensor_view IS 'eventsource views cd2b08cc10097fe2';


--
-- Name: task; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.task (
    id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


--
-- Name: task_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.task_event (
    task_id uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint DEFAULT nextval('public.eventsource_clock'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    CONSTRAINT task_event_data_check CHECK ((jsonb_typeof(data) = 'object'::text)),
    CONSTRAINT task_event_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT task_event_requires_assignee CHECK (((event_type <> ALL (ARRAY[1, 4])) OR ((data ->> 'assignee'::text) IS NOT NULL))),
    CONSTRAINT task_event_requires_deadline CHECK (((event_type <> ALL (ARRAY[2, 5])) OR ((data ->> 'deadline'::text) IS NOT NULL))),
    CONSTRAINT task_event_rules CHECK (COALESCE(((((prior_state & ('[0:9]={-1,3,5,6,8,8,1,8,8,256}'::bigint[])[event_type]) = ('[0:9]={0,1,1,6,8,8,1,8,8,256}'::bigint[])[event_type]) OR ((prior_state & ('[0:9]={-1,3,5,6,8,8,8,8,8,256}'::bigint[])[event_type]) = ('[0:9]={0,1,1,6,8,8,8,8,8,256}'::bigint[])[event_type])) AND (state = ((prior_state & ('[0:9]={0,-1,-1,0,-1,-1,0,0,0,0}'::bigint[])[event_type]) | ('[0:9]={1,2,4,8,0,0,1,128,256,512}'::bigint[])[event_type]))), false)),
    CONSTRAINT task_event_version CHECK (((seq = 1) OR (version = (prior_version +
CASE
    WHEN (event_type = 6) THEN 1
    ELSE 0
END))))
);


--
-- Name: task_event_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.task_event_view AS
 SELECT event.task_id,
    event.seq,
    event.clock,
    event.event_id,
    ( SELECT prior.event_id
           FROM public.task_event prior
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
    event.data,
    event.metadata
   FROM public.task_event event;


--
-- Name: task_view; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.task_view AS
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
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS description,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 1 THEN (event.data -> 'assignee'::text)
                            WHEN 4 THEN (event.data -> 'assignee'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS assignee,
    ( SELECT (given.value #>> '{}'::text[])
           FROM ( SELECT event.seq,
                        CASE event.event_type
                            WHEN 2 THEN (event.data -> 'deadline'::text)
                            WHEN 5 THEN (event.data -> 'deadline'::text)
                            ELSE NULL::jsonb
                        END AS value
                   FROM public.task_event event
                  WHERE (event.task_id = head.id)) given
          WHERE (given.value <> 'null'::jsonb)
          ORDER BY given.seq DESC
         LIMIT 1) AS deadline
   FROM public.task head;


--
-- Name: VIEW task_view; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.task_view IS 'eventsource views c7bd81c30d34855c';


--
-- Data for Name: delivery; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.delivery VALUES
	('00000000-0000-8000-8000-000000000002', 2, 1, 2, 1, '01a22cf2-8fe8-7043-98b9-b943b445bfd1', '2026-11-30 14:53:43.784878+00', '2026-11-30 14:53:43.784878+00'),
	('00000000-0000-8000-8000-000000000001', 2, 1, 2, 1, '01a22cf2-9008-7360-934d-339dd4ce2e1f', '2026-11-30 14:53:43.764871+00', '2026-11-30 14:53:43.816864+00'),
	('00000000-0000-8000-8000-000000000003', 1, 1, 1, 0, '01a22cf2-900c-772d-95ed-41ef15baa181', '2026-11-30 14:53:43.820529+00', '2026-11-30 14:53:43.820529+00'),
	('00000000-0000-8000-8000-000000000007', 3, 1, 4, 2, '01910000-0000-7000-9000-000000000002', '2026-04-21 09:30:00+00', '2026-04-21 09:30:02+00');


--
-- Data for Name: delivery_event; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.delivery_event VALUES
	('00000000-0000-8000-8000-000000000001', 1, 1, 27, '743', '01a22cf2-8fd4-71e9-9212-e0106b5a98d8', 0, 1, '2026-11-30 14:53:43.764871+00', 0, 0, '{"address": "1 Elm St"}', '{"actor": "ann", "roles": ["SENDER"]}'),
	('00000000-0000-8000-8000-000000000002', 1, 1, 28, '744', '01a22cf2-8fe8-7043-98b9-b943b445bfd0', 0, 1, '2026-11-30 14:53:43.784878+00', 0, 0, '{"address": "2 Elm St"}', '{"actor": "ann", "roles": ["DRIVER", "SENDER"], "idempotency_key": "create"}'),
	('00000000-0000-8000-8000-000000000002', 2, 1, 29, '744', '01a22cf2-8fe8-7043-98b9-b943b445bfd1', 1, 2, '2026-11-30 14:53:43.784878+00', 1, 1, '{}', '{"actor": "ann", "roles": ["DRIVER", "SENDER"], "idempotency_key": "create"}'),
	('00000000-0000-8000-8000-000000000001', 2, 1, 30, '745', '01a22cf2-9008-7360-934d-339dd4ce2e1f', 1, 2, '2026-11-30 14:53:43.816864+00', 1, 1, '{}', '{"actor": "dan", "roles": ["DRIVER"]}'),
	('00000000-0000-8000-8000-000000000003', 1, 1, 31, '746', '01a22cf2-900c-772d-95ed-41ef15baa181', 0, 1, '2026-11-30 14:53:43.820529+00', 0, 0, '{"address": "3 Elm St"}', '{"actor": "ann", "roles": ["SENDER"]}'),
	('00000000-0000-8000-8000-000000000007', 1, 1, 32, '747', '01910000-0000-7000-9000-000000000000', 0, 1, '2026-04-21 09:30:00+00', 0, 0, '{"address": "7 Elm St"}', '{"actor": "importer"}'),
	('00000000-0000-8000-8000-000000000007', 2, 1, 33, '747', '01910000-0000-7000-9000-000000000001', 1, 2, '2026-04-21 09:30:01+00', 1, 1, '{}', '{"actor": "importer"}'),
	('00000000-0000-8000-8000-000000000007', 3, 1, 34, '747', '01910000-0000-7000-9000-000000000002', 2, 4, '2026-04-21 09:30:02+00', 1, 2, '{"to": "a neighbour"}', '{"actor": "importer"}');


--
-- Data for Name: eventsource_counter; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_counter VALUES
	('delivery', 7);


--
-- Data for Name: eventsource_event_type; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_event_type VALUES
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
-- Data for Name: eventsource_feed; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_feed VALUES
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
INSERT INTO public.eventsource_feed VALUES
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
-- Data for Name: eventsource_feed_entity; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_feed_entity VALUES
	(1, 'task'),
	(2, 'delivery'),
	(3, 'sensor'),
	(4, 'lamp');


--
-- Data for Name: eventsource_idempotency; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_idempotency VALUES
	('task', 'pair', '[{"seq": 1, "entity_id": "01900000-0000-7000-8000-000000000006", "requested": true}, {"seq": 1, "entity_id": "01900000-0000-7000-8000-000000000007", "requested": true}, {"seq": 2, "entity_id": "01900000-0000-7000-8000-000000000007", "requested": true}]', '2026-11-30 14:53:43.633971+00'),
	('task', 'complete', '[{"seq": 5, "entity_id": "01900000-0000-7000-8000-000000000003", "requested": true}, {"seq": 6, "entity_id": "01900000-0000-7000-8000-000000000003", "requested": false}]', '2026-11-30 14:53:43.648839+00'),
	('delivery', 'create', '[{"seq": 1, "entity_id": "00000000-0000-8000-8000-000000000002", "requested": true}, {"seq": 2, "entity_id": "00000000-0000-8000-8000-000000000002", "requested": true}]', '2026-11-30 14:53:43.784878+00'),
	('lamp', 'put out', '[{"seq": 3, "entity_id": "01900000-0000-7000-8000-000000000001", "requested": true}, {"seq": 4, "entity_id": "01900000-0000-7000-8000-000000000001", "requested": true}]', '2026-11-30 14:53:44.288093+00');


--
-- Data for Name: eventsource_machine; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_machine VALUES
	('task', '89e2fe734749432f', '{"name": "task", "event_types": [{"name": "CREATED", "follows": {"op": "nothing"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "ASSIGNED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "but_not", "arg": {"op": "event", "name": "ASSIGNED"}}]}, "requires": ["assignee"], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "SCHEDULED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "but_not", "arg": {"op": "event", "name": "SCHEDULED"}}]}, "requires": ["deadline"], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "STARTED", "follows": {"op": "all_of", "args": [{"op": "event", "name": "ASSIGNED"}, {"op": "event", "name": "SCHEDULED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "REASSIGNED", "follows": {"op": "event", "name": "STARTED"}, "requires": ["assignee"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}, {"name": "RESCHEDULED", "follows": {"op": "event", "name": "STARTED"}, "requires": ["deadline"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}, {"name": "REVISED", "follows": {"op": "any_of", "args": [{"op": "event", "name": "CREATED"}, {"op": "event", "name": "STARTED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "alias", "event": "CREATED"}, "restarting": true, "auto_transition": false}, {"name": "CANCELED", "follows": {"op": "event", "name": "STARTED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "COMPLETED", "follows": {"op": "event", "name": "STARTED"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "ENDED", "follows": {"op": "event", "name": "COMPLETED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": true}]}', '2026-11-30 14:53:42.108706+00'),
	('delivery', '84d84bba9b55bbee', '{"name": "delivery", "event_types": [{"by": ["SENDER"], "name": "ORDERED", "follows": {"op": "nothing"}, "requires": ["address"], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"by": ["DRIVER"], "name": "LOADED", "follows": {"op": "event", "name": "ORDERED"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"by": ["DRIVER"], "name": "HANDED_OVER", "follows": {"op": "event", "name": "LOADED"}, "requires": [], "terminal": true, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 14:53:43.686288+00'),
	('sensor', 'e770ce8766cbce3c', '{"name": "sensor", "event_types": [{"name": "INSTALLED", "follows": {"op": "nothing"}, "requires": ["place", "labels"], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "MEASURED", "follows": {"op": "event", "name": "INSTALLED"}, "requires": ["celsius", "count", "offsets"], "terminal": false, "accumulate": {"op": "keep"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 14:53:43.884781+00'),
	('lamp', '876593960c624bd1', '{"name": "lamp", "event_types": [{"name": "PUT_OUT", "follows": {"op": "any_of", "args": [{"op": "event", "name": "LIT"}, {"op": "event", "name": "DIMMED"}]}, "requires": [], "terminal": false, "accumulate": {"op": "difference", "events": ["LIT", "DIMMED"]}, "restarting": false, "auto_transition": false}, {"name": "DIMMED", "follows": {"op": "event", "name": "LIT"}, "requires": [], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}, {"name": "WIRED", "follows": {"op": "nothing"}, "requires": [], "terminal": false, "accumulate": {"op": "current"}, "restarting": false, "auto_transition": false}, {"name": "LIT", "follows": {"op": "all_of", "args": [{"op": "event", "name": "WIRED"}, {"op": "but_not", "arg": {"op": "event", "name": "LIT"}}]}, "requires": [], "terminal": false, "accumulate": {"op": "union"}, "restarting": false, "auto_transition": false}]}', '2026-11-30 14:53:44.247774+00');


--
-- Data for Name: eventsource_sequencer; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_sequencer VALUES
	(1, 143, 1, '757:757:', 7713977817095776982, 0, NULL, 0);


--
-- Data for Name: eventsource_snapshot; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.eventsource_snapshot VALUES
	('01900000-0000-7000-8000-000000000004', 'task', 'story', -2140249721730708374, 4, '01a22cf2-8f4e-724e-8a80-f7028b51b470', '2026-11-30 14:53:43.605402+00', '2026-11-30 14:53:43.661456+00', '{"told":["CREATED","REVISED","REVISED","REVISED"]}'),
	('01900000-0000-7000-8000-000000000001', 'sensor', 'data', -1678939503306182570, 106, '01910000-0000-7000-9000-000000000069', '2026-04-21 09:30:00+00', '2026-11-30 14:53:44.108818+00', '{"place":{"building":"A","floor":-2},"labels":{"a":true,"b":null},"celsius":12.375,"count":99,"offsets":[-2147483648,0,2147483647],"note":"98"}');


--
-- Data for Name: lamp; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.lamp VALUES
	('01900000-0000-7000-8000-000000000001', 4, 1, 1, 2, '01a22cf2-91e0-7050-95a6-03c19fa489a8', '2026-11-30 14:53:44.215941+00', '2026-11-30 14:53:44.288093+00'),
	('01900000-0000-7000-8000-000000000002', 1, 1, 1, 0, '01a22cf2-91e9-778c-bf9b-1dff525bc21b', '2026-11-30 14:53:44.298002+00', '2026-11-30 14:53:44.298002+00');


--
-- Data for Name: lamp_event; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.lamp_event VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 142, '756', '01a22cf2-9197-74e0-95f7-a8521cc37efe', 0, 1, '2026-11-30 14:53:44.215941+00', 0, 0, '{}', '{}'),
	('01900000-0000-7000-8000-000000000001', 2, 1, 143, '756', '01a22cf2-9197-74e0-95f7-a8521cc37eff', 1, 3, '2026-11-30 14:53:44.215941+00', 1, 1, '{}', '{}'),
	('01900000-0000-7000-8000-000000000001', 3, 1, 144, '761', '01a22cf2-91e0-7050-95a6-03c19fa489a7', 3, 11, '2026-11-30 14:53:44.288093+00', 1, 3, '{}', '{"idempotency_key": "put out"}'),
	('01900000-0000-7000-8000-000000000001', 4, 1, 145, '761', '01a22cf2-91e0-7050-95a6-03c19fa489a8', 11, 1, '2026-11-30 14:53:44.288093+00', 1, 2, '{}', '{"idempotency_key": "put out"}'),
	('01900000-0000-7000-8000-000000000002', 1, 1, 146, '762', '01a22cf2-91e9-778c-bf9b-1dff525bc21b', 0, 1, '2026-11-30 14:53:44.298002+00', 0, 0, '{}', '{}');


--
-- Data for Name: sensor; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sensor VALUES
	('01900000-0000-7000-8000-000000000001', 106, 1, 1, 1, '01910000-0000-7000-9000-000000000069', '2026-04-21 09:30:00+00', '2026-04-21 09:31:45+00'),
	('01900000-0000-7000-8000-000000000002', 1, 1, 1, 0, '01a22cf2-90de-77b3-b4f0-ff35558c99e0', '1905-01-01 00:00:00.000001+00', '1905-01-01 00:00:00.000001+00');


--
-- Data for Name: sensor_event; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sensor_event VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 35, '750', '01910000-0000-7000-9000-000000000000', 0, 1, '2026-04-21 09:30:00+00', 0, 0, '{"place": {"floor": -2, "building": "A"}, "labels": {"a": true, "b": null}}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 2, 1, 36, '750', '01910000-0000-7000-9000-000000000001', 1, 1, '2026-04-21 09:30:01+00', 1, 1, '{"note": null, "count": 18446744073709551615, "celsius": 0.30000000000000004, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 3, 1, 37, '750', '01910000-0000-7000-9000-000000000002', 1, 1, '2026-04-21 09:30:02+00', 1, 1, '{"note": null, "count": 18446744073709551615, "celsius": 0.0000001, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 4, 1, 38, '750', '01910000-0000-7000-9000-000000000003', 1, 1, '2026-04-21 09:30:03+00', 1, 1, '{"note": null, "count": 18446744073709551615, "celsius": 1000000000000000000000, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 5, 1, 39, '750', '01910000-0000-7000-9000-000000000004', 1, 1, '2026-04-21 09:30:04+00', 1, 1, '{"note": null, "count": 18446744073709551615, "celsius": 0.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 6, 1, 40, '750', '01910000-0000-7000-9000-000000000005', 1, 1, '2026-04-21 09:30:05+00', 1, 1, '{"note": null, "count": 18446744073709551615, "celsius": 179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 7, 1, 41, '750', '01910000-0000-7000-9000-000000000006', 1, 1, '2026-04-21 09:30:06+00', 1, 1, '{"note": "0", "count": 0, "celsius": 0.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 8, 1, 42, '750', '01910000-0000-7000-9000-000000000007', 1, 1, '2026-04-21 09:30:07+00', 1, 1, '{"note": null, "count": 1, "celsius": 0.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 9, 1, 43, '750', '01910000-0000-7000-9000-000000000008', 1, 1, '2026-04-21 09:30:08+00', 1, 1, '{"note": "2", "count": 2, "celsius": 0.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 10, 1, 44, '750', '01910000-0000-7000-9000-000000000009', 1, 1, '2026-04-21 09:30:09+00', 1, 1, '{"note": null, "count": 3, "celsius": 0.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 11, 1, 45, '750', '01910000-0000-7000-9000-00000000000a', 1, 1, '2026-04-21 09:30:10+00', 1, 1, '{"note": "4", "count": 4, "celsius": 0.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 12, 1, 46, '750', '01910000-0000-7000-9000-00000000000b', 1, 1, '2026-04-21 09:30:11+00', 1, 1, '{"note": null, "count": 5, "celsius": 0.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 13, 1, 47, '750', '01910000-0000-7000-9000-00000000000c', 1, 1, '2026-04-21 09:30:12+00', 1, 1, '{"note": "6", "count": 6, "celsius": 0.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 14, 1, 48, '750', '01910000-0000-7000-9000-00000000000d', 1, 1, '2026-04-21 09:30:13+00', 1, 1, '{"note": null, "count": 7, "celsius": 0.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 15, 1, 49, '750', '01910000-0000-7000-9000-00000000000e', 1, 1, '2026-04-21 09:30:14+00', 1, 1, '{"note": "8", "count": 8, "celsius": 1.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 16, 1, 50, '750', '01910000-0000-7000-9000-00000000000f', 1, 1, '2026-04-21 09:30:15+00', 1, 1, '{"note": null, "count": 9, "celsius": 1.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 17, 1, 51, '750', '01910000-0000-7000-9000-000000000010', 1, 1, '2026-04-21 09:30:16+00', 1, 1, '{"note": "10", "count": 10, "celsius": 1.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 18, 1, 52, '750', '01910000-0000-7000-9000-000000000011', 1, 1, '2026-04-21 09:30:17+00', 1, 1, '{"note": null, "count": 11, "celsius": 1.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 19, 1, 53, '750', '01910000-0000-7000-9000-000000000012', 1, 1, '2026-04-21 09:30:18+00', 1, 1, '{"note": "12", "count": 12, "celsius": 1.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 20, 1, 54, '750', '01910000-0000-7000-9000-000000000013', 1, 1, '2026-04-21 09:30:19+00', 1, 1, '{"note": null, "count": 13, "celsius": 1.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 21, 1, 55, '750', '01910000-0000-7000-9000-000000000014', 1, 1, '2026-04-21 09:30:20+00', 1, 1, '{"note": "14", "count": 14, "celsius": 1.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 22, 1, 56, '750', '01910000-0000-7000-9000-000000000015', 1, 1, '2026-04-21 09:30:21+00', 1, 1, '{"note": null, "count": 15, "celsius": 1.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 23, 1, 57, '750', '01910000-0000-7000-9000-000000000016', 1, 1, '2026-04-21 09:30:22+00', 1, 1, '{"note": "16", "count": 16, "celsius": 2.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 24, 1, 58, '750', '01910000-0000-7000-9000-000000000017', 1, 1, '2026-04-21 09:30:23+00', 1, 1, '{"note": null, "count": 17, "celsius": 2.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 25, 1, 59, '750', '01910000-0000-7000-9000-000000000018', 1, 1, '2026-04-21 09:30:24+00', 1, 1, '{"note": "18", "count": 18, "celsius": 2.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 26, 1, 60, '750', '01910000-0000-7000-9000-000000000019', 1, 1, '2026-04-21 09:30:25+00', 1, 1, '{"note": null, "count": 19, "celsius": 2.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 27, 1, 61, '750', '01910000-0000-7000-9000-00000000001a', 1, 1, '2026-04-21 09:30:26+00', 1, 1, '{"note": "20", "count": 20, "celsius": 2.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 28, 1, 62, '750', '01910000-0000-7000-9000-00000000001b', 1, 1, '2026-04-21 09:30:27+00', 1, 1, '{"note": null, "count": 21, "celsius": 2.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 29, 1, 63, '750', '01910000-0000-7000-9000-00000000001c', 1, 1, '2026-04-21 09:30:28+00', 1, 1, '{"note": "22", "count": 22, "celsius": 2.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 30, 1, 64, '750', '01910000-0000-7000-9000-00000000001d', 1, 1, '2026-04-21 09:30:29+00', 1, 1, '{"note": null, "count": 23, "celsius": 2.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 31, 1, 65, '750', '01910000-0000-7000-9000-00000000001e', 1, 1, '2026-04-21 09:30:30+00', 1, 1, '{"note": "24", "count": 24, "celsius": 3.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 32, 1, 66, '750', '01910000-0000-7000-9000-00000000001f', 1, 1, '2026-04-21 09:30:31+00', 1, 1, '{"note": null, "count": 25, "celsius": 3.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 33, 1, 67, '750', '01910000-0000-7000-9000-000000000020', 1, 1, '2026-04-21 09:30:32+00', 1, 1, '{"note": "26", "count": 26, "celsius": 3.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 34, 1, 68, '750', '01910000-0000-7000-9000-000000000021', 1, 1, '2026-04-21 09:30:33+00', 1, 1, '{"note": null, "count": 27, "celsius": 3.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 35, 1, 69, '750', '01910000-0000-7000-9000-000000000022', 1, 1, '2026-04-21 09:30:34+00', 1, 1, '{"note": "28", "count": 28, "celsius": 3.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 36, 1, 70, '750', '01910000-0000-7000-9000-000000000023', 1, 1, '2026-04-21 09:30:35+00', 1, 1, '{"note": null, "count": 29, "celsius": 3.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 37, 1, 71, '750', '01910000-0000-7000-9000-000000000024', 1, 1, '2026-04-21 09:30:36+00', 1, 1, '{"note": "30", "count": 30, "celsius": 3.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 38, 1, 72, '750', '01910000-0000-7000-9000-000000000025', 1, 1, '2026-04-21 09:30:37+00', 1, 1, '{"note": null, "count": 31, "celsius": 3.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 39, 1, 73, '750', '01910000-0000-7000-9000-000000000026', 1, 1, '2026-04-21 09:30:38+00', 1, 1, '{"note": "32", "count": 32, "celsius": 4.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 40, 1, 74, '750', '01910000-0000-7000-9000-000000000027', 1, 1, '2026-04-21 09:30:39+00', 1, 1, '{"note": null, "count": 33, "celsius": 4.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 41, 1, 75, '750', '01910000-0000-7000-9000-000000000028', 1, 1, '2026-04-21 09:30:40+00', 1, 1, '{"note": "34", "count": 34, "celsius": 4.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 42, 1, 76, '750', '01910000-0000-7000-9000-000000000029', 1, 1, '2026-04-21 09:30:41+00', 1, 1, '{"note": null, "count": 35, "celsius": 4.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 43, 1, 77, '750', '01910000-0000-7000-9000-00000000002a', 1, 1, '2026-04-21 09:30:42+00', 1, 1, '{"note": "36", "count": 36, "celsius": 4.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 44, 1, 78, '750', '01910000-0000-7000-9000-00000000002b', 1, 1, '2026-04-21 09:30:43+00', 1, 1, '{"note": null, "count": 37, "celsius": 4.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 45, 1, 79, '750', '01910000-0000-7000-9000-00000000002c', 1, 1, '2026-04-21 09:30:44+00', 1, 1, '{"note": "38", "count": 38, "celsius": 4.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 46, 1, 80, '750', '01910000-0000-7000-9000-00000000002d', 1, 1, '2026-04-21 09:30:45+00', 1, 1, '{"note": null, "count": 39, "celsius": 4.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 47, 1, 81, '750', '01910000-0000-7000-9000-00000000002e', 1, 1, '2026-04-21 09:30:46+00', 1, 1, '{"note": "40", "count": 40, "celsius": 5.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 48, 1, 82, '750', '01910000-0000-7000-9000-00000000002f', 1, 1, '2026-04-21 09:30:47+00', 1, 1, '{"note": null, "count": 41, "celsius": 5.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 49, 1, 83, '750', '01910000-0000-7000-9000-000000000030', 1, 1, '2026-04-21 09:30:48+00', 1, 1, '{"note": "42", "count": 42, "celsius": 5.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 50, 1, 84, '750', '01910000-0000-7000-9000-000000000031', 1, 1, '2026-04-21 09:30:49+00', 1, 1, '{"note": null, "count": 43, "celsius": 5.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 51, 1, 85, '750', '01910000-0000-7000-9000-000000000032', 1, 1, '2026-04-21 09:30:50+00', 1, 1, '{"note": "44", "count": 44, "celsius": 5.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 52, 1, 86, '750', '01910000-0000-7000-9000-000000000033', 1, 1, '2026-04-21 09:30:51+00', 1, 1, '{"note": null, "count": 45, "celsius": 5.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 53, 1, 87, '750', '01910000-0000-7000-9000-000000000034', 1, 1, '2026-04-21 09:30:52+00', 1, 1, '{"note": "46", "count": 46, "celsius": 5.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 54, 1, 88, '750', '01910000-0000-7000-9000-000000000035', 1, 1, '2026-04-21 09:30:53+00', 1, 1, '{"note": null, "count": 47, "celsius": 5.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 55, 1, 89, '750', '01910000-0000-7000-9000-000000000036', 1, 1, '2026-04-21 09:30:54+00', 1, 1, '{"note": "48", "count": 48, "celsius": 6.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 56, 1, 90, '750', '01910000-0000-7000-9000-000000000037', 1, 1, '2026-04-21 09:30:55+00', 1, 1, '{"note": null, "count": 49, "celsius": 6.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 57, 1, 91, '750', '01910000-0000-7000-9000-000000000038', 1, 1, '2026-04-21 09:30:56+00', 1, 1, '{"note": "50", "count": 50, "celsius": 6.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 58, 1, 92, '750', '01910000-0000-7000-9000-000000000039', 1, 1, '2026-04-21 09:30:57+00', 1, 1, '{"note": null, "count": 51, "celsius": 6.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 59, 1, 93, '750', '01910000-0000-7000-9000-00000000003a', 1, 1, '2026-04-21 09:30:58+00', 1, 1, '{"note": "52", "count": 52, "celsius": 6.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 60, 1, 94, '750', '01910000-0000-7000-9000-00000000003b', 1, 1, '2026-04-21 09:30:59+00', 1, 1, '{"note": null, "count": 53, "celsius": 6.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 61, 1, 95, '750', '01910000-0000-7000-9000-00000000003c', 1, 1, '2026-04-21 09:31:00+00', 1, 1, '{"note": "54", "count": 54, "celsius": 6.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 62, 1, 96, '750', '01910000-0000-7000-9000-00000000003d', 1, 1, '2026-04-21 09:31:01+00', 1, 1, '{"note": null, "count": 55, "celsius": 6.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 63, 1, 97, '750', '01910000-0000-7000-9000-00000000003e', 1, 1, '2026-04-21 09:31:02+00', 1, 1, '{"note": "56", "count": 56, "celsius": 7.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 64, 1, 98, '750', '01910000-0000-7000-9000-00000000003f', 1, 1, '2026-04-21 09:31:03+00', 1, 1, '{"note": null, "count": 57, "celsius": 7.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 65, 1, 99, '750', '01910000-0000-7000-9000-000000000040', 1, 1, '2026-04-21 09:31:04+00', 1, 1, '{"note": "58", "count": 58, "celsius": 7.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 66, 1, 100, '750', '01910000-0000-7000-9000-000000000041', 1, 1, '2026-04-21 09:31:05+00', 1, 1, '{"note": null, "count": 59, "celsius": 7.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 67, 1, 101, '750', '01910000-0000-7000-9000-000000000042', 1, 1, '2026-04-21 09:31:06+00', 1, 1, '{"note": "60", "count": 60, "celsius": 7.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 68, 1, 102, '750', '01910000-0000-7000-9000-000000000043', 1, 1, '2026-04-21 09:31:07+00', 1, 1, '{"note": null, "count": 61, "celsius": 7.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 69, 1, 103, '750', '01910000-0000-7000-9000-000000000044', 1, 1, '2026-04-21 09:31:08+00', 1, 1, '{"note": "62", "count": 62, "celsius": 7.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 70, 1, 104, '750', '01910000-0000-7000-9000-000000000045', 1, 1, '2026-04-21 09:31:09+00', 1, 1, '{"note": null, "count": 63, "celsius": 7.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 71, 1, 105, '750', '01910000-0000-7000-9000-000000000046', 1, 1, '2026-04-21 09:31:10+00', 1, 1, '{"note": "64", "count": 64, "celsius": 8.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 72, 1, 106, '750', '01910000-0000-7000-9000-000000000047', 1, 1, '2026-04-21 09:31:11+00', 1, 1, '{"note": null, "count": 65, "celsius": 8.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 73, 1, 107, '750', '01910000-0000-7000-9000-000000000048', 1, 1, '2026-04-21 09:31:12+00', 1, 1, '{"note": "66", "count": 66, "celsius": 8.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 74, 1, 108, '750', '01910000-0000-7000-9000-000000000049', 1, 1, '2026-04-21 09:31:13+00', 1, 1, '{"note": null, "count": 67, "celsius": 8.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 75, 1, 109, '750', '01910000-0000-7000-9000-00000000004a', 1, 1, '2026-04-21 09:31:14+00', 1, 1, '{"note": "68", "count": 68, "celsius": 8.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 76, 1, 110, '750', '01910000-0000-7000-9000-00000000004b', 1, 1, '2026-04-21 09:31:15+00', 1, 1, '{"note": null, "count": 69, "celsius": 8.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 77, 1, 111, '750', '01910000-0000-7000-9000-00000000004c', 1, 1, '2026-04-21 09:31:16+00', 1, 1, '{"note": "70", "count": 70, "celsius": 8.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 78, 1, 112, '750', '01910000-0000-7000-9000-00000000004d', 1, 1, '2026-04-21 09:31:17+00', 1, 1, '{"note": null, "count": 71, "celsius": 8.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 79, 1, 113, '750', '01910000-0000-7000-9000-00000000004e', 1, 1, '2026-04-21 09:31:18+00', 1, 1, '{"note": "72", "count": 72, "celsius": 9.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 80, 1, 114, '750', '01910000-0000-7000-9000-00000000004f', 1, 1, '2026-04-21 09:31:19+00', 1, 1, '{"note": null, "count": 73, "celsius": 9.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 81, 1, 115, '750', '01910000-0000-7000-9000-000000000050', 1, 1, '2026-04-21 09:31:20+00', 1, 1, '{"note": "74", "count": 74, "celsius": 9.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 82, 1, 116, '750', '01910000-0000-7000-9000-000000000051', 1, 1, '2026-04-21 09:31:21+00', 1, 1, '{"note": null, "count": 75, "celsius": 9.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 83, 1, 117, '750', '01910000-0000-7000-9000-000000000052', 1, 1, '2026-04-21 09:31:22+00', 1, 1, '{"note": "76", "count": 76, "celsius": 9.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 84, 1, 118, '750', '01910000-0000-7000-9000-000000000053', 1, 1, '2026-04-21 09:31:23+00', 1, 1, '{"note": null, "count": 77, "celsius": 9.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 85, 1, 119, '750', '01910000-0000-7000-9000-000000000054', 1, 1, '2026-04-21 09:31:24+00', 1, 1, '{"note": "78", "count": 78, "celsius": 9.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 86, 1, 120, '750', '01910000-0000-7000-9000-000000000055', 1, 1, '2026-04-21 09:31:25+00', 1, 1, '{"note": null, "count": 79, "celsius": 9.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 87, 1, 121, '750', '01910000-0000-7000-9000-000000000056', 1, 1, '2026-04-21 09:31:26+00', 1, 1, '{"note": "80", "count": 80, "celsius": 10.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 88, 1, 122, '750', '01910000-0000-7000-9000-000000000057', 1, 1, '2026-04-21 09:31:27+00', 1, 1, '{"note": null, "count": 81, "celsius": 10.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 89, 1, 123, '750', '01910000-0000-7000-9000-000000000058', 1, 1, '2026-04-21 09:31:28+00', 1, 1, '{"note": "82", "count": 82, "celsius": 10.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 90, 1, 124, '750', '01910000-0000-7000-9000-000000000059', 1, 1, '2026-04-21 09:31:29+00', 1, 1, '{"note": null, "count": 83, "celsius": 10.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 91, 1, 125, '750', '01910000-0000-7000-9000-00000000005a', 1, 1, '2026-04-21 09:31:30+00', 1, 1, '{"note": "84", "count": 84, "celsius": 10.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 92, 1, 126, '750', '01910000-0000-7000-9000-00000000005b', 1, 1, '2026-04-21 09:31:31+00', 1, 1, '{"note": null, "count": 85, "celsius": 10.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 93, 1, 127, '750', '01910000-0000-7000-9000-00000000005c', 1, 1, '2026-04-21 09:31:32+00', 1, 1, '{"note": "86", "count": 86, "celsius": 10.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 94, 1, 128, '750', '01910000-0000-7000-9000-00000000005d', 1, 1, '2026-04-21 09:31:33+00', 1, 1, '{"note": null, "count": 87, "celsius": 10.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 95, 1, 129, '750', '01910000-0000-7000-9000-00000000005e', 1, 1, '2026-04-21 09:31:34+00', 1, 1, '{"note": "88", "count": 88, "celsius": 11.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 96, 1, 130, '750', '01910000-0000-7000-9000-00000000005f', 1, 1, '2026-04-21 09:31:35+00', 1, 1, '{"note": null, "count": 89, "celsius": 11.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 97, 1, 131, '750', '01910000-0000-7000-9000-000000000060', 1, 1, '2026-04-21 09:31:36+00', 1, 1, '{"note": "90", "count": 90, "celsius": 11.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 98, 1, 132, '750', '01910000-0000-7000-9000-000000000061', 1, 1, '2026-04-21 09:31:37+00', 1, 1, '{"note": null, "count": 91, "celsius": 11.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 99, 1, 133, '750', '01910000-0000-7000-9000-000000000062', 1, 1, '2026-04-21 09:31:38+00', 1, 1, '{"note": "92", "count": 92, "celsius": 11.5, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 100, 1, 134, '750', '01910000-0000-7000-9000-000000000063', 1, 1, '2026-04-21 09:31:39+00', 1, 1, '{"note": null, "count": 93, "celsius": 11.625, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}');
INSERT INTO public.sensor_event VALUES
	('01900000-0000-7000-8000-000000000001', 101, 1, 135, '750', '01910000-0000-7000-9000-000000000064', 1, 1, '2026-04-21 09:31:40+00', 1, 1, '{"note": "94", "count": 94, "celsius": 11.75, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 102, 1, 136, '750', '01910000-0000-7000-9000-000000000065', 1, 1, '2026-04-21 09:31:41+00', 1, 1, '{"note": null, "count": 95, "celsius": 11.875, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 103, 1, 137, '750', '01910000-0000-7000-9000-000000000066', 1, 1, '2026-04-21 09:31:42+00', 1, 1, '{"note": "96", "count": 96, "celsius": 12.0, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 104, 1, 138, '750', '01910000-0000-7000-9000-000000000067', 1, 1, '2026-04-21 09:31:43+00', 1, 1, '{"note": null, "count": 97, "celsius": 12.125, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 105, 1, 139, '750', '01910000-0000-7000-9000-000000000068', 1, 1, '2026-04-21 09:31:44+00', 1, 1, '{"note": "98", "count": 98, "celsius": 12.25, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000001', 106, 1, 140, '750', '01910000-0000-7000-9000-000000000069', 1, 1, '2026-04-21 09:31:45+00', 1, 1, '{"note": null, "count": 99, "celsius": 12.375, "offsets": [-2147483648, 0, 2147483647]}', '{"actor": "importer"}'),
	('01900000-0000-7000-8000-000000000002', 1, 1, 141, '752', '01a22cf2-90de-77b3-b4f0-ff35558c99e0', 0, 1, '1905-01-01 00:00:00.000001+00', 0, 0, '{"place": {"floor": -2, "building": "A"}, "labels": {"a": true, "b": null}}', '{}');


--
-- Data for Name: task; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.task VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 1, 0, '01a22cf2-8f1a-71f0-a5cc-bdd17efbbb14', '2026-11-30 14:53:43.578179+00', '2026-11-30 14:53:43.578179+00'),
	('01900000-0000-7000-8000-000000000002', 2, 1, 3, 1, '01a22cf2-8f1d-7092-b058-273ffb4f6bfe', '2026-11-30 14:53:43.581373+00', '2026-11-30 14:53:43.581373+00'),
	('01900000-0000-7000-8000-000000000008', 4, 1, 8, 3, '01a22cf2-8f33-707f-a8a2-401c31af577d', '2026-11-30 14:53:43.603792+00', '2026-11-30 14:53:43.603792+00'),
	('01900000-0000-7000-8000-000000000005', 5, 1, 128, 7, '01a22cf2-8f50-71a3-b9ea-e4f22254715f', '2026-11-30 14:53:43.602039+00', '2026-11-30 14:53:43.632915+00'),
	('01900000-0000-7000-8000-000000000006', 1, 1, 1, 0, '01a22cf2-8f51-7023-b14b-07dfacd1b9be', '2026-11-30 14:53:43.633971+00', '2026-11-30 14:53:43.633971+00'),
	('01900000-0000-7000-8000-000000000007', 2, 1, 3, 1, '01a22cf2-8f51-7023-b14b-07e0c470cd40', '2026-11-30 14:53:43.633971+00', '2026-11-30 14:53:43.633971+00'),
	('01900000-0000-7000-8000-000000000003', 6, 1, 512, 9, '01a22cf2-8f60-7753-a83e-8048eff34ea1', '2026-11-30 14:53:43.593171+00', '2026-11-30 14:53:43.648839+00'),
	('01900000-0000-7000-8000-000000000004', 5, 5, 1, 6, '01a22cf2-8f74-7252-9c2a-4c0257fcf625', '2026-11-30 14:53:43.605402+00', '2026-11-30 14:53:43.66839+00');


--
-- Data for Name: task_event; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.task_event VALUES
	('01900000-0000-7000-8000-000000000001', 1, 1, 1, '728', '01a22cf2-8f1a-71f0-a5cc-bdd17efbbb14', 0, 1, '2026-11-30 14:53:43.578179+00', 0, 0, '{"description": null}', '{}'),
	('01900000-0000-7000-8000-000000000002', 1, 1, 2, '729', '01a22cf2-8f1d-7092-b058-273ffb4f6bfd', 0, 1, '2026-11-30 14:53:43.581373+00', 0, 0, '{"description": "it''s \"quoted\" \\ in two\nlines,   and ü€😀"}', '{"actor": "ann", "roles": ["ADMIN", "EDITOR"], "causation_id": "a click", "correlation_id": "order 7"}'),
	('01900000-0000-7000-8000-000000000002', 2, 1, 3, '729', '01a22cf2-8f1d-7092-b058-273ffb4f6bfe', 1, 3, '2026-11-30 14:53:43.581373+00', 1, 1, '{"assignee": "bob"}', '{"actor": "ann", "roles": ["ADMIN", "EDITOR"], "causation_id": "a click", "correlation_id": "order 7"}'),
	('01900000-0000-7000-8000-000000000003', 1, 1, 4, '730', '01a22cf2-8f29-7010-a652-4c7832235796', 0, 1, '2026-11-30 14:53:43.593171+00', 0, 0, '{"description": "to be started"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000003', 2, 1, 5, '730', '01a22cf2-8f29-7010-a652-4c7832235797', 1, 3, '2026-11-30 14:53:43.593171+00', 1, 1, '{"assignee": "ann"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000003', 3, 1, 6, '730', '01a22cf2-8f29-7010-a652-4c7832235798', 3, 7, '2026-11-30 14:53:43.593171+00', 1, 2, '{"deadline": "2026-04-21T11:30:00Z"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000003', 4, 1, 7, '730', '01a22cf2-8f29-7010-a652-4c7832235799', 7, 8, '2026-11-30 14:53:43.593171+00', 1, 3, '{}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000005', 1, 1, 8, '731', '01a22cf2-8f32-75d9-96f1-e9f173a00d87', 0, 1, '2026-11-30 14:53:43.602039+00', 0, 0, '{"description": "to be started"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000005', 2, 1, 9, '731', '01a22cf2-8f32-75d9-96f1-e9f173a00d88', 1, 3, '2026-11-30 14:53:43.602039+00', 1, 1, '{"assignee": "ann"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000005', 3, 1, 10, '731', '01a22cf2-8f32-75d9-96f1-e9f173a00d89', 3, 7, '2026-11-30 14:53:43.602039+00', 1, 2, '{"deadline": "2026-04-21T11:30:00Z"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000005', 4, 1, 11, '731', '01a22cf2-8f32-75d9-96f1-e9f173a00d8a', 7, 8, '2026-11-30 14:53:43.602039+00', 1, 3, '{}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000008', 1, 1, 12, '732', '01a22cf2-8f33-707f-a8a2-401c31af577a', 0, 1, '2026-11-30 14:53:43.603792+00', 0, 0, '{"description": "to be started"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000008', 2, 1, 13, '732', '01a22cf2-8f33-707f-a8a2-401c31af577b', 1, 3, '2026-11-30 14:53:43.603792+00', 1, 1, '{"assignee": "ann"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000008', 3, 1, 14, '732', '01a22cf2-8f33-707f-a8a2-401c31af577c', 3, 7, '2026-11-30 14:53:43.603792+00', 1, 2, '{"deadline": "2026-04-21T11:30:00Z"}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000008', 4, 1, 15, '732', '01a22cf2-8f33-707f-a8a2-401c31af577d', 7, 8, '2026-11-30 14:53:43.603792+00', 1, 3, '{}', '{"actor": "zoe"}'),
	('01900000-0000-7000-8000-000000000004', 1, 1, 16, '733', '01a22cf2-8f35-73b0-b382-9a5b1d93e817', 0, 1, '2026-11-30 14:53:43.605402+00', 0, 0, '{"description": null}', '{}'),
	('01900000-0000-7000-8000-000000000004', 2, 2, 17, '734', '01a22cf2-8f36-727c-8fcc-b7e686a58dd5', 1, 1, '2026-11-30 14:53:43.606867+00', 1, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000004', 3, 3, 18, '735', '01a22cf2-8f46-70c5-8b37-70ac355461f7', 1, 1, '2026-11-30 14:53:43.62202+00', 2, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000004', 4, 4, 19, '736', '01a22cf2-8f4e-724e-8a80-f7028b51b470', 1, 1, '2026-11-30 14:53:43.630217+00', 3, 6, '{}', '{}'),
	('01900000-0000-7000-8000-000000000005', 5, 1, 20, '737', '01a22cf2-8f50-71a3-b9ea-e4f22254715f', 8, 128, '2026-11-30 14:53:43.632915+00', 1, 7, '{}', '{}'),
	('01900000-0000-7000-8000-000000000006', 1, 1, 21, '738', '01a22cf2-8f51-7023-b14b-07dfacd1b9be', 0, 1, '2026-11-30 14:53:43.633971+00', 0, 0, '{"description": "a pair"}', '{"idempotency_key": "pair"}'),
	('01900000-0000-7000-8000-000000000007', 1, 1, 22, '738', '01a22cf2-8f51-7023-b14b-07e0c470cd3f', 0, 1, '2026-11-30 14:53:43.633971+00', 0, 0, '{"description": null}', '{"idempotency_key": "pair"}'),
	('01900000-0000-7000-8000-000000000007', 2, 1, 23, '738', '01a22cf2-8f51-7023-b14b-07e0c470cd40', 1, 3, '2026-11-30 14:53:43.633971+00', 1, 1, '{"assignee": "ann"}', '{"idempotency_key": "pair"}'),
	('01900000-0000-7000-8000-000000000003', 5, 1, 24, '739', '01a22cf2-8f60-7753-a83e-8048eff34ea0', 8, 256, '2026-11-30 14:53:43.648839+00', 1, 8, '{}', '{"actor": "bob", "idempotency_key": "complete"}'),
	('01900000-0000-7000-8000-000000000003', 6, 1, 25, '739', '01a22cf2-8f60-7753-a83e-8048eff34ea1', 256, 512, '2026-11-30 14:53:43.648839+00', 1, 9, '{}', '{"actor": "bob", "idempotency_key": "complete"}'),
	('01900000-0000-7000-8000-000000000004', 5, 5, 26, '741', '01a22cf2-8f74-7252-9c2a-4c0257fcf625', 1, 1, '2026-11-30 14:53:43.66839+00', 4, 6, '{}', '{}');


--
-- Name: eventsource_clock; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.eventsource_clock', 146, true);


--
-- Name: delivery_event delivery_event_event_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.delivery_event
    ADD CONSTRAINT delivery_event_event_id UNIQUE (event_id, delivery_id);


--
-- Name: delivery_event delivery_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.delivery_event
    ADD CONSTRAINT delivery_event_pkey PRIMARY KEY (delivery_id, seq);


--
-- Name: delivery delivery_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);


--
-- Name: eventsource_counter eventsource_counter_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_counter
    ADD CONSTRAINT eventsource_counter_pkey PRIMARY KEY (entity);


--
-- Name: eventsource_event_type eventsource_event_type_entity_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_event_type
    ADD CONSTRAINT eventsource_event_type_entity_name_key UNIQUE (entity, name);


--
-- Name: eventsource_event_type eventsource_event_type_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_event_type
    ADD CONSTRAINT eventsource_event_type_pkey PRIMARY KEY (entity, number);


--
-- Name: eventsource_feed_entity eventsource_feed_entity_entity_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_feed_entity
    ADD CONSTRAINT eventsource_feed_entity_entity_key UNIQUE (entity);


--
-- Name: eventsource_feed_entity eventsource_feed_entity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_feed_entity
    ADD CONSTRAINT eventsource_feed_entity_pkey PRIMARY KEY (number);


--
-- Name: eventsource_feed eventsource_feed_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_feed
    ADD CONSTRAINT eventsource_feed_pkey PRIMARY KEY ("position");


--
-- Name: eventsource_idempotency eventsource_idempotency_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_idempotency
    ADD CONSTRAINT eventsource_idempotency_pkey PRIMARY KEY (entity, key);


--
-- Name: eventsource_machine eventsource_machine_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_machine
    ADD CONSTRAINT eventsource_machine_pkey PRIMARY KEY (entity);


--
-- Name: eventsource_sequencer eventsource_sequencer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_sequencer
    ADD CONSTRAINT eventsource_sequencer_pkey PRIMARY KEY (id);


--
-- Name: eventsource_snapshot eventsource_snapshot_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.eventsource_snapshot
    ADD CONSTRAINT eventsource_snapshot_pkey PRIMARY KEY (entity_id, entity, fold);


--
-- Name: lamp_event lamp_event_event_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lamp_event
    ADD CONSTRAINT lamp_event_event_id UNIQUE (event_id, lamp_id);


--
-- Name: lamp_event lamp_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lamp_event
    ADD CONSTRAINT lamp_event_pkey PRIMARY KEY (lamp_id, seq);


--
-- Name: lamp lamp_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lamp
    ADD CONSTRAINT lamp_pkey PRIMARY KEY (id);


--
-- Name: sensor_event sensor_event_event_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sensor_event
    ADD CONSTRAINT sensor_event_event_id UNIQUE (event_id, sensor_id);


--
-- Name: sensor_event sensor_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sensor_event
    ADD CONSTRAINT sensor_event_pkey PRIMARY KEY (sensor_id, seq);


--
-- Name: sensor sensor_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sensor
    ADD CONSTRAINT sensor_pkey PRIMARY KEY (id);


--
-- Name: task_event task_event_event_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task_event
    ADD CONSTRAINT task_event_event_id UNIQUE (event_id, task_id);


--
-- Name: task_event task_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task_event
    ADD CONSTRAINT task_event_pkey PRIMARY KEY (task_id, seq);


--
-- Name: task task_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);


--
-- Name: delivery_event_by_clock; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX delivery_event_by_clock ON public.delivery_event USING btree (clock);


--
-- Name: delivery_event_by_xid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX delivery_event_by_xid ON public.delivery_event USING btree (xid);


--
-- Name: lamp_event_by_clock; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX lamp_event_by_clock ON public.lamp_event USING btree (clock);


--
-- Name: lamp_event_by_xid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX lamp_event_by_xid ON public.lamp_event USING btree (xid);


--
-- Name: sensor_event_by_clock; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sensor_event_by_clock ON public.sensor_event USING btree (clock);


--
-- Name: sensor_event_by_xid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sensor_event_by_xid ON public.sensor_event USING btree (xid);


--
-- Name: task_event_by_clock; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX task_event_by_clock ON public.task_event USING btree (clock);


--
-- Name: task_event_by_xid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX task_event_by_xid ON public.task_event USING btree (xid);


--
-- Name: delivery_event delivery_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER delivery_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.delivery_event FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: delivery delivery_event_counted; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER delivery_event_counted BEFORE INSERT ON public.delivery FOR EACH ROW EXECUTE FUNCTION public.delivery_event_counted();


--
-- Name: delivery delivery_event_keeps_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER delivery_event_keeps_heads BEFORE DELETE OR TRUNCATE ON public.delivery FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: delivery delivery_event_leads_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER delivery_event_leads_heads BEFORE INSERT OR UPDATE ON public.delivery FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.delivery_event_leads_heads();


--
-- Name: delivery_event delivery_event_moves_head; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER delivery_event_moves_head AFTER INSERT ON public.delivery_event REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION public.delivery_event_moves_head();


--
-- Name: eventsource_counter eventsource_counter_forward; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER eventsource_counter_forward BEFORE UPDATE ON public.eventsource_counter FOR EACH ROW WHEN (((new.last < old.last) OR (new.entity <> old.entity))) EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: eventsource_counter eventsource_counter_stays; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER eventsource_counter_stays BEFORE DELETE OR TRUNCATE ON public.eventsource_counter FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: eventsource_feed eventsource_feed_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER eventsource_feed_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.eventsource_feed FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: lamp_event lamp_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lamp_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.lamp_event FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: lamp lamp_event_keeps_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lamp_event_keeps_heads BEFORE DELETE OR TRUNCATE ON public.lamp FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: lamp lamp_event_leads_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lamp_event_leads_heads BEFORE INSERT OR UPDATE ON public.lamp FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.lamp_event_leads_heads();


--
-- Name: lamp_event lamp_event_moves_head; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lamp_event_moves_head AFTER INSERT ON public.lamp_event REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION public.lamp_event_moves_head();


--
-- Name: sensor_event sensor_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sensor_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.sensor_event FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: sensor sensor_event_keeps_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sensor_event_keeps_heads BEFORE DELETE OR TRUNCATE ON public.sensor FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: sensor sensor_event_leads_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sensor_event_leads_heads BEFORE INSERT OR UPDATE ON public.sensor FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.sensor_event_leads_heads();


--
-- Name: sensor_event sensor_event_moves_head; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sensor_event_moves_head AFTER INSERT ON public.sensor_event REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION public.sensor_event_moves_head();


--
-- Name: task_event task_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER task_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.task_event FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: task task_event_keeps_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER task_event_keeps_heads BEFORE DELETE OR TRUNCATE ON public.task FOR EACH STATEMENT EXECUTE FUNCTION public.eventsource_append_only();


--
-- Name: task task_event_leads_heads; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER task_event_leads_heads BEFORE INSERT OR UPDATE ON public.task FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.task_event_leads_heads();


--
-- Name: task_event task_event_moves_head; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER task_event_moves_head AFTER INSERT ON public.task_event REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION public.task_event_moves_head();


--
-- Name: FUNCTION delivery_event_moves_head(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.delivery_event_moves_head() FROM PUBLIC;


--
-- Name: FUNCTION lamp_event_moves_head(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lamp_event_moves_head() FROM PUBLIC;


--
-- Name: FUNCTION sensor_event_moves_head(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.sensor_event_moves_head() FROM PUBLIC;


--
-- Name: FUNCTION task_event_moves_head(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.task_event_moves_head() FROM PUBLIC;


--
-- PostgreSQL database dump complete
--


