//! Variants of an enum in a payload, each tried in a run of its own.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error as _, VariantAccess, Visitor};
use serde_json::{Value, json};

use crate::payload::trace::probe::{Probe, Traced};

type Error = serde_json::Error;

/// Access to one variant, which notes the schema of its content in `found`.
pub(crate) struct VariantProbe<'a, 'b> {
    probe: &'a Probe<'b>,
    name: &'static str,
    found: &'a mut Traced,
}

impl VariantProbe<'_, '_> {
    /// Provides the first variant that has not been traced, or else the first with a sample.
    pub(crate) fn visit<'de, V: Visitor<'de>>(
        probe: Probe<'_>,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let known = {
            let mut discoveries = probe.discoveries.borrow_mut();
            let known = discoveries.variants.entry(probe.path.clone());
            let known = known.or_insert_with(|| vec![None; variants.len()]);
            known.clone()
        };
        let unknown = known.iter().position(Option::is_none);
        let usable = |found: &Option<Traced>| found.as_ref().is_some_and(|f| f.sample.is_some());
        let Some(chosen) = unknown.or_else(|| known.iter().position(usable)) else {
            probe.found.schema = json!({"enum": variants});
            return Err(Error::custom("no variant has a sample"));
        };
        let mut found = Traced::default();
        let value = visitor.visit_enum(VariantProbe {
            probe: &probe,
            name: variants[chosen],
            found: &mut found,
        });
        if unknown.is_some() {
            let mut discoveries = probe.discoveries.borrow_mut();
            // If a text inside was not accepted, another one is tried before the variant counts as
            // traced.
            if value.is_ok() || !discoveries.is_rerun() {
                if let Some(known) = discoveries.variants.get_mut(&probe.path) {
                    known[chosen] = Some(found.clone());
                }
                discoveries.rerun();
            }
        }
        *probe.found = Traced {
            schema: either(variants, known),
            sample: found.sample,
        };
        value
    }

    /// Notes the schema of a variant without content.
    fn trace_unit(&mut self) {
        *self.found = Traced::new(json!({"const": self.name}), self.name);
    }

    /// Notes the schema of a variant with this content.
    fn trace_content(&mut self, held: Traced) {
        let name = self.name;
        let schema = if held.schema.is_null() {
            json!({})
        } else {
            held.schema
        };
        self.found.schema = json!({
            "type": "object", "properties": {name: schema}, "required": [name],
            "additionalProperties": false,
        });
        self.found.sample = held.sample.map(|sample| json!({name: sample}));
    }
}

/// Returns the schema of an enum: an `enum` of names if no variant has content.
fn either(variants: &[&str], known: Vec<Option<Traced>>) -> Value {
    let schemas: Vec<Value> = known
        .into_iter()
        .flatten()
        .map(|found| found.schema)
        .collect();
    if schemas.iter().all(|schema| schema.get("const").is_some()) {
        return json!({"type": "string", "enum": variants});
    }
    json!({"oneOf": schemas})
}

impl<'de> EnumAccess<'de> for VariantProbe<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = StrDeserializer::new(self.name);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for VariantProbe<'_, '_> {
    type Error = Error;

    fn unit_variant(mut self) -> Result<(), Error> {
        self.trace_unit();
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Error> {
        let mut held = Traced::default();
        let value = seed.deserialize(self.probe.inside(self.name, &mut held));
        self.trace_content(held);
        value
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let mut held = Traced::default();
        let value = self.probe.inside(self.name, &mut held).tuple(len, visitor);
        self.trace_content(held);
        value
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut held = Traced::default();
        let value = self
            .probe
            .inside(self.name, &mut held)
            .fields(fields, visitor);
        self.trace_content(held);
        value
    }
}
