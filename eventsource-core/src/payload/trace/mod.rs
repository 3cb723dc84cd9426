//! Tracing of `Deserialize`: what a type asks for, as a JSON Schema and a value that it takes.

mod deserializer;
mod parts;
mod probe;
mod texts;
mod variants;

pub(crate) use probe::trace;
