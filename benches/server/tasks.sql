INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state, prior_version, version,
    recorded_at, data, metadata)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, seq, gen_random_uuid(), seq - 1,
    ('{0,1,3,7}'::bigint[])[seq], ('{1,3,7,8}'::bigint[])[seq], least(seq - 1, 1), 1, now(),
    '{"assignee": "ann", "deadline": "2026-04-21T00:00:00Z"}', '{}'
FROM generate_series(1, 2000) AS n, generate_series(1, 4) AS seq
ORDER BY n, seq;
