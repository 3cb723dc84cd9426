//! `GET /api/v1/machine`: the rules, for programs and for people. May use `wire`.

mod described;
mod example;
mod routes;
mod rules;
mod schema;

pub(crate) use described::{Described, DescribedEvent};
pub(crate) use routes::routes;
pub(crate) use schema::bodies;
