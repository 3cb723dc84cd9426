//! Operations of the service: health, readiness and the rules of machines.

use std::sync::Arc;

use serde_json::{Value, json};

use super::description::ServiceDescription;
use super::operation::{Operation, content, reference};
use crate::machine::MachineDescription;
use crate::options::endpoint::Endpoint;

/// Media type of JSON.
const JSON: &str = "application/json";

/// Returns the operations by path.
pub(crate) fn paths(
    machines: &[Arc<MachineDescription>],
    service: &ServiceDescription,
) -> Vec<(String, Value)> {
    let operation = |id: &str, summary: &str| Operation::new("service", id, summary);
    let get = |operation: Operation| json!({ "get": operation.build() });
    let list = json!({
        "type": "object",
        "properties": {
            "count": { "type": "integer" },
            "items": { "type": "array", "items": summary() },
        },
        "required": ["count", "items"],
    });
    let ready = json!({
        "type": "object",
        "properties": {
            "status": { "const": "ok" },
            "checks": { "type": "object", "additionalProperties": { "type": "string" } },
        },
        "required": ["status", "checks"],
    });
    let health = json!({
        "type": "object", "properties": { "status": { "const": "ok" } }, "required": ["status"],
    });
    let mut paths = vec![
        (
            "/api/health".to_owned(),
            get(operation("health", "Check that the service runs")
                .response(200, "The service runs.", content(JSON, health), &[])
                .unlimited_problems(&[])),
        ),
        (
            "/api/ready".to_owned(),
            get(operation("ready", "Check that the service can serve")
                .response(200, "The service can serve.", content(JSON, ready), &[])
                .unlimited_problems(&[])),
        ),
    ];
    if service.without.contains(&Endpoint::Machine) {
        return paths;
    }
    paths.push((
        "/api/v1/machine".to_owned(),
        get(operation("listMachines", "List the machines")
            .response(200, "All machines.", content(JSON, list), &[])
            .problems(&[])),
    ));
    for machine in machines {
        let path = format!("/api/v1/machine/{}", machine.entity);
        let title = machine.title();
        let name = |what: &str| format!("get{title}{what}");
        let text = json!({ "type": "string" });
        paths.extend([
            (
                path.clone(),
                get(operation(&name("Machine"), "Get the rules of a machine")
                    .response(200, "The rules.", content(JSON, rules()), &[])
                    .problems(&[])),
            ),
            (
                format!("{path}/schema"),
                get(operation(
                    &name("Schema"),
                    "Get the JSON Schema of the events of a machine",
                )
                .response(
                    200,
                    "Draft 2020-12.",
                    content("application/schema+json", json!({ "type": "object" })),
                    &[],
                )
                .problems(&[])),
            ),
        ]);
        for (ending, what, media) in [
            ("svg", "Picture", "image/svg+xml"),
            ("mmd", "Mermaid", "text/vnd.mermaid"),
            ("dot", "Dot", "text/vnd.graphviz"),
        ] {
            let picture = operation(&name(what), "Get the picture of a machine")
                .response(200, "The picture.", content(media, text.clone()), &[])
                .problems(&[404]);
            paths.push((format!("{path}.{ending}"), get(picture)));
        }
    }
    paths
}

/// Returns the schema of a machine's summary.
fn summary() -> Value {
    json!({
        "type": "object",
        "properties": {
            "entity": { "type": "string" },
            "fingerprint": { "type": "string" },
            "eventTypes": { "type": "array", "items": { "type": "string" } },
            "_links": reference("Links"),
        },
        "required": ["entity", "fingerprint", "eventTypes", "_links"],
    })
}

/// Returns the schema of a machine's rules.
fn rules() -> Value {
    let names = json!({ "type": "array", "items": { "type": "string" } });
    let sets = |one: &str, other: &str| {
        json!({
            "type": "object", "properties": { one: names, other: names }, "required": [one, other],
        })
    };
    let flag = json!({ "type": "boolean" });
    let event = json!({
        "type": "object",
        "properties": {
            "eventType": { "type": "string" },
            "follows": {
                "type": ["string", "null"], "description": "Formula as the author wrote it.",
            },
            "clauses": {
                "type": "array", "items": sets("all", "none"),
                "description": "The event may follow where one clause holds: the state contains \
                    all of `all` and none of `none`.",
            },
            "accumulate": sets("keep", "add"),
            "requires": names,
            "roles": names,
            "readBy": {
                "type": "array", "items": { "type": "string" },
                "description": "Roles that may see the fields; every reader may if empty.",
            },
            "internal": {
                "type": "boolean", "description": "Whether no client may append the event.",
            },
            "initial": flag,
            "restarting": flag,
            "autoTransition": flag,
            "terminal": flag,
            "rejection": {
                "type": "boolean",
                "description": "Whether the event records a refusal, and changes nothing.",
            },
            "timer": {
                "type": ["object", "null"],
                "properties": {
                    "after": { "type": "integer", "minimum": 1 },
                    "at": { "type": "string" },
                },
                "description": "When the event is written by itself: `after` it has been legal for so \
                    many seconds, or `at` the time in this field of the data.",
            },
        },
        "required": [
            "eventType", "clauses", "accumulate", "requires", "roles", "readBy", "internal",
            "initial", "restarting", "autoTransition", "terminal", "rejection", "timer",
        ],
    });
    let position = json!({ "type": "integer", "minimum": 0 });
    let mut rules = summary();
    let own = json!({
        "readBy": {
            "type": "array", "items": { "type": "string" },
            "description": "Roles that may read entities and events; everyone may if empty.",
        },
        "public": {
            "type": "boolean", "description": "Whether reads need no actor.",
        },
        "events": { "type": "array", "items": event },
        "complete": {
            "type": "boolean",
            "description": "Whether `states` and `transitions` are listed; they are left out if there are too \
                many.",
        },
        "states": { "type": "array", "items": names },
        "transitions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "from": position, "eventType": { "type": "string" }, "to": position,
                },
                "required": ["from", "eventType", "to"],
            },
        },
    });
    if let (Some(properties), Some(own)) = (rules["properties"].as_object_mut(), own.as_object()) {
        properties.extend(own.clone());
    }
    rules["required"] = json!([
        "entity",
        "fingerprint",
        "eventTypes",
        "_links",
        "readBy",
        "public",
        "events",
        "complete"
    ]);
    rules
}
