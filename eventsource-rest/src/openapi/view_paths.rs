//! Operations that read views.

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::description::{ServiceDescription, ViewDescription};
use super::operation::{Operation, content, reference};

/// Returns the operations of a view by path.
pub(super) fn paths(view: &ViewDescription, service: &ServiceDescription) -> [(String, Value); 2] {
    let path = format!("/api/v1/view/{}", view.name);
    let name = view.name.to_upper_camel_case();
    let item = json!({
        "type": "object",
        "properties": {
            "key": { "type": "string" },
            "value": view.schema,
            "position": {
                "type": "string",
                "description": "Position of the last event that has changed the value.",
            },
        },
        "required": ["key", "value", "position"],
    });
    let page = json!({
        "type": "object",
        "properties": {
            "limit": { "type": "integer" },
            "items": { "type": "array", "items": item },
            "_links": reference("Links"),
        },
        "required": ["limit", "items", "_links"],
    });
    let mut list = operation(
        view,
        service,
        &format!("list{name}"),
        "List the values of the view",
    )
    .parameter(query(
        "limit",
        json!({ "type": "integer", "minimum": 1 }),
        "Most values.",
    ))
    .parameter(query(
        "after",
        json!({ "type": "string" }),
        "Key to begin after.",
    ))
    .response(
        200,
        "Values in the order of their keys; `_links.next` leads on.",
        content("application/json", page),
        &["Preference-Applied"],
    )
    .problems(&[422, 501]);
    for field in view.indexed {
        let text = json!({ "type": "string" });
        let what = "Value of the field, as JSON unless it is always a text.";
        list = list.parameter(query(&format!("value.{field}"), text, what));
    }
    let one = operation(
        view,
        service,
        &format!("get{name}"),
        "Get a value of the view",
    )
    .parameter(json!({
        "name": "key", "in": "path", "required": true, "schema": { "type": "string" },
    }))
    .response(
        200,
        "The value.",
        content("application/json", item),
        &["X-Position", "Preference-Applied"],
    )
    .problems(&[404, 422, 501]);
    [
        (path.clone(), json!({ "get": list.build() })),
        (format!("{path}/{{key}}"), json!({ "get": one.build() })),
    ]
}

fn operation(
    view: &ViewDescription,
    service: &ServiceDescription,
    id: &str,
    summary: &str,
) -> Operation {
    let fresh = "Wait until the view has everything that was stored before the request.";
    Operation::new(&format!("view {}", view.name), id, summary)
        .parameter(query("fresh", json!({ "type": "boolean" }), fresh))
        .parameter(json!({
            "name": "Prefer", "in": "header", "schema": { "type": "string" },
            "description": "`wait=10`: seconds that a fresh read waits, up to four fifths of the time of a \
                 request; 5 by default.",
        }))
        .for_readers(view.is_public, service.authenticated)
}

/// Describes a parameter of the query.
fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}
