//! Deserialization of the data of an entity from JSON.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value};

/// Fields of a serialized `Event::Data`, from which the generated `Deserialize` takes each value.
///
/// `E` is the error type of the deserializer.
pub struct StoredData<E> {
    fields: Map<String, Value>,
    error: PhantomData<fn() -> E>,
}

impl<E: Error> StoredData<E> {
    /// Reads all fields.
    ///
    /// # Errors
    /// If the data are not a map of fields.
    pub fn read<'de, D: Deserializer<'de, Error = E>>(deserializer: D) -> Result<Self, E> {
        Ok(Self {
            fields: Map::deserialize(deserializer)?,
            error: PhantomData,
        })
    }

    /// Takes the value of a field, an `Option`; `None` if there is no such field.
    ///
    /// # Errors
    /// If the value does not have the type of the field.
    pub fn take<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, E> {
        let value = self.take_with(name, serde_json::from_value)?;
        Ok(value.unwrap_or_default())
    }

    /// Takes the value of a field through `read`; `None` if it is absent or null.
    ///
    /// # Errors
    /// If `read` refuses the value.
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
