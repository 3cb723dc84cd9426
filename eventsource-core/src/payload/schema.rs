//! JSON Schema of a payload, learned from serde.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::payload::inspect::probe_field;
use crate::payload::trace::trace;
use crate::{Event, EventType, from_payload, payload_fields};

/// Returns the JSON Schema (draft 2020-12) of the payload of `event_type`.
///
/// The schema is learned by deserializing sample values, so a payload type needs nothing but
/// `Deserialize`. A constraint that cannot be learned in this way, such as a text with a format of
/// its own, is missing from the schema: it may accept more than the type does, never less.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, payload_schema};
/// use serde_json::json;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u8, since: Option<chrono::DateTime<chrono::Utc>> },
/// }
///
/// # pub fn main() {
/// assert_eq!(payload_schema::<LightEvent>(LightEventType::Lit), json!({
///     "type": "object",
///     "properties": {
///         "watts": {"type": "integer", "minimum": 0, "maximum": 255},
///         "since": {"type": ["string", "null"], "format": "date-time"},
///     },
///     "required": ["watts"],
/// }));
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn payload_schema<E: Event>(event_type: E::Type) -> Value {
    let Some(fields) = payload_fields::<E>(event_type) else {
        let required: Vec<&str> = event_type.requires().collect();
        return with_required(json!({"type": "object"}), required);
    };
    let mut schema = json!({"type": "object", "properties": {}});
    let mut sample = Some(Map::new());
    for field in fields {
        let traced = trace(|probe| probe_field::<E, _>(event_type, field, probe));
        match (&mut sample, traced.sample) {
            (Some(sample), Some(value)) => _ = sample.insert((*field).to_owned(), value),
            _ => sample = None,
        }
        schema["properties"][field] = traced.schema;
    }
    let accepts = |payload: &Value| {
        let fields = payload.as_object().cloned().unwrap_or_default();
        from_payload::<E>(event_type, fields).is_ok()
    };
    let sample = sample.map(Value::from).filter(accepts);
    if let Some(sample) = &sample {
        let mut whole = sample.clone();
        refine(&mut schema, &mut whole, &mut Vec::new(), &accepts);
    }
    let requires: Vec<&str> = event_type.requires().collect();
    for field in &requires {
        if let Some(property) = schema["properties"].get_mut(*field) {
            not_null(property);
        }
    }
    let learned = schema["required"].as_array().cloned().unwrap_or_default();
    let required = fields.iter().copied().filter(|field| {
        let optional = sample.is_some() && !learned.iter().any(|name| name == field);
        requires.contains(field) || (sample.is_some() && !optional)
    });
    let required = required.collect();
    // Unknown fields of the payload itself are left to the API that accepts it.
    if let Some(object) = schema.as_object_mut() {
        object.remove("additionalProperties");
    }
    with_required(schema, required)
}

/// Returns the JSON Schema (draft 2020-12) of a type, learned from its `Deserialize` as
/// [`payload_schema`] does.
///
/// ```
/// use eventsource_core::type_schema;
/// use serde_json::json;
///
/// #[derive(serde::Deserialize)]
/// struct Pay {
///     euros: u8,
///     urgent: Option<bool>,
/// }
/// assert_eq!(type_schema::<Pay>(), json!({
///     "type": "object",
///     "properties": {
///         "euros": {"type": "integer", "minimum": 0, "maximum": 255},
///         "urgent": {"type": ["boolean", "null"]},
///     },
///     "required": ["euros"],
/// }));
/// ```
#[must_use]
pub fn type_schema<T: DeserializeOwned>() -> Value {
    let traced = trace(|probe| T::deserialize(probe).map(drop));
    let mut schema = traced.schema;
    let accepts = |value: &Value| T::deserialize(value).is_ok();
    if let Some(mut sample) = traced.sample.filter(accepts) {
        refine(&mut schema, &mut sample, &mut Vec::new(), &accepts);
    }
    schema
}

/// Sets the required fields of an object's schema.
fn with_required(mut schema: Value, required: Vec<&str>) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
        if !required.is_empty() {
            object.insert("required".to_owned(), json!(required));
        }
    }
    schema
}

/// Removes null from a schema, for a field that the rules require although its type is optional.
fn not_null(schema: &mut Value) {
    let list = |schema: &Value, name| schema.get(name).and_then(Value::as_array).cloned();
    if let Some(mut types) = list(schema, "type") {
        types.retain(|name| name != "null");
        schema["type"] = match types.as_slice() {
            [only] => only.clone(),
            _ => types.into(),
        };
    } else if let Some(mut either) = list(schema, "anyOf") {
        either.retain(|schema| *schema != json!({"type": "null"}));
        match either.as_slice() {
            [only] => *schema = only.clone(),
            _ => schema["anyOf"] = either.into(),
        }
    } else if schema == &json!({}) {
        *schema = json!({"type": ["array", "boolean", "number", "object", "string"]});
    }
}

