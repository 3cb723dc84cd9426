-- Two thousand tasks in progress, each by four events.
SELECT count(*)
FROM (
    SELECT array_agg(('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid ORDER BY n) AS ids
    FROM generate_series(1, 2000) AS n
) AS task, (
    SELECT array_agg(n ORDER BY n, seq) AS places, array_agg((seq - 1)::smallint ORDER BY n, seq) AS types,
        array_agg(gen_random_uuid()) AS event_ids, array_agg(NULL::integer) AS expected,
        array_agg('{"assignee": "ann", "deadline": "2026-04-21T00:00:00Z"}'::text) AS data
    FROM generate_series(1, 2000) AS n, generate_series(1, 4) AS seq
) AS event, task_append_batch(ids, places, places, types, event_ids, expected, data, NULL,
    array_fill('{}'::text, ARRAY[2000]), array_fill(NULL::text, ARRAY[2000]), true);
