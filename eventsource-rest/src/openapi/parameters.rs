//! Parameters that operations share.

use serde_json::{Value, json};

/// What JSON numbers of all clients can hold.
const MOST: u64 = (1 << 53) - 1;

/// By the names under which operations refer to them.
pub(crate) fn shared() -> Value {
    let header = |name: &str, schema: Value, description: &str| json!({ "name": name, "in": "header", "schema": schema, "description": description });
    let tags = r#"^(\*|"[0-9]{1,9}")$"#;
    json!({
        "X-Request-Id": header(
            "X-Request-Id",
            json!({ "type": "string", "pattern": "^[!-~]{1,128}$" }),
            "What the client calls the request; made if it does not say. Answers and events have it.",
        ),
        "traceparent": header(
            "traceparent",
            json!({
                "type": "string",
                "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
            }),
            "The trace that the request belongs to (W3C Trace Context); events keep it.",
        ),
        "If-Match": header(
            "If-Match",
            json!({ "type": "string", "pattern": tags, "examples": ["\"3\""] }),
            "The sequence that the entity must have; `*` for any.",
        ),
        "If-None-Match": header(
            "If-None-Match",
            json!({ "type": "string", "pattern": tags, "examples": ["*"] }),
            "The sequence that the entity must not have; `*` for none at all.",
        ),
        "Idempotency-Key": header(
            "Idempotency-Key",
            json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }),
            "Names the request: a repeat is answered as the first was.",
        ),
        "X-Response-Skip-Null": header(
            "X-Response-Skip-Null",
            json!({ "type": "string", "enum": ["true", "false"] }),
            "Whether members that are null are left out.",
        ),
        "X-Request-Limit": header(
            "X-Request-Limit",
            json!({ "type": "integer", "minimum": 0, "maximum": 1000 }),
            "The size of a page where `limit` does not say.",
        ),
    })
}

/// A parameter of a query.
pub(crate) fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}

/// A number of a query.
pub(crate) fn number(name: &str, description: &str) -> Value {
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": MOST });
    query(name, schema, description)
}

/// The `{id}` of a path.
pub(crate) fn id(schema: Value, description: &str) -> Value {
    json!({
        "name": "id", "in": "path", "required": true, "schema": schema,
        "description": description,
    })
}
