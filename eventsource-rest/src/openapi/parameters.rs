//! Parameters that operations share.

use serde_json::{Value, json};

/// By the names under which operations refer to them.
pub(crate) fn shared() -> Value {
    let header = |name: &str, schema: Value, description: &str| json!({ "name": name, "in": "header", "schema": schema, "description": description });
    let tag = json!({ "type": "string", "format": "entity-tag", "examples": ["\"3\""] });
    // What is not understood of these is passed over, so anything fits.
    let any = json!({ "type": "string" });
    json!({
        "X-Request-Id": header(
            "X-Request-Id",
            any.clone(),
            "What the client calls the request: at most 128 visible characters, or else a name is \
             made. Answers and events have it.",
        ),
        "traceparent": header(
            "traceparent",
            any.clone(),
            "The trace that the request belongs to (W3C Trace Context); events keep it.",
        ),
        "If-Match": header(
            "If-Match",
            tag.clone(),
            "The sequence that the entity must have; also a list of them, or `*` for any.",
        ),
        "If-None-Match": header(
            "If-None-Match",
            tag,
            "The sequence that the entity must not have; also a list of them, or `*` for none.",
        ),
        "Idempotency-Key": header(
            "Idempotency-Key",
            json!({ "type": "string", "format": "idempotency-key" }),
            "Names the request, in at most 255 visible characters, such as a UUID: a repeat is \
             answered as the first was.",
        ),
        "X-Response-Skip-Null": header(
            "X-Response-Skip-Null",
            any.clone(),
            "Whether members that are null are left out, unless it is empty or `false`.",
        ),
        "X-Request-Limit": header(
            "X-Request-Limit",
            any,
            "The size of a page where `limit` does not say: a number.",
        ),
    })
}

/// A parameter of a query.
pub(crate) fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}

/// A number of a query, of so many bits.
pub(crate) fn number(name: &str, bits: u32, description: &str) -> Value {
    let most = u64::MAX >> (64 - bits);
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": most });
    query(name, schema, description)
}

/// The `{id}` of a path.
pub(crate) fn id(schema: Value, description: &str) -> Value {
    json!({
        "name": "id", "in": "path", "required": true, "schema": schema,
        "description": description,
    })
}
