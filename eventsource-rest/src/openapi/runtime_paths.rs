//! Operations of the runtime.

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::operation::{Operation, content};

/// Operations, what each does, and the members of its body besides the reason.
const OPERATIONS: [(&str, &str, &[&str]); 7] = [
    ("pause", "Pause a subscription in all processes", &[]),
    ("resume", "Resume a subscription", &[]),
    (
        "retry",
        "Try again what has halted or is set aside",
        &["key", "parked"],
    ),
    (
        "skip",
        "Pass over the event that has halted, or with which a key waits",
        &["position", "key"],
    ),
    (
        "rebuild",
        "Build a read model anew, beside the live one",
        &[],
    ),
    ("cancel-rebuild", "End a rebuild", &[]),
    (
        "replay",
        "Deliver to a handler again what lies after a position",
        &["after"],
    ),
];

/// Returns the operations by path.
pub(crate) fn paths() -> Vec<(String, Value)> {
    let all = "/api/v1/runtime/subscription";
    let name = json!({
        "name": "name", "in": "path", "required": true, "schema": { "type": "string" },
    });
    let operation = |id: &str, summary: &str| Operation::new("service", id, summary);
    let answer = |operation: Operation, schema: Value, problems: &[u16]| {
        let content = content("application/json", schema);
        let operation = operation.response(200, "The state after it.", content, &[]);
        operation.problems(problems).guarded_by_role().build()
    };
    let list = operation("listSubscriptions", "List the subscriptions of the runtime");
    let show = operation("getSubscription", "Get a subscription of the runtime");
    let parked = operation("listParkedKeys", "List the keys that are set aside");
    let after = json!({
        "name": "after", "in": "query", "schema": { "type": "string" },
        "description": "Last key of the page before: its `nextAfter`.",
    });
    let limit = json!({
        "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 500 },
    });
    let parked = parked
        .parameter(name.clone())
        .parameter(after)
        .parameter(limit);
    let items = |item: Value| json!({ "type": "array", "items": item });
    let subscriptions = json!({
        "type": "object",
        "properties": { "count": { "type": "integer" }, "items": items(subscription()) },
        "required": ["count", "items"],
    });
    let keys = json!({
        "type": "object",
        "properties": {
            "items": items(json!({ "type": "object" })),
            "nextAfter": { "type": ["string", "null"] },
        },
        "required": ["items", "nextAfter"],
    });
    let one = format!("{all}/{{name}}");
    let mut paths = vec![
        (
            all.to_owned(),
            json!({ "get": answer(list, subscriptions, &[]) }),
        ),
        (
            one.clone(),
            json!({ "get": answer(show.parameter(name.clone()), subscription(), &[404]) }),
        ),
        (
            format!("{one}/parked"),
            json!({ "get": answer(parked, keys, &[404, 409, 422]) }),
        ),
    ];
    for (verb, summary, members) in OPERATIONS {
        let id = format!("{}Subscription", verb.to_upper_camel_case());
        let id = format!("{}{}", id[..1].to_lowercase(), &id[1..]);
        let asked = operation(&id, summary).parameter(name.clone());
        let asked = asked.body(body(members), json!({}));
        let problems = [404, 408, 409, 413, 415, 422];
        let post = answer(asked, subscription(), &problems);
        paths.push((format!("{one}/{verb}"), json!({ "post": post })));
    }
    paths
}

/// Returns the schema of a body.
fn body(members: &[&str]) -> Value {
    let mut properties =
        json!({ "reason": { "type": "string", "minLength": 1, "maxLength": 2000 } });
    let mut required = vec!["reason"];
    for member in members {
        properties[*member] = match *member {
            "parked" => json!({ "type": "boolean", "description": "All keys that are set aside." }),
            _ => json!({ "type": "string" }),
        };
        if ["position", "after"].contains(member) {
            required.push(member);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Returns the schema of a subscription.
fn subscription() -> Value {
    let array = json!({ "type": "array", "items": { "type": "object" } });
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "kind": { "type": "string" },
            "version": { "type": "integer" },
            "generation": { "type": "integer" },
            "paused": { "type": "boolean" },
            "halted": { "type": "boolean" },
            "lagEvents": { "type": "integer" },
            "lagSeconds": { "type": "number" },
            "parked": { "type": "integer" },
            "shards": array,
            "building": { "type": ["object", "null"] },
            "operations": array,
        },
        "required": [
            "name", "kind", "version", "generation", "paused", "halted", "lagEvents", "lagSeconds",
            "parked", "shards", "building", "operations",
        ],
    })
}
