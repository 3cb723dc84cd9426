//! `GET /api/v1/machine`: the rules of the machines, as JSON, pictures and JSON Schema.
//!
//! May use `wire`.

mod description;
mod example;
mod routes;
mod rules;
mod schema;

pub(crate) use description::{CommandDescription, EventDescription, MachineDescription};
pub(crate) use routes::routes;
pub(crate) use schema::bodies;
