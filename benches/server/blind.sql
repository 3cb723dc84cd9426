INSERT INTO blind VALUES (gen_random_uuid(), 1,
    '{"assignee": "somebody", "comment": "a comment of some length is here"}');
