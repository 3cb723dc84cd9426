//! How the data of an entity is read back from its JSON.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value};

/// The fields of `Event::Data` on their way to the struct, with the error of who reads them.
pub struct StoredData<E> {
    fields: Map<String, Value>,
    error: PhantomData<fn() -> E>,
}

impl<E: Error> StoredData<E> {
    /// All of them, by name.
    pub fn read<'de, D: Deserializer<'de, Error = E>>(deserializer: D) -> Result<Self, E> {
        Ok(Self {
            fields: Map::deserialize(deserializer)?,
            error: PhantomData,
        })
    }

    /// An `Option` of what the field holds; `None` if there is no such field.
    pub fn take<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, E> {
        let value = self.take_with(name, serde_json::from_value)?;
        Ok(value.unwrap_or_default())
    }

    /// What `read` makes of the field, unless it has no value.
    pub fn take_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, serde_json::Error>,
    ) -> Result<Option<T>, E> {
        let value = self.fields.remove(name).filter(|value| !value.is_null());
        let value = value.map(read).transpose();
        value.map_err(|error| E::custom(format_args!("{name}: {error}")))
    }
}
