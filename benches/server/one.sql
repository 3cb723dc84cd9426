\set n random(1, 2000)
SELECT * FROM task_append_one(('00000000-0000-0000-0000-' || lpad(:n::text, 12, '0'))::uuid, 4::smallint,
    gen_random_uuid(), NULL, '{"assignee": "somebody", "comment": "a comment of some length is here"}', '{}', NULL);
