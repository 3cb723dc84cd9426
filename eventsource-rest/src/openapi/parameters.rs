//! Parameters that operations share.

use serde_json::{Value, json};

/// Returns the shared parameters by name.
pub(crate) fn shared() -> Value {
    let header = |name: &str, schema: Value, description: &str| json!({ "name": name, "in": "header", "schema": schema, "description": description });
    let tag = json!({ "type": "string", "format": "entity-tag", "examples": ["\"3\""] });
    // Values that are not understood are ignored, so any text is valid.
    let any = json!({ "type": "string" });
    json!({
        "X-Request-Id": header(
            "X-Request-Id",
            any.clone(),
            "Id of the request: at most 128 visible characters; otherwise the service chooses one. \
             Responses and events have it.",
        ),
        "traceparent": header(
            "traceparent",
            any.clone(),
            "Trace of the request (W3C Trace Context); events keep it.",
        ),
        "If-Match": header(
            "If-Match",
            tag.clone(),
            "Sequence that the entity must have; also a list of them, or `*` for any.",
        ),
        "If-None-Match": header(
            "If-None-Match",
            tag,
            "Sequence that the entity must not have; also a list of them, or `*` for any.",
        ),
        "Idempotency-Key": header(
            "Idempotency-Key",
            json!({ "type": "string", "format": "idempotency-key" }),
            "Key of the request, at most 255 visible characters, such as a UUID: a repeat appends \
             nothing and is answered as the first request was.",
        ),
        "X-Response-Skip-Null": header(
            "X-Response-Skip-Null",
            any.clone(),
            "Leaves out members that are null, unless it is empty or `false`.",
        ),
        "X-Request-Limit": header(
            "X-Request-Limit",
            any,
            "Size of a page if `limit` is not given: a number.",
        ),
    })
}

/// Returns a parameter of the query.
pub(crate) fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}

/// Returns an unsigned integer parameter of the query, with a size in bits.
pub(crate) fn number(name: &str, bits: u32, description: &str) -> Value {
    let max = u64::MAX >> (64 - bits);
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": max });
    query(name, schema, description)
}

/// Returns the parameter `{id}` of a path.
pub(crate) fn id(schema: Value, description: &str) -> Value {
    json!({
        "name": "id", "in": "path", "required": true, "schema": schema,
        "description": description,
    })
}
