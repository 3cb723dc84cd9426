//! The endpoints that speak of the machines and of the service.

use std::sync::Arc;

use serde_json::{Value, json};

use super::operation::{Operation, content, reference};
use crate::machine::Described;

const JSON: &str = "application/json";

pub(crate) fn paths(machines: &[Arc<Described>]) -> Vec<(String, Value)> {
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
            get(operation("health", "Whether the service runs")
                .answer(200, "It does.", content(JSON, health), &[])
                .problems(&[])),
        ),
        (
            "/api/ready".to_owned(),
            get(operation("ready", "Whether the service can serve")
                .answer(200, "It can.", content(JSON, ready), &[])
                .problems(&[])),
        ),
        (
            "/api/v1/machine".to_owned(),
            get(operation("listMachines", "The machines")
                .answer(200, "All of them.", content(JSON, list), &[])
                .problems(&[])),
        ),
    ];
    for machine in machines {
        let path = format!("/api/v1/machine/{}", machine.entity);
        let title = machine.title();
        let name = |what: &str| format!("get{title}{what}");
        let text = json!({ "type": "string" });
        paths.extend([
            (
                path.clone(),
                get(operation(&name("Machine"), "The rules of a machine")
                    .answer(200, "The rules.", content(JSON, rules()), &[])
                    .problems(&[])),
            ),
            (
                format!("{path}/schema"),
                get(operation(
                    &name("Schema"),
                    "The JSON Schema of the events of a machine",
                )
                .answer(
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
            let picture = operation(&name(what), "The picture of a machine")
                .answer(200, "The picture.", content(media, text.clone()), &[])
                .problems(&[404]);
            paths.push((format!("{path}.{ending}"), get(picture)));
        }
    }
    paths
}

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
            "follows": { "type": ["string", "null"], "description": "As its author wrote it." },
            "clauses": {
                "type": "array", "items": sets("all", "none"),
                "description": "Legal where some clause is true: all of these have happened and \
                    none of those.",
            },
            "accumulate": sets("keep", "add"),
            "requires": names,
            "roles": names,
            "initial": flag,
            "restarting": flag,
            "autoTransition": flag,
            "terminal": flag,
        },
        "required": [
            "eventType", "clauses", "accumulate", "requires", "roles", "initial", "restarting",
            "autoTransition", "terminal",
        ],
    });
    let position = json!({ "type": "integer", "minimum": 0 });
    let mut rules = summary();
    let own = json!({
        "events": { "type": "array", "items": event },
        "complete": {
            "type": "boolean",
            "description": "Whether the states are few enough to be told.",
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
        "events",
        "complete"
    ]);
    rules
}
