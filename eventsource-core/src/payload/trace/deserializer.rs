//! Deserializer of a probe: provides the value that a type asks for, and notes its schema.

use serde::de::{Deserializer, Visitor};
use serde_json::{Map, Value, json};

use crate::payload::trace::parts::{ProbedEntry, ProbedFields, ProbedItems};
use crate::payload::trace::probe::{Probe, Traced};
use crate::payload::trace::variants::VariantProbe;

type Error = serde_json::Error;

impl Probe<'_> {
    /// Traces a tuple of `len` items.
    pub(crate) fn tuple<'de, V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut items = ProbedItems::new(&self, len);
        let value = visitor.visit_seq(&mut items);
        let found = items.found;
        let schemas: Vec<&Value> = found.iter().map(|item| &item.schema).collect();
        self.found.schema = json!({
            "type": "array", "prefixItems": schemas, "minItems": len, "maxItems": len,
        });
        self.found.sample = samples(&found).map(Value::from);
        value
    }

    /// Traces a struct with these fields.
    pub(crate) fn fields<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut given = ProbedFields {
            probe: &self,
            fields: fields.iter(),
            found: Vec::new(),
        };
        let value = visitor.visit_map(&mut given);
        let found = given.found;
        let mut properties = Map::new();
        let mut sample = Some(Map::new());
        for (name, field) in found {
            match (&mut sample, field.sample) {
                (Some(sample), Some(value)) => _ = sample.insert(name.to_owned(), value),
                _ => sample = None,
            }
            properties.insert(name.to_owned(), field.schema);
        }
        self.found.schema = json!({"type": "object", "properties": properties});
        self.found.sample = sample.map(Value::from);
        value
    }
}

/// Returns the samples of all items; `None` if one has none.
fn samples(found: &[Traced]) -> Option<Vec<Value>> {
    found.iter().map(|item| item.sample.clone()).collect()
}

/// Returns the schema for a value that may also be null.
fn nullable(schema: Value) -> Value {
    match &schema["type"] {
        Value::String(name) if schema.get("enum").is_none() => {
            let mut either = schema.clone();
            either["type"] = json!([name, "null"]);
            either
        }
        _ if schema == json!({}) => schema,
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// Declares methods for integer types: method, visitor method, and type with its range.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                let schema = json!({
                    "type": "integer", "minimum": <$type>::MIN, "maximum": <$type>::MAX,
                });
                *self.found = Traced::new(schema, 1);
                visitor.$visit(1)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({}), "x");
        visitor.visit_str("x")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({"type": "boolean"}), true);
        visitor.visit_bool(true)
    }

    integers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({"type": "integer"}), 1);
        visitor.visit_i128(1)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({"type": "integer", "minimum": 0}), 1);
        visitor.visit_u128(1)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // A greater number would become infinite, which JSON cannot express.
        let schema = json!({"type": "number", "minimum": -3.4e38, "maximum": 3.4e38});
        *self.found = Traced::new(schema, 1.5);
        visitor.visit_f32(1.5)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({"type": "number"}), 1.5);
        visitor.visit_f64(1.5)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 1});
        *self.found = Traced::new(schema, "x");
        visitor.visit_char('x')
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({}), "x");
        visitor.visit_bytes(b"x")
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.too_deep() {
            *self.found = Traced::new(json!({}), Value::Null);
            return visitor.visit_none();
        }
        let mut found = Traced::default();
        let value = visitor.visit_some(self.inside("some", &mut found));
        self.found.schema = nullable(found.schema);
        self.found.sample = found.sample;
        value
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Traced::new(json!({"type": "null"}), Value::Null);
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut items = ProbedItems::new(&self, usize::from(!self.too_deep()));
        let value = visitor.visit_seq(&mut items);
        let found = items.found;
        let item = found.first().map(|item| item.schema.clone());
        self.found.schema = json!({"type": "array", "items": item.unwrap_or(json!({}))});
        self.found.sample = samples(&found).map(Value::from);
        value
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut entry = ProbedEntry {
            probe: &self,
            left: usize::from(!self.too_deep()),
            key: Traced::default(),
            value: Traced::default(),
        };
        let value = visitor.visit_map(&mut entry);
        let (key, held) = (entry.key, entry.value);
        let held_schema = if held.schema.is_null() {
            json!({})
        } else {
            held.schema
        };
        self.found.schema = json!({"type": "object", "additionalProperties": held_schema});
        let sample = held.sample.zip(key.sample);
        self.found.sample = sample.map(|(value, key)| {
            let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            json!({ key: value })
        });
        value
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        VariantProbe::visit(self, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
}
