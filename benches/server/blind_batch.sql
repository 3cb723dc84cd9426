INSERT INTO blind SELECT id, 1, data::json
FROM unnest((SELECT array_agg(gen_random_uuid()) FROM generate_series(1, :events::integer)), array_fill(
    '{"assignee": "somebody", "comment": "a comment of some length is here"}'::text,
    ARRAY[:events::integer])) AS given (id, data);
