-- :events requests of one event each, all of different tasks.
\set n random(1, 2000)
SELECT answer.sources
FROM (SELECT array_agg(('00000000-0000-0000-0000-'
            || lpad(((:n::integer + place * 3) % 2000 + 1)::text, 12, '0'))::uuid) AS entity_ids,
        array_agg(place) AS places, array_agg(gen_random_uuid()) AS event_ids
    FROM generate_series(1, :events::integer) AS place) AS given,
    task_append_batch(entity_ids, places, places, array_fill(4::smallint, ARRAY[:events::integer]), event_ids,
        array_fill(NULL::integer, ARRAY[:events::integer]), array_fill(
            '{"assignee": "somebody", "comment": "a comment of some length is here"}'::text,
            ARRAY[:events::integer]),
        NULL, array_fill('{}'::text, ARRAY[:events::integer]), array_fill(NULL::text, ARRAY[:events::integer]),
        false) AS answer;
