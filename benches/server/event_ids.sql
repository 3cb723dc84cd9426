\t on
\pset format unaligned
SET client_min_messages TO error;
CREATE TEMPORARY TABLE took (micros double precision);
-- Ids of version 7 begin with the time.
CREATE FUNCTION pg_temp.id(number bigint) RETURNS uuid LANGUAGE sql AS $$
    SELECT CAST(lpad(to_hex(number), 12, '0') || '7' || substr(md5(CAST(random() AS text)), 1, 19) AS uuid)
$$;
SELECT set_config('bench.statements', :'statements', false) \g /dev/null
DO $$
DECLARE began timestamptz; spent interval := '0'; statements integer := current_setting('bench.statements');
BEGIN
    FOR statement IN 1..statements LOOP
        CREATE TEMPORARY TABLE next ON COMMIT DROP AS
        SELECT entity.id, seq, pg_temp.id(statement * 1000 + n * 3 + seq) AS event_id
        FROM (SELECT n, pg_temp.id(statement * 1000 + n) AS id FROM generate_series(1, 100) AS n) AS entity,
            generate_series(1, 3) AS seq;
        began := clock_timestamp();
        INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state, prior_version,
            version, recorded_at, data, metadata)
        SELECT id, seq, event_id, seq - 1, ('{0,1,3}'::bigint[])[seq], ('{1,3,7}'::bigint[])[seq],
            least(seq - 1, 1), 1, now(),
            '{"assignee":"somebody","deadline":"2026-04-21T00:00:00Z"}', '{}'
        FROM next ORDER BY id, seq;
        spent := spent + (clock_timestamp() - began);
        DROP TABLE next;
        COMMIT;
    END LOOP;
    INSERT INTO took VALUES (extract(epoch FROM spent) * 1000000 / (300 * statements));
END $$;
SELECT round(micros::numeric, 1) FROM took;
