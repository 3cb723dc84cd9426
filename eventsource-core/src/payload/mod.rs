//! Payloads of events: conversion from and to JSON, and descriptions learned from serde.
//!
//! Uses the event types and serde only; the store and the REST crate use it.
//!
//! * `value`: conversion of an event from and to a JSON object.
//! * `text`: conversion of an event from and to the text of a JSON object, without values in between.
//! * `scan`: fields of such a text, and what no reader could read.
//! * `absent`: required fields that could never have a value, as serde tells.
//! * `limits`: depth and size of a payload.
//! * `lossy`: values of an event that JSON writes as null although they are something else.
//! * `variant`: deserializer of one variant of the enum, which both conversions use.
//! * `inspect`: fields of a payload type, and deserialization of one field alone.
//! * `trace`: JSON Schema and sample of a type, learned from its `Deserialize`.
//! * `schema`: JSON Schema of a payload, from the traces of its fields.
//! * `columns`: column types for the views of Postgres.

#[cfg(feature = "_store")]
pub(crate) mod absent;
#[cfg(feature = "postgres")]
pub(crate) mod columns;
pub(crate) mod inspect;
#[cfg(feature = "_store")]
pub(crate) mod limits;
#[cfg(feature = "_store")]
pub(crate) mod lossy;
#[cfg(feature = "_store")]
pub(crate) mod scan;
mod schema;
#[cfg(feature = "_store")]
pub(crate) mod text;
pub(crate) mod trace;
mod value;
mod variant;

pub use schema::{payload_schema, type_schema};
pub use value::{PayloadError, from_payload, payload_fields, to_payload};
