//! `GET /api/openapi.json`: the OpenAPI document of all endpoints.
//!
//! May use `wire`, `options` and `machine`.

mod command_paths;
mod description;
mod document;
mod events;
mod machine_paths;
mod operation;
mod parameters;
mod resources;
mod responses;
mod routes;
#[cfg(feature = "runtime")]
mod runtime_paths;
mod search_operations;
mod service_paths;
mod view_paths;

pub(crate) use description::{ServiceDescription, ViewDescription};
pub(crate) use routes::routes;