/// Adds the required properties of each object, and whether it accepts unknown ones.
///
/// Learned by removing and adding properties of `whole` at `path` and deserializing the result.
fn refine(
    schema: &mut Value,
    whole: &mut Value,
    path: &mut Vec<String>,
    accepts: &impl Fn(&Value) -> bool,
) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names: Vec<String> = properties.keys().cloned().collect();
    let mut required = Vec::new();
    for name in &names {
        if let Some(removed) = at(whole, path).and_then(|object| object.remove(name)) {
            if !accepts(whole) {
                required.push(name.clone());
            }
            if let Some(object) = at(whole, path) {
                object.insert(name.clone(), removed);
            }
        }
    }
    const OTHER: &str = "a name that no field has";
    let mut closed = false;
    if let Some(object) = at(whole, path) {
        object.insert(OTHER.to_owned(), Value::Null);
        closed = !accepts(whole);
    }
    if let Some(object) = at(whole, path) {
        object.remove(OTHER);
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if closed {
        schema["additionalProperties"] = json!(false);
    }
    for name in names {
        path.push(name.clone());
        refine(&mut schema["properties"][&name], whole, path, accepts);
        path.pop();
    }
}

/// Returns the object of `whole` at `path`.
fn at<'a>(whole: &'a mut Value, path: &[String]) -> Option<&'a mut Map<String, Value>> {
    let mut value = whole;
    for step in path {
        value = value.get_mut(step)?;
    }
    value.as_object_mut()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Colour {
        Red,
        #[serde(rename = "deep-blue")]
        Blue,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Place {
        Nowhere,
        Room(u8),
        At { from: chrono::NaiveDate, to: Colour },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Size {
        width: f64,
        #[serde(default)]
        height: i32,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Branch {
        id: uuid::Uuid,
        of: Option<Box<Branch>>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    struct Even(String);

    impl TryFrom<String> for Even {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, Self::Error> {
            if text.len().is_multiple_of(2) {
                Ok(Self(text))
            } else {
                Err("odd")
            }
        }
    }

    impl From<Even> for String {
        fn from(even: Even) -> Self {
            even.0
        }
    }

    #[derive(Serialize, Deserialize, eventsource_macros::Event)]
    #[machine(entity = "lamp", crate = "crate", allow(dead_end))]
    enum LampEvent {
        Hung {
            place: Place,
            colour: Option<Colour>,
            size: Size,
            tags: Vec<(char, bool)>,
            notes: BTreeMap<u16, String>,
        },
        #[event(follows = Hung, requires(even))]
        Grown {
            even: Option<Even>,
            branch: Branch,
            any: Value,
        },
    }

    fn property(event_type: LampEventType, name: &str) -> Value {
        payload_schema::<LampEvent>(event_type)["properties"][name].clone()
    }

    #[test]
    fn schema_of_enum_lists_variants_and_their_content() {
        let names = json!({"type": "string", "enum": ["Red", "deep-blue"]});
        let held = |name: &str, schema: Value| {
            json!({
                "type": "object", "properties": {name: schema}, "required": [name],
                "additionalProperties": false,
            })
        };
        let room = held(
            "Room",
            json!({"type": "integer", "minimum": 0, "maximum": 255}),
        );
        let date = json!({"type": "string", "format": "date"});
        let place = property(LampEventType::Hung, "place");
        assert_eq!(place["oneOf"][0], json!({"const": "Nowhere"}));
        assert_eq!(place["oneOf"][1], room);
        let at = &place["oneOf"][2]["properties"]["At"]["properties"];
        assert_eq!((&at["from"], &at["to"]), (&date, &names));
        let colour = property(LampEventType::Hung, "colour");
        assert_eq!(colour, json!({"anyOf": [names, {"type": "null"}]}));
    }

    #[test]
    fn schema_of_object_has_required_and_additional_properties() {
        let size = property(LampEventType::Hung, "size");
        assert_eq!(size["required"], json!(["width"]));
        assert_eq!(size["additionalProperties"], json!(false));
        let branch = property(LampEventType::Grown, "branch");
        assert_eq!(branch["required"], json!(["id"]));
        assert_eq!(branch.get("additionalProperties"), None);
        assert_eq!(branch["properties"]["id"]["format"], "uuid");
        let inner = &branch["properties"]["of"];
        assert_eq!(inner["type"], json!(["object", "null"]));
    }

    #[test]
    fn schema_of_lists_and_maps_has_item_schemas() {
        let tags = property(LampEventType::Hung, "tags");
        assert_eq!(tags["items"]["prefixItems"][1], json!({"type": "boolean"}));
        assert_eq!(tags["items"]["maxItems"], 2);
        let notes = property(LampEventType::Hung, "notes");
        assert_eq!(notes["additionalProperties"]["type"], "string");
    }

    #[test]
    fn schema_of_required_field_is_not_null_and_custom_checks_are_tried() {
        let schema = payload_schema::<LampEvent>(LampEventType::Grown);
        assert_eq!(schema["properties"]["even"]["type"], "string");
        assert_eq!(schema["required"], json!(["even", "branch", "any"]));
        let any = json!({"type": ["array", "boolean", "number", "object", "string"]});
        assert_eq!(schema["properties"]["any"], any);
    }
}
