//! Parts of a compound type: items, fields and entries, each traced by a probe of its own.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use crate::payload::trace::probe::{Probe, Traced};

type Error = serde_json::Error;

/// Items of a list or tuple.
pub(crate) struct ProbedItems<'a, 'b> {
    pub(crate) probe: &'a Probe<'b>,
    left: usize,
    pub(crate) found: Vec<Traced>,
}

impl<'a, 'b> ProbedItems<'a, 'b> {
    /// Creates the access to `left` items.
    pub(crate) fn new(probe: &'a Probe<'b>, left: usize) -> Self {
        Self {
            probe,
            left,
            found: Vec::new(),
        }
    }
}

impl<'de> SeqAccess<'de> for ProbedItems<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut found = Traced::default();
        let step = self.found.len().to_string();
        let item = seed.deserialize(self.probe.inside(&step, &mut found));
        self.found.push(found);
        item.map(Some)
    }
}

/// Fields of a struct, each with a value.
pub(crate) struct ProbedFields<'a, 'b> {
    pub(crate) probe: &'a Probe<'b>,
    pub(crate) fields: std::slice::Iter<'static, &'static str>,
    pub(crate) found: Vec<(&'static str, Traced)>,
}

impl<'de> MapAccess<'de> for ProbedFields<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.fields.next() else {
            return Ok(None);
        };
        self.found.push((field, Traced::default()));
        let name: StrDeserializer<'_, Error> = StrDeserializer::new(field);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let mut found = Traced::default();
        let field = self.found.last().map_or("", |(field, _)| *field);
        let value = seed.deserialize(self.probe.inside(field, &mut found));
        if let Some(last) = self.found.last_mut() {
            last.1 = found;
        }
        value
    }
}

/// Single entry of a map.
pub(crate) struct ProbedEntry<'a, 'b> {
    pub(crate) probe: &'a Probe<'b>,
    pub(crate) left: usize,
    pub(crate) key: Traced,
    pub(crate) value: Traced,
}

impl<'de> MapAccess<'de> for ProbedEntry<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left = 0;
        seed.deserialize(self.probe.inside("key", &mut self.key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.probe.inside("value", &mut self.value))
    }
}
