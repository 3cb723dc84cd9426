//! Payload of an export and an import: the text that is stored.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Payload as JSON text, byte for byte as it is stored.
///
/// An export writes it as it is, and an import stores it so: neither order of keys nor notation of
/// numbers changes.
///
/// ```
/// use eventsource_core::PayloadJson;
///
/// let payload: PayloadJson = serde_json::from_str(r#"{"watts": 1e2, "at": -0.0}"#).unwrap();
/// assert_eq!(payload.as_str(), r#"{"watts": 1e2, "at": -0.0}"#);
/// assert_eq!(payload.fields().unwrap()["watts"], 100.0);
///
/// let payload = serde_json::json!({"watts": 60}).as_object().unwrap().clone();
/// assert_eq!(PayloadJson::from(payload).as_str(), r#"{"watts":60}"#);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PayloadJson(Box<str>);

/// Text of a payload without fields.
const EMPTY: &str = "{}";

impl PayloadJson {
    /// Creates the payload of a text that the database holds, or serde has written.
    pub(crate) fn of_stored(text: String) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the payload has no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str() == EMPTY
    }

    /// Parses the text.
    ///
    /// # Errors
    /// If it is no JSON object that `serde_json` reads.
    pub fn fields(&self) -> serde_json::Result<Map<String, Value>> {
        serde_json::from_str(&self.0)
    }
}

impl Default for PayloadJson {
    fn default() -> Self {
        Self(EMPTY.into())
    }
}

impl fmt::Debug for PayloadJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Map<String, Value>> for PayloadJson {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Value::Object(fields).to_string().into())
    }
}

impl Serialize for PayloadJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.0) {
            Ok(text) => text.serialize(serializer),
            // Only tampering has stored such a payload: an import refuses it, but nothing is lost.
            Err(_) => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for PayloadJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self(text.into()))
    }
}
