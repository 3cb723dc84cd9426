//! Table of calls that are refused.

/// Call, and what it raises: SQLSTATE, part of the message, part of the detail or the hint. `TASK` is
/// a started task, `NEW` an id of nothing, `SHIPMENT` an id that no counter has given.
pub type Refused = (&'static str, &'static str, &'static str, &'static str);

pub const REFUSED: &[Refused] = &[
    // EV001: the rules.
    (
        "task_append('TASK', 'CREATED')",
        "EV001",
        "Event type 'CREATED' may not follow [STARTED]",
        "That is the state of entity TASK at sequence 4. Now may follow: REASSIGNED, RESCHEDULED, REVISED, CANCELED, COMPLETED.",
    ),
    (
        "task_append('NEW', 'STARTED')",
        "EV001",
        "Event type 'STARTED' may not be initial",
        "There is no event of entity NEW. Initial may be: CREATED.",
    ),
    (
        "task_append(NULL, 'STARTED')",
        "EV001",
        "may not be initial",
        "There is no event of a new entity.",
    ),
    (
        "task_append('TASK', 'ENDED')",
        "EV001",
        "may not follow [STARTED]",
        "",
    ),
    (
        "task_append('OVER', 'REVISED')",
        "EV001",
        "may not follow [CANCELED]",
        "No event may follow.",
    ),
    (
        "shipment_append(NULL, 'DELIVERED')",
        "EV001",
        "may not be initial",
        "a new entity",
    ),
    // EV002: the sequence.
    (
        "task_append('TASK', 'REVISED', expected_seq => 3)",
        "EV002",
        "entity TASK is at sequence 4, not at the expected 3",
        "Read the entity again",
    ),
    (
        "task_append('TASK', 'CREATED', expected_seq => 0)",
        "EV002",
        "at sequence 4, not at the expected 0",
        "",
    ),
    (
        "task_append('NEW', 'CREATED', expected_seq => 1)",
        "EV002",
        "entity NEW is at sequence 0",
        "",
    ),
    (
        "task_append(NULL, 'CREATED', expected_seq => 2147483647)",
        "EV002",
        "a new entity is at sequence 0",
        "",
    ),
    // EV003: required fields.
    (
        "task_append('TASK', 'REASSIGNED')",
        "EV003",
        "'REASSIGNED' requires 'assignee'",
        "Give the field a value",
    ),
    (
        r#"task_append('TASK', 'REASSIGNED', '{"assignee": null}')"#,
        "EV003",
        "requires 'assignee'",
        "",
    ),
    (
        "task_append('NEW', 'ASSIGNED')",
        "EV003",
        "requires 'assignee'",
        "",
    ),
    (
        "order_append('ORDER', 'PAID')",
        "EV003",
        "auto transition 'CLOSED' after 'PAID' requires 'receipt'",
        "Give the field to the event",
    ),
    (
        r#"order_append('ORDER', 'PAID', '{"receipt": null, "method": "cash"}')"#,
        "EV003",
        "requires 'receipt'",
        "",
    ),
    // EV004: the key of another.
    (
        r#"task_append('KEYED', 'REASSIGNED', '{"assignee": "bob"}', idempotency_key => 'k')"#,
        "EV004",
        "the idempotency key 'k' is that of another request",
        "It appended to entity KEYED.",
    ),
    (
        "task_append('KEYED', 'REVISED', idempotency_key => 'k')",
        "EV004",
        "",
        "",
    ),
    (
        r#"task_append('TASK', 'REASSIGNED', '{"assignee": "ann"}', idempotency_key => 'k')"#,
        "EV004",
        "",
        "",
    ),
    (
        r#"task_append('SEVERAL', 'CREATED', '{"description": "write it down"}', idempotency_key => 'of several')"#,
        "EV004",
        "",
        "It appended to entity SEVERAL.",
    ),
    // EV005: the type.
    (
        "task_append('TASK', 'VANISHED')",
        "EV005",
        "entity type 'task' has no event type 'VANISHED'",
        "Its event types are CREATED, ASSIGNED,",
    ),
    ("task_append('TASK', 'started')", "EV005", "'started'", ""),
    ("task_append('TASK', '')", "EV005", "''", ""),
    (
        "task_append('TASK', NULL)",
        "EV005",
        "has no event type NULL",
        "",
    ),
    // EV006: what no reader reads.
    (
        "task_append('TASK', 'REVISED', NULL)",
        "EV006",
        "data of event type 'REVISED' is NULL",
        "Give an object",
    ),
    (
        "task_append('TASK', 'REVISED', 'null')",
        "EV006",
        "is not a JSON object",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', '[]')",
        "EV006",
        "is not a JSON object",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', '7')",
        "EV006",
        "is not a JSON object",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "a", "description": "b"}')"#,
        "EV006",
        "has the key 'description' twice",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "a", "d\u0065scription": "b"}')"#,
        "EV006",
        "has the key 'description' twice",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": [{"a": {"b": 1, "b": 1}}]}')"#,
        "EV006",
        "has the key 'b' twice",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "a\u0000"}')"#,
        "EV006",
        "contains the character U+0000",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "\\\u0000"}')"#,
        "EV006",
        "contains the character U+0000",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description\u0000": "a"}')"#,
        "EV006",
        "contains the character U+0000",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "\ud83d"}')"#,
        "EV006",
        "contains half of a surrogate pair",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "\ude00\ud83d"}')"#,
        "EV006",
        "half of a surrogate pair",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": "\ud83d\\\ude00"}')"#,
        "EV006",
        "half of a surrogate pair",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": 1e309}')"#,
        "EV006",
        "has a number that is too large",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": [-1.7976931348623159E+308]}')"#,
        "EV006",
        "a number that is too large",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": 1e99999999999999999999}')"#,
        "EV006",
        "a number that is too large",
        "",
    ),
    (
        "task_append('NEW', 'CREATED', ('{\"description\": ' || repeat('9', 310) || '}')::json)",
        "EV006",
        "a number that is too large",
        "",
    ),
    (
        "task_append('NEW', 'CREATED', ('{\"description\": ' || repeat('9', 250) || 'e60}')::json)",
        "EV006",
        "a number that is too large",
        "",
    ),
    (
        r#"task_append('NEW', 'CREATED', '{"description": {"$serde_json::private::RawValue": "[]"}}')"#,
        "EV006",
        "has the reserved key '$serde_json::private::RawValue'",
        "",
    ),
    (
        "task_append('NEW', 'CREATED', ('{\"description\": ' || repeat('[', 127) || repeat(']', 127) || '}')::json)",
        "EV006",
        "is nested deeper than 127 levels",
        "",
    ),
    (
        "task_append('NEW', 'CREATED', ('{\"description\": ' || repeat('{\"a\":', 127) || '1' || repeat('}', 127) || '}')::json)",
        "EV006",
        "is nested deeper than 127 levels",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => NULL)",
        "EV006",
        "metadata of event type 'REVISED' is NULL",
        "actor, correlation_id and causation_id are texts",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => '[]')",
        "EV006",
        "is not a JSON object",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => 'null')",
        "EV006",
        "is not a JSON object",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"actor": 7}')"#,
        "EV006",
        "does not have a text as 'actor'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"correlation_id": {}}')"#,
        "EV006",
        "does not have a text as 'correlation_id'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"causation_id": []}')"#,
        "EV006",
        "does not have a text as 'causation_id'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"roles": "admin"}')"#,
        "EV006",
        "does not have a list of texts as 'roles'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"roles": null}')"#,
        "EV006",
        "does not have a list of texts as 'roles'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"roles": ["a", 1]}')"#,
        "EV006",
        "does not have a list of texts as 'roles'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"idempotency_key": "x"}')"#,
        "EV006",
        "does not have the argument idempotency_key as 'idempotency_key'",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"note": "\u0000"}')"#,
        "EV006",
        "metadata of event type 'REVISED' contains the character U+0000",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"actor": "a", "actor": "b"}')"#,
        "EV006",
        "has the key 'actor' twice",
        "",
    ),
    // EV007: ids of the counter.
    (
        "shipment_append('SHIPMENT', 'CREATED')",
        "EV007",
        "id SHIPMENT was not allocated by the counter",
        "Begin an entity with NULL as its id.",
    ),
    // EV009: arguments.
    (
        "task_append('TASK', 'REVISED', expected_seq => -1)",
        "EV009",
        "expected_seq is -1",
        "or 0 for an entity that is to be new",
    ),
    (
        "task_append('TASK', 'REVISED', idempotency_key => '')",
        "EV009",
        "idempotency_key has 0 bytes",
        "1 to 255 bytes",
    ),
    (
        "task_append('TASK', 'REVISED', idempotency_key => repeat('ä', 128))",
        "EV009",
        "idempotency_key has 256 bytes",
        "",
    ),
    (
        r#"task_append('TASK', 'REVISED', metadata => '{"actor": ""}')"#,
        "EV009",
        "actor in metadata has 0 bytes",
        "1 to 255 bytes",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => json_build_object('causation_id', repeat('ä', 128)))",
        "EV009",
        "causation_id in metadata has 256 bytes",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => json_build_object('roles', ARRAY['a', repeat('b', 256)]))",
        "EV009",
        "a role in metadata has 256 bytes",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', metadata => json_build_object('roles', array_fill('a'::text, ARRAY[65])))",
        "EV009",
        "metadata has 65 roles",
        "at most 64",
    ),
    // EV011: fields.
    (
        r#"task_append('NEW', 'CREATED', '{"descripton": "a"}')"#,
        "EV011",
        "event type 'CREATED' has no field 'descripton'",
        "spelled right",
    ),
    (
        r#"task_append('TASK', 'REVISED', '{"assignee": "ann"}')"#,
        "EV011",
        "'REVISED' has no field 'assignee'",
        "",
    ),
    // What Postgres refuses before the function runs.
    ("task_append('no uuid', 'REVISED')", "22P02", "", ""),
    ("task_append('TASK', 'REVISED', '{')", "22P02", "", ""),
    (
        r#"task_append('TASK', 'REVISED', '{"a": NaN}')"#,
        "22P02",
        "",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', repeat('[', 100000)::json)",
        "54001",
        "stack depth limit exceeded",
        "",
    ),
    (
        "task_append('TASK', 'REVISED', expected_seq => 2147483648)",
        "42883",
        "",
        "",
    ),
    ("task_append('TASK')", "42883", "", ""),
];
