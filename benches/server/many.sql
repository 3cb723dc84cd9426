-- One request of :events events of one task.
\set n random(1, 2000)
SELECT answer.sources
FROM (SELECT array_agg(gen_random_uuid()) AS event_ids
    FROM generate_series(1, :events::integer)) AS given,
    task_append_batch(ARRAY[('00000000-0000-0000-0000-' || lpad(:n::text, 12, '0'))::uuid],
        array_fill(1, ARRAY[:events::integer]), array_fill(1, ARRAY[:events::integer]),
        array_fill(4::smallint, ARRAY[:events::integer]), event_ids,
        array_fill(NULL::integer, ARRAY[:events::integer]), array_fill(
            '{"assignee": "somebody", "comment": "a comment of some length is here"}'::text,
            ARRAY[:events::integer]),
        NULL, '{"{}"}'::text[], '{NULL}'::text[], false) AS answer;
