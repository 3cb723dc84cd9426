//! Examples of values that a schema describes.

use serde_json::{Map, Value, json};

/// Returns a simple value that fits the schema.
pub(crate) fn example_value(schema: &Value) -> Value {
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    let list = |name: &str| schema.get(name).and_then(Value::as_array);
    if let Some(first) = list("examples")
        .or_else(|| list("enum"))
        .and_then(|of| of.first())
    {
        return first.clone();
    }
    if let Some(first) = list("anyOf")
        .or_else(|| list("oneOf"))
        .and_then(|of| of.first())
    {
        return example_value(first);
    }
    let kind = schema.get("type");
    let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match kind {
        Some("boolean") => json!(true),
        Some("integer") => json!(1),
        Some("number") => json!(1.5),
        Some("null") => Value::Null,
        Some("array") => {
            let items = list("prefixItems").into_iter().flatten();
            items.map(example_value).collect()
        }
        Some("object") => {
            let required = list("required")
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let member = |name: &str| (name.to_owned(), example_value(&schema["properties"][name]));
            Value::Object(required.map(member).collect::<Map<_, _>>())
        }
        _ => text(schema),
    }
}

/// Returns a text of the schema's format.
fn text(schema: &Value) -> Value {
    let format = schema.get("format").and_then(Value::as_str);
    let text = match format {
        Some("date-time") => "2026-04-21T00:00:00Z",
        Some("date") => "2026-04-21",
        Some("uuid") => "01976b5e-7c00-7000-8000-000000000000",
        Some("uri") => "https://example.org/",
        Some("ipv6") => "2001:db8::1",
        _ => "x",
    };
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_value_fits_schema() {
        for (schema, expected) in [
            (json!({"type": "integer", "minimum": 0}), json!(1)),
            (
                json!({"type": ["string", "null"], "format": "date-time"}),
                json!("2026-04-21T00:00:00Z"),
            ),
            (
                json!({"type": "string", "enum": ["RED", "BLUE"]}),
                json!("RED"),
            ),
            (
                json!({"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
                json!(true),
            ),
            (
                json!({"type": "array", "prefixItems": [{"type": "number"}], "minItems": 1}),
                json!([1.5]),
            ),
            (
                json!({
                    "type": "object", "properties": {"a": {"const": 7}, "b": {"type": "string"}},
                    "required": ["a"], "additionalProperties": false,
                }),
                json!({"a": 7}),
            ),
        ] {
            assert_eq!(example_value(&schema), expected, "{schema}");
        }
    }
}
