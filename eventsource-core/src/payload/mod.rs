//! Payloads of events: written, read, and described by asking serde.
//!
//! * [`value`] and [`text`]: between an event and its payload, as a JSON value or as text.
//! * [`inspect`]: the fields of a payload type, and one field alone.
//! * [`trace`], [`schema`], [`columns`]: JSON Schema and column types, learned from `Deserialize`.

#[cfg(feature = "postgres")]
pub(crate) mod columns;
pub(crate) mod inspect;
mod schema;
#[cfg(feature = "_store")]
pub(crate) mod text;
pub(crate) mod trace;
mod value;
mod variant;

pub use schema::payload_schema;
pub use value::{PayloadError, from_payload, payload_fields, to_payload};
