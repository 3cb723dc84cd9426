//! Tracing of `Deserialize`: the JSON Schema of a type, and a sample value that it accepts.
//!
//! Uses serde only.
//!
//! * `probe`: repeated runs of a type's `Deserialize`, and what they have discovered.
//! * `deserializer`: the `Deserializer` of a probe.
//! * `parts`: items, fields and entries, each traced by a probe of its own.
//! * `variants`: variants of an enum, each tried in a run of its own.
//! * `texts`: sample texts for types that serde writes as text.

mod deserializer;
mod parts;
mod probe;
mod texts;
mod variants;

pub(crate) use probe::trace;
