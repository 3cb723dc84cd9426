\set n random(1, 2000)
WITH found AS MATERIALIZED (
    SELECT * FROM task WHERE id = ('00000000-0000-0000-0000-' || lpad(:n::text, 12, '0'))::uuid
    FOR UPDATE SKIP LOCKED
), stored AS (
    INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state, prior_version, version,
        recorded_at, data, metadata)
    SELECT id, seq + 1, gen_random_uuid(), 4::smallint, state, state & -1::bigint | 0::bigint, version,
        version + 0::integer, greatest(now(), updated_at),
        '{"assignee": "somebody", "comment": "a comment of some length is here"}'::json, '{}'::json
    FROM found
    WHERE state & 8::bigint = 8 AND state & 0::bigint = 0
        AND (0::bigint = 0 OR state & 0::bigint <> 0) AND seq = coalesce(NULL::integer, seq)
    RETURNING task_id, seq, clock
)
SELECT found.*, clock FROM found LEFT JOIN stored ON true;
